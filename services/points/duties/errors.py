"""Refusals of the duty log.

```
DomainError
├── NotFoundError
│   └── DutyNotFoundError
├── ConflictError
│   ├── AdoptionNotActiveError
│   ├── DutyAlreadyLoggedError
│   └── DutyAlreadyJudgedError
├── ForbiddenError
│   └── InspectionRecusedError
└── InvalidError
    ├── DutyDateError
    └── InspectionReasonMissingError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class DutyNotFoundError(NotFoundError):
    code = "points.duty_not_found"
    title = "没有这条管护记录"
    detail = "没有找到这条管护记录。"


class AdoptionNotActiveError(ConflictError):
    code = "points.adoption_not_active"
    title = "认领没有生效"
    detail = "认领签字生效以后才能登记管护；已经退出或到期的不能再登记。"


class DutyAlreadyLoggedError(ConflictError):
    code = "points.duty_already_logged"
    title = "当天已经登记"
    detail = "这一天的管护已经登记过，不用重复登记。"


class DutyAlreadyJudgedError(ConflictError):
    code = "points.duty_already_judged"
    title = "已经检查过"
    detail = "这条管护已经检查过，不能再改；如有不同意见，请向监督委员会反映。"


class InspectionRecusedError(ForbiddenError):
    code = "points.inspection_recused"
    title = "应当回避"
    detail = "不能检查自己家或亲属家的认领，请由另一位网格员检查。"


class DutyDateError(InvalidError):
    code = "points.duty_date_invalid"
    title = "日期不对"
    detail = "管护日期不能晚于今天，不能早于 {days} 天以前，也不能早于认领开始的那天。"


class InspectionReasonMissingError(InvalidError):
    code = "points.inspection_reason_missing"
    title = "请写明问题"
    detail = "检查不合格时请写明哪里不合格，让认领人知道怎么改。"
