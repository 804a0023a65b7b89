"""Refusals of the proposals slice.

```
DomainError
├── NotFoundError
│   ├── ProposalNotFoundError                 proposals.proposal_not_found
│   └── OpinionNotFoundError                  proposals.opinion_not_found
├── PreconditionError TextChangedError        proposals.text_changed
└── ConflictError
    ├── AlreadyEndorsedError                  proposals.already_endorsed
    ├── NotInScopeError                       proposals.not_in_scope
    ├── NoHouseholdsInScopeError              proposals.no_households_in_scope
    ├── TextUnchangedError                    proposals.text_unchanged
    └── EndorsementsShortError                proposals.endorsements_short
```
"""

from shared.kernel.errors import ConflictError, NotFoundError, PreconditionError


class ProposalNotFoundError(NotFoundError):
    code = "proposals.proposal_not_found"
    title = "没有找到这个议题"
    detail = "没有找到这个议题，可能编号有误或不属于本社区。"


class OpinionNotFoundError(NotFoundError):
    code = "proposals.opinion_not_found"
    title = "没有找到这条意见"
    detail = "没有找到这条意见，可能编号有误或不属于本社区。"


class TextChangedError(PreconditionError):
    code = "proposals.text_changed"
    title = "议题内容已经改过"
    detail = "您看到的是旧的内容，议题现在是第 {version_no} 版。请先看新内容，再决定是否支持。"


class AlreadyEndorsedError(ConflictError):
    code = "proposals.already_endorsed"
    title = "您家已经附议"
    detail = "您家已经附议过这一版内容，一户一次就够了。"


class NotInScopeError(ConflictError):
    code = "proposals.not_in_scope"
    title = "这个议题不涉及您家"
    detail = "这个议题只由“{scope}”范围内的住户附议和表决，您家不在其中。"


class NoHouseholdsInScopeError(ConflictError):
    code = "proposals.no_households_in_scope"
    title = "范围内没有住户"
    detail = "所选范围内没有登记的住户，请检查楼栋或网格，或先导入名册。"


class TextUnchangedError(ConflictError):
    code = "proposals.text_unchanged"
    title = "内容没有变化"
    detail = "新内容与现在的一版完全相同，不需要再提交。"


class EndorsementsShortError(ConflictError):
    code = "proposals.endorsements_short"
    title = "附议户数还不够"
    detail = "需要 {needed} 户附议，现在有 {have} 户。"
