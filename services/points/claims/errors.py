"""Refusals of claims.

```
DomainError
├── NotFoundError
│   └── ClaimNotFoundError
├── ForbiddenError
│   ├── RecusedError
│   └── ClerkError
├── ConflictError
│   ├── ItemNotClaimableError
│   ├── CapReachedError
│   ├── CommunityCapReachedError
│   ├── HouseholdCapReachedError
│   ├── ResubmissionError
│   └── AlreadyVotedError
└── InvalidError
    ├── HappenedOnInvalidError
    ├── QuantityTooLargeError
    ├── PhotosMissingError
    ├── ReasonMissingError
    └── ExportTooLargeError
```
"""

from services.points.rulebooks.errors import ItemNotFoundError
from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError

__all__ = [
    "AlreadyVotedError",
    "CapReachedError",
    "ClaimNotFoundError",
    "ClerkError",
    "CommunityCapReachedError",
    "ExportTooLargeError",
    "HappenedOnInvalidError",
    "HouseholdCapReachedError",
    "ItemNotClaimableError",
    "ItemNotFoundError",
    "PhotosMissingError",
    "QuantityTooLargeError",
    "ReasonMissingError",
    "RecusedError",
    "ResubmissionError",
]


class ClaimNotFoundError(NotFoundError):
    code = "points.claim_not_found"
    title = "没有这条申报"
    detail = "没有找到这条积分申报。"


class ItemNotClaimableError(ConflictError):
    code = "points.item_not_claimable"
    title = "这一项不能申报"
    detail = "这一项不能由您填报：扣分项由网格员或评议小组填，评议项由评议小组填；请选择别的项目。"


class CapReachedError(ConflictError):
    code = "points.cap_reached"
    title = "申报数量已满"
    detail = "“{item}”每户 {days} 天内最多 {count} {unit}，这户已报 {taken} {unit}，放不下这次的数量。"


class CommunityCapReachedError(ConflictError):
    code = "points.community_cap_reached"
    title = "全社区名额已满"
    detail = "“{item}”全社区 {days} 天内最多 {count} {unit}，已报 {taken} {unit}，放不下这次的数量。"


class HouseholdCapReachedError(ConflictError):
    code = "points.household_cap_reached"
    title = "本户积分已封顶"
    detail = "每户 {days} 天内最多申报 {cap} 分，这户已报 {taken} 分，放不下这次的 {points} 分。"


class ResubmissionError(ConflictError):
    code = "points.resubmission_invalid"
    title = "不能这样重新申报"
    detail = "只能对自己家没有通过的同一项申报重新提交，而且只能重新提交一次。"


class RecusedError(ForbiddenError):
    code = "points.recused"
    title = "应当回避"
    detail = "这是您自己家或亲属家的申报、异议或申诉，按规定应当回避，请由其他人办理。"


class ClerkError(ForbiddenError):
    code = "points.clerk_recused"
    title = "经手人不能审核"
    detail = "这条是您录入的，录入的人不能再审核，请由其他人办理。"


class AlreadyVotedError(ConflictError):
    code = "points.already_voted"
    title = "已经评过"
    detail = "您已经评过这条申报，不能再评。"


class HappenedOnInvalidError(InvalidError):
    code = "points.happened_on_invalid"
    title = "日期不对"
    detail = "发生日期不能晚于今天，也不能早于 {days} 天以前。"


class QuantityTooLargeError(InvalidError):
    code = "points.quantity_too_large"
    title = "数量太大"
    detail = "“{item}”一次最多报 {most} {unit}，请改小或分几次申报。"


class PhotosMissingError(InvalidError):
    code = "points.photos_missing"
    title = "照片不够"
    detail = "这一项需要至少 {required} 张照片，请补充后再提交。"


class ReasonMissingError(InvalidError):
    code = "points.reason_missing"
    title = "请写明理由"
    detail = "不同意时请写明理由，让申报的人知道为什么。"


class ExportTooLargeError(InvalidError):
    code = "points.export_too_large"
    title = "导出的内容太多"
    detail = "符合条件的申报超过 {limit} 条，请缩小日期范围，分几次导出。"
