"""Refusals of rulebooks.

```
DomainError
├── NotFoundError
│   ├── RulebookNotFoundError
│   ├── ItemNotFoundError
│   └── DecisionNotFoundError
├── ConflictError
│   └── DecisionUsedError
└── InvalidError
    ├── ItemCodeRepeatedError
    ├── ClaimantInvalidError
    ├── QuantityCapInvalidError
    ├── PeriodInvalidError
    └── MinutesMissingError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class RulebookNotFoundError(NotFoundError):
    code = "points.rulebook_not_found"
    title = "还没有积分细则"
    detail = "没有找到这一版积分细则；社区还没有通过细则时，不能申报积分。"


class ItemNotFoundError(NotFoundError):
    code = "points.item_not_found"
    title = "细则里没有这一项"
    detail = "现行积分细则里没有这一项，请从细则里选择。"


class DecisionNotFoundError(NotFoundError):
    code = "points.decision_not_found"
    title = "没有这项决议"
    detail = "没有找到已经公布的这项决议；请核对编号，或改为附上会议纪要。"


class DecisionUsedError(ConflictError):
    code = "points.decision_used"
    title = "这项决议已经用过"
    detail = "这项决议已经通过了第 {version} 版细则，一项决议只能通过一版。"


class ItemCodeRepeatedError(InvalidError):
    code = "points.item_code_repeated"
    title = "项目编号重复"
    detail = "积分细则里有重复的项目编号，请改成不同的编号。"


class ClaimantInvalidError(InvalidError):
    code = "points.claimant_invalid"
    title = "申报人设置不对"
    detail = "“{item}”的申报人不对：扣分项不能由居民自己填，评议项只能由评议小组填，每一项至少要有一种人能填。"


class QuantityCapInvalidError(InvalidError):
    code = "points.quantity_cap_invalid"
    title = "数量上限不对"
    detail = "“{item}”一次能报的数量超过了封顶数量，请改小。"


class PeriodInvalidError(InvalidError):
    code = "points.rulebook_period_invalid"
    title = "生效日期不对"
    detail = "细则的生效日期不能早于今天。"


class MinutesMissingError(InvalidError):
    code = "points.minutes_missing"
    title = "缺少通过的依据"
    detail = "请写明是哪项决议通过的，或者附上会议纪要的照片或文件。"
