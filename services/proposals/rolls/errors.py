"""Refusals of the rolls slice.

```
DomainError
├── NotFoundError  RollNotFoundError    proposals.roll_not_found
└── ConflictError
    ├── RollEmptyError                  proposals.roll_empty
    └── RollNotFrozenError              proposals.roll_not_frozen
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class RollNotFoundError(NotFoundError):
    code = "proposals.roll_not_found"
    title = "没有找到这份名册"
    detail = "没有找到这份表决名册，可能编号有误或不属于本社区。"


class RollEmptyError(ConflictError):
    code = "proposals.roll_empty"
    title = "名册里没有人"
    detail = "“{scope}”范围内没有可以表决的住户，不能冻结名册。"


class RollNotFrozenError(ConflictError):
    code = "proposals.roll_not_frozen"
    title = "名册还没有冻结"
    detail = "要先冻结名册，才能用它来表决。"
