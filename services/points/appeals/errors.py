"""Refusals of appeals.

```
DomainError
├── NotFoundError
│   └── AppealNotFoundError
└── ConflictError
    ├── AppealOpenError
    └── AppealTooLateError
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class AppealNotFoundError(NotFoundError):
    code = "points.appeal_not_found"
    title = "没有这条申诉"
    detail = "没有找到这条申诉。"


class AppealOpenError(ConflictError):
    code = "points.appeal_open"
    title = "已经有人申诉"
    detail = "这条积分已经有人申诉，正在核实，请等答复。"


class AppealTooLateError(ConflictError):
    code = "points.appeal_too_late"
    title = "申诉期已过"
    detail = "入账后 {days} 天内可以申诉，这条积分的申诉期已经过了；仍有疑问请找监督委员会。"
