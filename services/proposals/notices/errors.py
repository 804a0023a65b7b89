"""Refusals of the notices slice.

```
DomainError
├── NotFoundError
│   ├── NoticeNotFoundError           proposals.notice_not_found
│   └── ObjectionNotFoundError        proposals.objection_not_found
├── InvalidError  CalendarUnknownError  proposals.calendar_unknown
└── ConflictError
    ├── NoticeTooShortError           proposals.notice_too_short
    ├── NoticeRunningError            proposals.notice_running
    ├── NoticeAlreadyRunningError     proposals.notice_already_running
    ├── ObjectionOpenError            proposals.objection_open
    └── ObjectionAnsweredError        proposals.objection_answered
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class NoticeNotFoundError(NotFoundError):
    code = "proposals.notice_not_found"
    title = "没有找到这份公示"
    detail = "没有找到这份公示，可能编号有误或不属于本社区。"


class ObjectionNotFoundError(NotFoundError):
    code = "proposals.objection_not_found"
    title = "没有找到这条异议"
    detail = "没有找到这条异议，可能编号有误或不属于本社区。"


class CalendarUnknownError(InvalidError):
    code = "proposals.calendar_unknown"
    title = "还没有公布当年的放假安排"
    detail = "{year} 年的放假安排还没有录入，不能按工作日计算公示期，请改用自然日。"


class NoticeTooShortError(ConflictError):
    code = "proposals.notice_too_short"
    title = "公示天数不够"
    detail = "这一步至少要公示 {least} 天，不能少于这个天数。"


class NoticeRunningError(ConflictError):
    code = "proposals.notice_running"
    title = "公示期还没有满"
    detail = "公示期到 {due_at} 才满，现在不能结束。"


class ObjectionOpenError(ConflictError):
    code = "proposals.objection_open"
    title = "还有异议没有答复"
    detail = "还有 {open} 条异议没有答复，逐条答复以后公示才能结束。"


class ObjectionAnsweredError(ConflictError):
    code = "proposals.objection_answered"
    title = "这条异议已经答复"
    detail = "这条异议已经答复过，不能再改。"


class NoticeAlreadyRunningError(ConflictError):
    code = "proposals.notice_already_running"
    title = "这一步已经在公示"
    detail = "这一步已经有一份正在进行的公示，要改内容请修改那一份，公示期会重新计算。"
