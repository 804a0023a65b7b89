"""Refusals of claims.

```
DomainError
├── NotFoundError
│   ├── ClaimNotFoundError
│   └── ItemNotFoundError
├── ForbiddenError
│   └── RecusedError
├── ConflictError
│   ├── ItemNotClaimableError
│   ├── CapReachedError
│   └── AlreadyVotedError
└── InvalidError
    ├── HappenedOnInvalidError
    ├── PhotosMissingError
    └── ReasonMissingError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class ClaimNotFoundError(NotFoundError):
    code = "points.claim_not_found"
    title = "没有这条申报"
    detail = "没有找到这条积分申报。"


class ItemNotFoundError(NotFoundError):
    code = "points.item_not_found"
    title = "细则里没有这一项"
    detail = "现行积分细则里没有这一项，请从细则里选择。"


class ItemNotClaimableError(ConflictError):
    code = "points.item_not_claimable"
    title = "这一项不能申报"
    detail = "扣分项不能由居民申报，请选择加分项。"


class CapReachedError(ConflictError):
    code = "points.cap_reached"
    title = "申报次数已满"
    detail = "“{item}”每户 {days} 天内最多申报 {count} 次，您家已满。"


class RecusedError(ForbiddenError):
    code = "points.recused"
    title = "应当回避"
    detail = "这是您自己家的申报，按规定应当回避，请由其他人办理。"


class AlreadyVotedError(ConflictError):
    code = "points.already_voted"
    title = "已经评过"
    detail = "您已经评过这条申报，不能再评。"


class HappenedOnInvalidError(InvalidError):
    code = "points.happened_on_invalid"
    title = "日期不对"
    detail = "发生日期不能晚于今天，也不能早于 {days} 天以前。"


class PhotosMissingError(InvalidError):
    code = "points.photos_missing"
    title = "照片不够"
    detail = "这一项需要至少 {required} 张照片，请补充后再提交。"


class ReasonMissingError(InvalidError):
    code = "points.reason_missing"
    title = "请写明理由"
    detail = "不同意时请写明理由，让申报的人知道为什么。"
