"""Refusals of notices.

```
DomainError
└── NotFoundError
    └── StatementNotFoundError
```
"""

from shared.kernel.errors import NotFoundError


class StatementNotFoundError(NotFoundError):
    code = "points.statement_not_found"
    title = "没有这份汇总"
    detail = "这一期里没有找到这一户（楼栋、网格）的汇总；不愿公开的家庭只有自己能看。"
