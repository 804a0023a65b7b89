"""Refusals of kinships.

```
DomainError
├── NotFoundError
│   └── KinshipNotFoundError
├── ForbiddenError
│   └── KinshipNotOwnError
└── ConflictError
    ├── KinshipKnownError
    └── OwnHouseholdError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, NotFoundError


class KinshipNotFoundError(NotFoundError):
    code = "points.kinship_not_found"
    title = "没有这条亲属申明"
    detail = "没有找到这条亲属申明，可能已经撤销。"


class KinshipNotOwnError(ForbiddenError):
    code = "points.kinship_not_own"
    title = "请监督员撤销"
    detail = "这条亲属申明是监督员替您填的，自己不能撤销；如果不属实，请另一位监督员核实后撤销。"


class KinshipKnownError(ConflictError):
    code = "points.kinship_known"
    title = "已经申明过"
    detail = "这户已经申明过是亲属，不用再填。"


class OwnHouseholdError(ConflictError):
    code = "points.kinship_own_household"
    title = "自己家不用申明"
    detail = "自己家的申报本来就要回避，不用再申明。"
