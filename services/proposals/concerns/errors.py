"""Refusals of the concerns slice.

```
DomainError
├── InvalidError   ReasonMissingError        proposals.triage_reason_missing
├── NotFoundError
│   ├── ConcernNotFoundError                 proposals.concern_not_found
│   └── HouseholdNotFoundError               proposals.household_not_found
└── ConflictError
    ├── ConcernMergedError                   proposals.concern_merged
    ├── MergeIntoItselfError                 proposals.concern_merge_into_itself
    └── ConcernNotMajorError                 proposals.concern_not_major
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class ConcernNotFoundError(NotFoundError):
    code = "proposals.concern_not_found"
    title = "没有找到这条诉求"
    detail = "没有找到这条诉求，可能编号有误或不属于本社区。"


class HouseholdNotFoundError(NotFoundError):
    code = "proposals.household_not_found"
    title = "没有找到这一户"
    detail = "名册里没有这一户，或已经搬走；请核对是谁反映的，不知道是哪一户就不填。"


class ReasonMissingError(InvalidError):
    code = "proposals.triage_reason_missing"
    title = "请写明分流理由"
    detail = "把诉求分为“{level}”要写明理由，提出诉求的人会看到。"


class ConcernMergedError(ConflictError):
    code = "proposals.concern_merged"
    title = "这条诉求已并入另一条"
    detail = "这条诉求已并入另一条同样的诉求，请在那一条里继续办理。"


class MergeIntoItselfError(ConflictError):
    code = "proposals.concern_merge_into_itself"
    title = "不能并入自己"
    detail = "一条诉求不能并入它自己，也不能并入已被合并的诉求，请选择另一条。"


class ConcernNotMajorError(ConflictError):
    code = "proposals.concern_not_major"
    title = "只有大事才进入议题"
    detail = "这条诉求还没有分流为“大事”，不能转为议题。"
