"""Refusals of histories.

```
DomainError
└── InvalidError
    └── DaysReversedError
```
"""

from shared.kernel.errors import InvalidError


class DaysReversedError(InvalidError):
    code = "points.days_reversed"
    title = "日期前后颠倒"
    detail = "开始日期不能晚于结束日期，请改一下再查。"
