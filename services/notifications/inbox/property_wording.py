"""What residents and property staff are told of tickets."""

from collections.abc import Mapping
from typing import Any

from services.notifications.inbox.dates import until
from services.notifications.inbox.domain import Draft, Push, TargetKind, Teller, Topic
from services.notifications.messages.templates import TemplateKey
from services.notifications.recipients.domain import Accounts, Audience, Holders, Household
from shared.contracts import events as facts
from shared.kernel.principal import Role, ScopeKind

_TO_HOUSEHOLD: Mapping[str, tuple[str, str, str | None]] = {
    "accept": ("报修已受理", "报修单 {number} 已受理，正在安排师傅。", "已受理"),
    "take": ("师傅已接单", "报修单 {number} 由{worker}师傅负责，会尽快上门。", "已接单"),
    "arrive": ("师傅到了", "报修单 {number} 的{worker}师傅已经到场。", None),
    "hold": ("报修暂停处理", "报修单 {number} 暂时停下来等条件，恢复后会继续办。", None),
    "finish": ("修好了，请确认", "报修单 {number} 已经完工，请您看看修好没有，并打个分。", "待确认"),
}
"""Action → title, body, and the state on the telephone (None: inbox only). Other steps are no news to the household."""
_TO_WORKER: Mapping[str, tuple[str, str]] = {
    "offer": ("有新的派工", "报修单 {number} 派给了您，请{by}接单。"),
    "recall": ("派工已收回", "报修单 {number} 已改派给别人，您不用去了。"),
    "dispute": ("要求返工", "报修单 {number} 的住户说没有修好，请再去看看。"),
}
_TO_DESK: Mapping[str, tuple[str, str]] = {
    "decline": ("师傅没有接单", "报修单 {number} 被拒接，请重新派工。"),
    "lapse": ("派工超时未接", "报修单 {number} 没有人接单，请重新派工。"),
    "reopen": ("报修单重开", "报修单 {number} 由住户要求重开，请重新受理。"),
}
_OUTCOMES: Mapping[str, str] = {
    "fixed": "已经修好",
    "mitigated": "已经缓解",
    "explained_not_fixable": "已说明原因，暂时不能修",
    "duplicate": "与另一张报修单重复，合并办理",
    "out_of_scope": "不在物业办理范围",
    "withdrawn": "已按您的意思撤回",
    "invalid": "情况不属实，不予办理",
}
_DESK = Holders((Role.PROPERTY_AGENT,))


def _ticket(event: Any, step: str, audience: Audience, title: str, body: str, push: Push | None = None) -> Draft:
    return Draft(
        fact_key=f"ticket:{event.ticket_id}:{step}",
        audience=audience,
        topic=Topic.TICKETS,
        title=title,
        body=body,
        target_kind=TargetKind.TICKET,
        target_id=event.ticket_id,
        push=push,
    )


def _push(event: Any, state: str) -> Push:
    return Push(TemplateKey.TICKET_PROGRESS, f"报修单 {event.number}", state, "点开可以看进度")


def _submitted(event: facts.TicketSubmitted) -> list[Draft]:
    by = f"请在 {until(event.respond_due_at)} 前受理。" if event.respond_due_at else "请尽快受理。"
    urgent = "【紧急】" if event.priority == "urgent" else ""
    drafts = [_ticket(event, "submitted:desk", _DESK, f"{urgent}新报修 {event.number}", f"收到新的报修。{by}")]
    if event.by_desk:
        body = f"客服已经替您登记，报修单号是 {event.number}。"
        drafts.append(_ticket(event, "submitted", Household(event.household_id), "已替您登记报修", body))
    return drafts


def _moved(event: facts.TicketMoved) -> list[Draft]:
    step = f"{event.version or event.attempt}:{event.action}"
    by = f"在 {until(event.accept_by)} 前" if event.accept_by else "尽快"
    words = {"number": event.number, "worker": event.worker_name, "by": by}
    if event.action in _TO_HOUSEHOLD:
        title, body, state = _TO_HOUSEHOLD[event.action]
        push = None if state is None else _push(event, state)
        return [_ticket(event, step, Household(event.household_id), title, body.format_map(words), push)]
    if event.action in _TO_WORKER:
        title, body = _TO_WORKER[event.action]
        audience = Accounts((event.worker_account_id,))
        return [_ticket(event, f"{step}:{event.worker_id}", audience, title, body.format_map(words))]
    if event.action in _TO_DESK:
        title, body = _TO_DESK[event.action]
        return [_ticket(event, f"{step}:{event.worker_id}", _DESK, title, body.format_map(words))]
    return []


def _closed(event: facts.TicketClosed) -> list[Draft]:
    came_of_it = _OUTCOMES.get(event.outcome, "已经办结")
    body = f"报修单 {event.number} 已办结：{came_of_it}。还有问题可以要求重开。"
    push = _push(event, "已办结")
    return [_ticket(event, f"{event.attempt}:closed", Household(event.household_id), "报修已办结", body, push)]


def _rated(event: facts.TicketRated) -> list[Draft]:
    verdict = "满意" if event.is_satisfied else "不太满意"
    body = f"报修单 {event.number} 的住户对您的服务{verdict}：质量 {event.quality} 分，态度 {event.attitude} 分（满分 5 分）。"
    return [_ticket(event, f"{event.attempt}:rated", Accounts((event.worker_account_id,)), "住户给您打分了", body)]


def _escalated(event: facts.TicketEscalated) -> list[Draft]:
    audience: Audience
    if event.tells == "worker":
        audience = Accounts((event.worker_account_id,))
    elif event.tells == "desk":
        audience = _DESK
    elif event.tells == "department_head":
        audience = Holders((Role.DEPARTMENT_HEAD,), ScopeKind.DEPARTMENT, event.department)
    elif event.tells == "property_manager":
        audience = Holders((Role.PROPERTY_MANAGER,))
    else:
        audience = Holders((Role.COMMUNITY_ADMIN,))
    what = "受理" if event.clock == "respond" else "办结"
    end = f"，期限是 {until(event.due_at)}" if event.due_at else ""
    title = f"报修单 {event.number} {'已超时' if event.percent >= 100 else '快到期了'}"
    body = f"报修单 {event.number} 的{what}时限已用去 {event.percent}%{end}，请抓紧处理。"
    return [_ticket(event, f"{event.attempt}:{event.clock}:{event.percent}:{event.tells}", audience, title, body)]


TELLERS: Mapping[type[Any], Teller] = {
    facts.TicketSubmitted: _submitted,
    facts.TicketMoved: _moved,
    facts.TicketClosed: _closed,
    facts.TicketRated: _rated,
    facts.TicketEscalated: _escalated,
}
