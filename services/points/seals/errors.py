"""Refusals of seals.

```
DomainError
└── NotFoundError
    └── SealNotFoundError
```
"""

from shared.kernel.errors import NotFoundError


class SealNotFoundError(NotFoundError):
    code = "points.seal_not_found"
    title = "没有这个封签"
    detail = "没有找到这个编号的封签，请核对公告上的编号。"
