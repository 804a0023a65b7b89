"""Refusals of rulebook drafts.

```
DomainError
├── NotFoundError
│   └── DraftNotFoundError
└── ConflictError
    └── ProposalTakenError
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class DraftNotFoundError(NotFoundError):
    code = "points.rulebook_draft_not_found"
    title = "没有这份草案"
    detail = "没有找到这份细则草案。"


class ProposalTakenError(ConflictError):
    code = "points.proposal_taken"
    title = "这项提案已有草案"
    detail = "这项提案已经对应另一份草案；一项提案只能表决一份草案。"
