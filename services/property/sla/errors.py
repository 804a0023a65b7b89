"""Refusals about calendars and promised times.

```
InvalidError
├── CalendarInvalidError       property.calendar_invalid
└── ServiceLevelInvalidError   property.service_level_invalid
```
"""

from shared.kernel.errors import InvalidError


class CalendarInvalidError(InvalidError):
    code = "property.calendar_invalid"
    title = "日历填写不对"
    detail = "日历填写不对：日期要在{year}年内，且不能重复。"


class ServiceLevelInvalidError(InvalidError):
    code = "property.service_level_invalid"
    title = "服务承诺填写不对"
    detail = "每一级都要写明响应和办结时间，办结时间不能短于响应时间。"
