"""Refusals of kinds of help.

```
DomainError
└── NotFoundError
    └── HelpKindNotFoundError
```
"""

from shared.kernel.errors import NotFoundError


class HelpKindNotFoundError(NotFoundError):
    code = "points.help_kind_not_found"
    title = "没有这类服务"
    detail = "时间银行现在没有这类服务，请在服务目录里另选一类。"
