"""Refusals of budgets.

```
DomainError
├── NotFoundError
│   └── BudgetNotFoundError
├── ConflictError
│   ├── BudgetExhaustedError
│   ├── BudgetOverlapsError
│   ├── BudgetNotBackedError
│   └── BudgetBelowChargedError
└── InvalidError
    └── BudgetDaysInvalidError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class BudgetNotFoundError(NotFoundError):
    code = "points.budget_not_found"
    title = "没有这份额度"
    detail = "没有找到这份积分发放额度。"


class BudgetExhaustedError(ConflictError):
    code = "points.budget_exhausted"
    title = "发放额度已用完"
    detail = "本期积分发放额度只剩 {left} 分，不够发放 {needed} 分；请社区增加额度后再办。"


class BudgetOverlapsError(ConflictError):
    code = "points.budget_overlaps"
    title = "日期重叠"
    detail = "这些日子里已经有额度“{name}”（{starts_on} 至 {ends_on}），同一天只能有一份额度。"


class BudgetNotBackedError(ConflictError):
    code = "points.budget_not_backed"
    title = "资金不够支撑这份额度"
    detail = (
        "这份额度要 {needed_fen} 分钱，“{fund}”一共收进 {income_fen} 分钱，别的额度已占用 {promised_fen} 分钱，"
        "只剩 {free_fen} 分钱可用；请先登记收入，或者把额度改小。"
    )


class BudgetBelowChargedError(ConflictError):
    code = "points.budget_below_charged"
    title = "额度不能低于已发放"
    detail = "这份额度已经发放 {charged} 分，不能改得更低。"


class BudgetDaysInvalidError(InvalidError):
    code = "points.budget_days_invalid"
    title = "起止日期不对"
    detail = "结束日期不能早于开始日期，也不能早于今天。"
