"""Refusals of families.

```
DomainError
├── ForbiddenError
│   └── FamilyRecusedError
├── InvalidError
│   ├── SameHouseholdError
│   └── ReasonMissingError
└── ConflictError
    ├── OpenHoldsError
    └── StandingMissingError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError


class FamilyRecusedError(ForbiddenError):
    code = "points.family_recused"
    title = "应当回避"
    detail = "这里有一户是您自己家或亲属家，按规定应当回避，请换一位管理员办理。"


class SameHouseholdError(InvalidError):
    code = "points.same_household"
    title = "是同一户"
    detail = "合户、分户要选两个不同的住户。"


class ReasonMissingError(InvalidError):
    code = "points.merge_reason_missing"
    title = "没有写原因"
    detail = "请写明为什么合户或分户，方便以后查看。"


class OpenHoldsError(ConflictError):
    code = "points.open_holds"
    title = "还有没取的兑换"
    detail = "这户还有 {held} 分预留着，请先取货或取消兑换，再来合户。"


class StandingMissingError(ConflictError):
    code = "points.standing_missing"
    title = "评议分不够分"
    detail = "评议分不够：要分出 {needed} 分，现有 {available} 分。"
