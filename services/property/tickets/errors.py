"""Refusals of the life of a ticket.

```
NotFoundError
└── TicketNotFoundError        property.ticket_not_found
ForbiddenError
├── NotYourTicketError         property.not_your_ticket
├── SameHouseholdError         property.same_household
└── StrangerError              property.stranger
ConflictError
├── TicketStateError           property.wrong_state
├── ReopenTooLateError         property.reopen_too_late
├── CategoryLockedError        property.category_locked
└── TicketChangedError         property.ticket_changed
InvalidError
├── MissingFactError           property.missing_fact
├── AfterPhotoMissingError     property.after_photo_missing
├── WrongOutcomeError          property.wrong_outcome
└── HoldTooLongError           property.hold_too_long
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class TicketNotFoundError(NotFoundError):
    code = "property.ticket_not_found"
    title = "没有找到工单"
    detail = "没有找到这张工单，可能编号不对，或不是您能查看的。"


class NotYourTicketError(ForbiddenError):
    code = "property.not_your_ticket"
    title = "不是由您办理"
    detail = "这一步要由{who}来做；如需帮忙，请联系物业客服。"


class SameHouseholdError(ForbiddenError):
    code = "property.same_household"
    title = "自家人不能评价"
    detail = "这张工单由您家里人承办，按规定不能由您评价，请由其他报修人评价或由客服回访。"


class StrangerError(ForbiddenError):
    code = "property.stranger"
    title = "不在居民名册里"
    detail = "报修要落到名册里的一位居民；请先绑定住户，或让客服核对姓名和房号。"


class TicketStateError(ConflictError):
    """Facts: `state`, `action`, and the `allowed` actions of this state."""

    code = "property.wrong_state"
    title = "工单现在不能这样办"
    detail = "工单现在是“{state_name}”，不能“{action_name}”；可能别人刚办过，请刷新后再看。"


class ReopenTooLateError(ConflictError):
    code = "property.reopen_too_late"
    title = "已过重开期限"
    detail = "工单办结已超过{days}天，不能重开；如问题还在，请重新报修。"


class CategoryLockedError(ConflictError):
    code = "property.category_locked"
    title = "已派工，不能改类别"
    detail = "工单已派给师傅，不能改类别；请先收回派工，再改类别。"


class TicketChangedError(ConflictError):
    code = "property.ticket_changed"
    title = "工单刚被别人改动"
    detail = "这张工单刚刚被别人改动，请刷新后再办。"


class MissingFactError(InvalidError):
    """Facts: the `field` that the action needs."""

    code = "property.missing_fact"
    title = "内容没有填全"
    detail = "办理“{action_name}”时需要填写“{field_name}”。"


class AfterPhotoMissingError(InvalidError):
    code = "property.after_photo_missing"
    title = "缺少完工照片"
    detail = "这类维修完工时要至少附一张完工照片。"


class WrongOutcomeError(InvalidError):
    """Facts: the `outcome` given and those `allowed`."""

    code = "property.wrong_outcome"
    title = "办理结果不对"
    detail = "这一步的办理结果不能是“{outcome}”。"


class HoldTooLongError(InvalidError):
    code = "property.hold_too_long"
    title = "挂起时间不对"
    detail = "挂起要写明恢复日期，必须在今后{days}天以内。"


STEP_ERRORS = (TicketNotFoundError, NotYourTicketError, TicketStateError, TicketChangedError)
"""What every step of a ticket may be refused with."""
