"""Refusals of passbooks.

```
DomainError
├── ForbiddenError
│   └── ResidentNeededError
├── NotFoundError
│   └── MemberNotFoundError
├── ConflictError
│   ├── MinutesShortError
│   ├── GiftOutsideFamilyError
│   ├── GrantToOwnHouseholdError
│   ├── PoolDecisionUsedError
│   ├── ExchangeClosedError
│   └── ExchangeLimitError
└── InvalidError
    ├── GiftToSelfError
    ├── ExchangeUnevenError
    └── QuarterInvalidError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class ResidentNeededError(ForbiddenError):
    code = "points.resident_needed"
    title = "需要居民身份"
    detail = "时间存折属于居民本人，请用绑定了居民身份的账号登录后再办。"


class MemberNotFoundError(NotFoundError):
    code = "points.member_not_found"
    title = "没有这位居民"
    detail = "没有找到这位居民，或者不是这户的人；请从这户的家庭成员里选，新登记的居民请稍等一分钟再试。"


class MinutesShortError(ConflictError):
    code = "points.minutes_short"
    title = "时间不够"
    detail = "存折里的时间不够：需要 {needed} 分钟，现有 {available} 分钟；可以请家人赠送，或申请社区时间池帮扶。"


class GiftOutsideFamilyError(ConflictError):
    code = "points.gift_outside_family"
    title = "只能送给家人"
    detail = "时间只能送给同一户的家人；想帮助别人，请捐到社区时间池。"


class GrantToOwnHouseholdError(ConflictError):
    code = "points.grant_to_own_household"
    title = "不能给自家拨付"
    detail = "不能给自己家或亲属家拨付时间，请换一位工作人员办理。"


class PoolDecisionUsedError(ConflictError):
    code = "points.pool_decision_used"
    title = "这项决议已经用过"
    detail = "这项决议或这份会议记录已经注入过 {minutes} 分钟，一项决议只能注入一次；要再注入，请先作出新的决议。"


class ExchangeClosedError(ConflictError):
    code = "points.exchange_closed"
    title = "没有开放兑换"
    detail = "本社区没有开放时间兑换积分；存下的时间可以在需要时换取别人的帮助。"


class ExchangeLimitError(ConflictError):
    code = "points.exchange_limit"
    title = "超过本季度限额"
    detail = "每人每季度最多兑换 {most} 分钟，您本季度已兑换 {exchanged} 分钟。"


class GiftToSelfError(InvalidError):
    code = "points.gift_to_self"
    title = "不能送给自己"
    detail = "请选择另一位家人。"


class ExchangeUnevenError(InvalidError):
    code = "points.exchange_uneven"
    title = "分钟数不对"
    detail = "兑换的分钟数应是 {minutes} 的整数倍，请改一下再提交。"


class QuarterInvalidError(InvalidError):
    code = "points.quarter_invalid"
    title = "季度不对"
    detail = "季度应写成年份加季度，例如 2026Q2。"
