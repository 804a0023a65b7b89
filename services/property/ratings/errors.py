"""Refusals about ratings.

```
ConflictError
└── AlreadyRatedError          property.already_rated
InvalidError
└── PeriodInvalidError         property.period_invalid
```
"""

from shared.kernel.errors import ConflictError, InvalidError


class AlreadyRatedError(ConflictError):
    code = "property.already_rated"
    title = "已经评价过了"
    detail = "这次维修已经评价过，一次维修只评价一次。"


class PeriodInvalidError(InvalidError):
    code = "property.period_invalid"
    title = "起止日期不对"
    detail = "结束日期要不早于开始日期，且不超过{days}天。"
