"""Refusals of claim sheets.

```
DomainError
├── NotFoundError
│   └── ClaimSheetNotFoundError
├── ConflictError
│   ├── SheetOutdatedError
│   └── SheetVotedError
└── InvalidError
    └── AssessedOnInvalidError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class ClaimSheetNotFoundError(NotFoundError):
    code = "points.claim_sheet_not_found"
    title = "没有这张考评表"
    detail = "没有找到这张考评表。"


class SheetOutdatedError(ConflictError):
    code = "points.claim_sheet_outdated"
    title = "情况已有变化"
    detail = "检查之后，细则、住户或申报又有变化，这张表现在有 {problem_count} 处不合规；一条也没有录入，请看问题清单，改好后重新上传。"


class SheetVotedError(ConflictError):
    code = "points.claim_sheet_voted"
    title = "没有可以评议的"
    detail = "这张表里没有您还可以评议的条目：您已经评过，或者余下的都应当回避。"


class AssessedOnInvalidError(InvalidError):
    code = "points.assessed_on_invalid"
    title = "考评日期不对"
    detail = "考评日期不能晚于今天，也不能早于 {days} 天以前。"
