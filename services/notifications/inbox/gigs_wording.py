"""What is told of odd jobs: to the household that asked for the work, to the one that does it, and to those who judge."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from services.notifications.inbox.dates import until
from services.notifications.inbox.domain import Draft, Push, TargetKind, Teller, Topic
from services.notifications.inbox.phrases import because, step
from services.notifications.messages.templates import TemplateKey
from services.notifications.recipients.domain import Audience, Holders, Household
from shared.contracts import events as facts
from shared.kernel.principal import Role, ScopeKind

_OFFICIALS = Holders((Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN))
_SUPERVISORS = Holders((Role.SUPERVISOR,))


def _draft(gig_id: UUID, key: str, audience: Audience, title: str, body: str, push: Push | None = None) -> Draft:
    return Draft(
        fact_key=key,
        audience=audience,
        topic=Topic.GIGS,
        title=title,
        body=body,
        target_kind=TargetKind.GIG,
        target_id=gig_id,
        push=push,
    )


def _gig_moved(event: facts.GigMoved) -> list[Draft]:
    total = event.points * event.places
    key = f"gig:{event.gig_id}:{event.state}"
    if event.poster_household_id is None:
        if event.state != "budgeted":
            # What becomes of a gig of the community stands on the market; each share of it is told to its grid worker.
            return []
        body = (
            f"“{event.title}”要 {event.places} 人，每人 {event.points} 分，积分已经备好。请另一位工作人员看过后发布。"
        )
        return [_draft(event.gig_id, key, _OFFICIALS, "有一件社区零工等您发布", body)]
    match event.state:
        case "open":
            title = "零工已经挂出去"
            body = f"“{event.title}”挂出去了，先从您家留出 {total} 分。有人接了会告诉您，到 {until(event.apply_until)} 没有人接就退分。"
        case "cancelled":
            title = "零工已经取消"
            body = f"“{event.title}”已经取消，没有用掉的积分退回您家。{because(event.reason)}"
        case "expired":
            title = "零工没有人接"
            body = f"“{event.title}”到时间没有人接，留出的积分退回您家。还需要的话，可以换个时间再发。"
        case _:
            # Being paid for, winding down and over are told share by share.
            return []
    return [_draft(event.gig_id, key, Household(event.poster_household_id), title, body)]


def _gig_place_moved(event: facts.GigPlaceMoved) -> list[Draft]:
    teller = _PLACES.get(event.state)
    return [] if teller is None else teller(event)


def _to(event: facts.GigPlaceMoved, who: str, audience: Audience, title: str, body: str, push: Push | None) -> Draft:
    key = f"gig_place:{event.place_id}:{step(event.state, event.moved_at)}:{who}"
    return _draft(event.gig_id, key, audience, title, body, push)


def _poster(event: facts.GigPlaceMoved, title: str, body: str) -> list[Draft]:
    """Tell whoever asked for the work: a household, or the grid worker in the community's name."""
    audience: Audience = _OFFICIALS
    if event.poster_household_id is not None:
        audience = Household(event.poster_household_id)
    elif event.grid_id is not None:
        audience = Holders((Role.GRID_WORKER,), ScopeKind.GRID, str(event.grid_id))
    return [_to(event, "poster", audience, title, body, None)]


def _worker(event: facts.GigPlaceMoved, title: str, body: str, push: Push | None = None) -> list[Draft]:
    """Tell the household that took the job, if one did."""
    if event.worker_household_id is None:
        return []
    return [_to(event, "worker", Household(event.worker_household_id), title, body, push)]


def _free_again(event: facts.GigPlaceMoved) -> list[Draft]:
    if event.before != "claimed":
        return []
    return _poster(event, "接活的邻居来不了", f"接了“{event.title}”的邻居来不了，名额又空出来，还在等人接。")


def _claimed(event: facts.GigPlaceMoved) -> list[Draft]:
    if event.before == "claimed":
        # Signing in at the place; whoever asked for the work sees it.
        return []
    by = f"到 {until(event.due_at)} 还没签到，名额就让给别人" if event.due_at else "没有签到，名额就让给别人"
    body = f"您家接了“{event.title}”，做好得 {event.points} 分。请按时到，到了先签到；{by}。"
    return [
        *_poster(event, "有人接了零工", f"“{event.title}”有邻居接了，到时候会来。"),
        *_worker(event, "零工接好了，请按时到", body),
    ]


