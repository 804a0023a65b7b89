"""What neighbours are told of help in the time bank: who asked, who helps, and what stands in the passbook."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.inbox.dates import length, until
from services.notifications.inbox.domain import Draft, TargetKind, Teller, Topic
from services.notifications.inbox.phrases import because, step
from services.notifications.messages.templates import china_time
from services.notifications.recipients.domain import Audience, Holders, People
from shared.contracts import events as facts
from shared.kernel.principal import Role

_OFFICIALS = Holders((Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER))
"""Who lets the community's pool pay."""


def _draft(event: Any, which: str, audience: Audience, title: str, body: str) -> Draft:
    return Draft(
        fact_key=f"help:{event.request_id}:{which}",
        audience=audience,
        topic=Topic.HELP,
        title=title,
        body=body,
        target_kind=TargetKind.HELP_REQUEST,
        target_id=event.request_id,
    )


def _help_moved(event: facts.HelpMoved) -> list[Draft]:
    # Asking, a code entered, a confirmation: whoever did it sees it, and who is there sees it too.
    if event.action == "request" and event.waits_for_pool:
        return [_waits_for_pool(event)]
    if event.action in _OWN_STEPS:
        return []
    teller = _STATES.get(event.state)
    return [] if teller is None else teller(event, step(f"{event.state}:{event.action}", event.moved_at))


_OWN_STEPS = frozenset({"request", "join_as_helped", "enter_start", "confirm"})


def _waits_for_pool(event: facts.HelpMoved) -> Draft:
    by = f"请在 {until(event.due_at)} 前看一看" if event.due_at else "请尽快看一看"
    body = f"有居民求助“{event.kind_name}”，想用社区的公共时间，您同意了邻居才能来帮。{by}。"
    return _draft(event, step("waits_for_pool", event.moved_at), _OFFICIALS, "有一件求助等您同意", body)


def _asker(event: facts.HelpMoved) -> Audience:
    return People((event.requester_resident_id,))


def _everyone(event: facts.HelpMoved) -> Audience:
    return People((event.requester_resident_id, *event.helper_resident_ids))


def _requested(event: facts.HelpMoved, which: str) -> list[Draft]:
    if event.action == "approve":
        body = f"您求助的“{event.kind_name}”社区同意了，时间由社区的公共时间来出，现在等邻居来帮。"
        return [_draft(event, which, _asker(event), "求助同意了，等邻居来帮", body)]
    if event.action == "leave":
        at = china_time(event.starts_at)
        body = f"“{event.kind_name}”现在还没有能来的邻居，时间还是 {at}，正在等人接。急的话请打电话给网格员。"
        return [_draft(event, which, _asker(event), "帮忙的人有变动", body)]
    return []


def _matched(event: facts.HelpMoved, which: str) -> list[Draft]:
    at = china_time(event.starts_at)
    if event.action == "leave":
        count = len(event.helper_resident_ids)
        body = f"“{event.kind_name}”帮忙的人有变动，现在有 {count} 位邻居来帮，时间还是 {at}。"
        return [_draft(event, which, _asker(event), "帮忙的人有变动", body)]
    body = f"有邻居来帮您“{event.kind_name}”了，时间是 {at}。到时候请互相报数字码，开始和结束各报一次。"
    return [_draft(event, which, _asker(event), "有邻居来帮您了", body)]


def _ended(event: facts.HelpMoved, which: str) -> list[Draft]:
    by = f"请在 {until(event.due_at)} 前确认时间" if event.due_at else "请确认时间"
    body = f"“{event.kind_name}”结束了，{by}；时间不对请提出来。没有意见，就按记下的时间记到时间存折。"
    return [_draft(event, which, _everyone(event), "帮忙结束，请确认时间", body)]


def _credited(event: facts.HelpMoved, which: str) -> list[Draft]:
    body = f"“{event.kind_name}”的时间已经记到帮忙的邻居名下，没有用完的退给您。"
    return [_draft(event, which, _asker(event), "帮忙的时间记好了", body)]


def _cancelled(event: facts.HelpMoved, which: str) -> list[Draft]:
    what, why = f"{china_time(event.starts_at)} 的“{event.kind_name}”取消了", because(event.reason)
    helpers = People(event.helper_resident_ids)
    return [
        _draft(event, which, _asker(event), "求助取消了", f"{what}，留出的时间已经退回。{why}"),
        _draft(event, f"{which}:helper", helpers, "求助取消了，不用去了", f"{what}，您不用去了。{why}"),
    ]


def _disputed(event: facts.HelpMoved, which: str) -> list[Draft]:
    why = because(event.reason)
    both = f"“{event.kind_name}”的时间有不同意见，先不记，由监督委员会来断。{why}"
    judge = f"时间银行“{event.kind_name}”双方对时间有不同意见，请听听两边怎么说，定下每个人的时间。{why}"
    supervisors = Holders((Role.SUPERVISOR,))
    return [
        _draft(event, which, _everyone(event), "帮忙的时间有不同意见", both),
        _draft(event, f"{which}:supervisor", supervisors, "帮忙的时间有争议，请来断一断", judge),
    ]


def _settled(event: facts.HelpMoved, which: str) -> list[Draft]:
    body = f"“{event.kind_name}”的时间断好了，各人的时间已经记好。{because(event.reason)}"
    return [_draft(event, which, _everyone(event), "帮忙的时间断好了", body)]


_STATES: Mapping[str, Callable[[facts.HelpMoved, str], list[Draft]]] = {
    "requested": _requested,
    "matched": _matched,
    "ended": _ended,
    "credited": _credited,
    "cancelled": _cancelled,
    "disputed": _disputed,
    "settled": _settled,
}


def _time_credited(event: facts.TimeCredited) -> list[Draft]:
    served, credited = length(event.minutes_served), length(event.minutes_credited)
    by_rate = "" if event.minutes_served == event.minutes_credited else f"（实际 {served}，按标准折算）"
    body = f"您帮邻居“{event.kind_name}”，时间存折记上 {credited}{by_rate}。谢谢您。"
    audience = People((event.resident_id,))
    return [_draft(event, f"credited:{event.resident_id}", audience, f"时间存折增加 {credited}", body)]


def _minutes_given(event: facts.MinutesGiven) -> list[Draft]:
    minutes = length(event.minutes)
    if event.giver_resident_id is None:
        title, body = f"社区给您 {minutes}", f"社区从公共时间里给了您 {minutes}，记在您的时间存折上。"
    else:
        title, body = f"家人给您 {minutes}", f"家人给了您 {minutes}，记在您的时间存折上。"
    return [
        Draft(
            fact_key=f"minutes:{event.move_id}",
            audience=People((event.resident_id,)),
            topic=Topic.HELP,
            title=title,
            body=f"{body}{because(event.reason)}需要帮忙时，可以用来求助。",
            target_kind=TargetKind.PASSBOOK,
            target_id=event.resident_id,
        )
    ]


TELLERS: Mapping[type[Any], Teller] = {
    facts.HelpMoved: _help_moved,
    facts.TimeCredited: _time_credited,
    facts.MinutesGiven: _minutes_given,
}
