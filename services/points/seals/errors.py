"""Refusals of seals.

```
DomainError
└── NotFoundError
    ├── SealNotFoundError
    └── NoSealYetError
```
"""

from shared.kernel.errors import NotFoundError


class SealNotFoundError(NotFoundError):
    code = "points.seal_not_found"
    title = "没有这个封签"
    detail = "没有找到这个编号的封签，请核对公告上的编号。"


class NoSealYetError(NotFoundError):
    code = "points.no_seal_yet"
    title = "还没有封签"
    detail = "这个社区的账还没有封过签；每天夜里封一次，请明天再来看。"