def _done(event: facts.GigPlaceMoved) -> list[Draft]:
    if event.poster_household_id is not None:
        by = f"到 {until(event.due_at)} 没有回音，就当作满意" if event.due_at else "一直没有回音，就当作满意"
        body = f"“{event.title}”做完了。满意请点确认，付出 {event.points} 分；不满意请说明原因。{by}。"
    else:
        by = f"请在 {until(event.due_at)} 前" if event.due_at else "请尽快"
        body = f"社区零工“{event.title}”做完了，{by}去看看并确认；过时会转给监督委员会。"
    return _poster(event, "零工做完了，请您看看", body)


def _verified(event: facts.GigPlaceMoved) -> list[Draft]:
    if event.poster_household_id is None or event.acting_household_id == event.poster_household_id:
        # Whoever asked for the work has just said so, and the points follow at once.
        return []
    by = f"请在 {until(event.due_at)} 前提出" if event.due_at else "请尽快提出"
    body = f"“{event.title}”已经确认做好了。有意见{by}，之后就付 {event.points} 分。"
    return _poster(event, "零工已经确认做好", body)


def _paid(event: facts.GigPlaceMoved) -> list[Draft]:
    push = Push(TemplateKey.POINTS_RESULT, event.title, "已到账", f"零工报酬 {event.paid_points} 分")
    body = f"“{event.title}”的 {event.paid_points} 分已经到您家。"
    told = _worker(event, f"零工报酬 {event.paid_points} 分", body, push)
    if event.poster_household_id is not None:
        told += _poster(event, "零工报酬付好了", f"“{event.title}”付给干活的邻居 {event.paid_points} 分。")
    return told


def _disputed(event: facts.GigPlaceMoved) -> list[Draft]:
    title, why = "零工有不同意见", because(event.reason)
    both = f"对“{event.title}”有不同意见，{event.points} 分先放着，由监督委员会来断。{why}"
    judge = f"零工“{event.title}”双方有不同意见，请听听两边怎么说，定下 {event.points} 分怎么分。{why}"
    return [
        _to(event, "supervisor", _SUPERVISORS, "零工有争议，请来断一断", judge, None),
        *_poster(event, title, both),
        *_worker(event, title, both),
    ]


def _settled(event: facts.GigPlaceMoved) -> list[Draft]:
    title, back = "零工的争议断好了", event.points - event.paid_points
    body = f"“{event.title}”断好了：干活的一家得 {event.paid_points} 分，退回 {back} 分。{because(event.reason)}"
    return [*_poster(event, title, body), *_worker(event, title, body)]


def _cancelled(event: facts.GigPlaceMoved) -> list[Draft]:
    # A share nobody had taken ends with its gig, which has told it.
    return _worker(event, "零工取消了，不用去了", f"“{event.title}”取消了，您家不用去了。{because(event.reason)}")


def _expired(event: facts.GigPlaceMoved) -> list[Draft]:
    if event.worker_household_id is None:
        return []
    body = f"“{event.title}”过了时间没有签到或报完工，这次没有积分。其实做了的话，请找网格员说明。"
    poster = f"“{event.title}”过了时间没有做成，留出的积分已经退回。"
    return [*_worker(event, "零工过了时间", body), *_poster(event, "零工没有做成", poster)]


_PLACES: Mapping[str, Callable[[facts.GigPlaceMoved], list[Draft]]] = {
    "open": _free_again,
    "claimed": _claimed,
    "done": _done,
    "verified": _verified,
    "paid": _paid,
    "disputed": _disputed,
    "settled": _settled,
    "cancelled": _cancelled,
    "expired": _expired,
}

TELLERS: Mapping[type[Any], Teller] = {
    facts.GigMoved: _gig_moved,
    facts.GigPlaceMoved: _gig_place_moved,
}
