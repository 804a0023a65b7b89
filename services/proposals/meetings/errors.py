"""Refusals of the meetings slice.

```
DomainError
├── NotFoundError
│   ├── MeetingNotFoundError      proposals.meeting_not_found
│   └── AttendeeNotFoundError     proposals.attendee_not_found
├── InvalidError  NobodyDueError  proposals.nobody_due
└── ConflictError
    ├── HandsExceedPresentError   proposals.hands_exceed_present
    ├── MeetingAlreadyHeldError   proposals.meeting_already_held
    └── MeetingAheadError         proposals.meeting_ahead
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class MeetingNotFoundError(NotFoundError):
    code = "proposals.meeting_not_found"
    title = "没有找到这次会议"
    detail = "没有找到这次会议，可能编号有误或不属于本社区。"


class AttendeeNotFoundError(NotFoundError):
    code = "proposals.attendee_not_found"
    title = "不在应到名单里"
    detail = "应到名单里没有这个人，请核对名单后再签到。"


class NobodyDueError(InvalidError):
    code = "proposals.nobody_due"
    title = "没有应到名单"
    detail = "开会要先列出应到的人，名单不能为空，也不能有重名未区分的人。"


class HandsExceedPresentError(ConflictError):
    code = "proposals.hands_exceed_present"
    title = "票数比到会人数还多"
    detail = "同意、反对、弃权一共 {hands} 人，超过了到会的 {present} 人，请重新清点。"


class MeetingAheadError(ConflictError):
    code = "proposals.meeting_ahead"
    title = "会议还没有开"
    detail = "会议定在 {held_at}，还没有到时间，不能签到或结束。"


class MeetingAlreadyHeldError(ConflictError):
    code = "proposals.meeting_already_held"
    title = "这一步已经开过会"
    detail = "这一步的会已经有效召开，不能再开一次来换结果。会上同意的，请完成这一步；没有同意的，请说明理由，把这一步退回或者否决。"
