"""公示: what is shown, for how many days, who objected, who answered, and when it is complete (P8).

Complete only when the time has run and every objection is answered. A changed text restarts the clock. An upheld objection stops the
notice: what it published does not become final.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.proposals.ballots.merkle import content_hash
from services.proposals.notices.errors import (
    NoticeRunningError,
    NoticeTooShortError,
    ObjectionAnsweredError,
    ObjectionOpenError,
)
from services.proposals.processes.templates import DayKind
from shared.kernel.clock import CHINA, local_date
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded

TAG_NOTICE = "diyuan.notice.v1"


class NoticeState(Worded):
    RUNNING = "running", "公示中"
    COMPLETED = "completed", "公示完毕"
    STOPPED = "stopped", "已停止公示"


class NoticeAction(Worded):
    AMEND = "amend", "更正"
    OBJECT = "object", "提出异议"
    COMPLETE = "complete", "结束公示"
    STOP = "stop", "停止公示"


class NoticeActor(StrEnum):
    PUBLISHER = "publisher"
    NEIGHBOUR = "neighbour"
    SYSTEM = "system"


PUBLISHERS = (Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
ANSWERERS = (*PUBLISHERS, Role.SUPERVISOR)

_S, _A, _W = NoticeState, NoticeAction, NoticeActor
LIFE = StateMachine[NoticeState, NoticeAction, NoticeActor](
    transitions={
        (_S.RUNNING, _A.AMEND): _S.RUNNING,
        (_S.RUNNING, _A.OBJECT): _S.RUNNING,
        (_S.RUNNING, _A.COMPLETE): _S.COMPLETED,
        (_S.RUNNING, _A.STOP): _S.STOPPED,
    },
    actors={
        _A.AMEND: frozenset({_W.PUBLISHER}),
        _A.OBJECT: frozenset({_W.NEIGHBOUR}),
        _A.COMPLETE: frozenset({_W.PUBLISHER, _W.SYSTEM}),
        _A.STOP: frozenset({_W.SYSTEM}),
    },
)


@dataclass(frozen=True, slots=True)
class Notice:
    notice_id: UUID
    process_id: UUID
    step_code: str
    state: NoticeState
    days: int
    day_kind: DayKind
    content_hash: str
    started_at: datetime
    due_at: datetime
    restarts: int
    open_objections: int


def notice_hash(title: str, body: str) -> str:
    """Return the hash printed on the notice."""
    return content_hash(TAG_NOTICE, {"title": title, "body": body})


def due_at(started_at: datetime, days: int, day_kind: DayKind, is_working: Callable[[date], bool]) -> datetime:
    """Return the end of the last day of a notice in China, as UTC.

    The day of the start does not count (Civil Code, article 201): a notice of 7 days started on the 1st runs through the 8th.
    """
    day = local_date(started_at)
    counted = 0
    while counted < days:
        day += timedelta(days=1)
        if day_kind is DayKind.CALENDAR or is_working(day):
            counted += 1
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=CHINA).astimezone(UTC)


def require_long_enough(days: int, least: int) -> None:
    """Pass a notice as long as the template asks, or longer.

    Errors: NoticeTooShortError.
    """
    if days < least:
        raise NoticeTooShortError(least=least)


def acting_as(principal: Principal | None) -> frozenset[NoticeActor]:
    """Return what the caller is to a notice; no principal is the sweep."""
    if principal is None:
        return frozenset({NoticeActor.SYSTEM})
    actors = set[NoticeActor]()
    if principal.has(*PUBLISHERS):
        actors.add(NoticeActor.PUBLISHER)
    if principal.household_id is not None:
        actors.add(NoticeActor.NEIGHBOUR)
    return frozenset(actors)


def amend(notice: Notice, principal: Principal, *, new_hash: str, now: datetime, due: datetime) -> Notice:
    """Change what is shown; the clock starts again.

    Errors: ForbiddenError, WrongStateError.
    """
    state = LIFE.perform(notice.state, NoticeAction.AMEND, acting_as(principal))
    if new_hash == notice.content_hash:
        return notice
    return replace(notice, state=state, content_hash=new_hash, started_at=now, due_at=due, restarts=notice.restarts + 1)


def object_to(notice: Notice, principal: Principal) -> Notice:
    """Count an objection; one made after the days ran out still counts while the notice runs.

    Errors: ForbiddenError, WrongStateError.
    """
    state = LIFE.perform(notice.state, NoticeAction.OBJECT, acting_as(principal))
    return replace(notice, state=state, open_objections=notice.open_objections + 1)


def answer_objection(notice: Notice, principal: Principal, *, is_answered: bool, is_upheld: bool) -> Notice:
    """Answer an objection by name; one that is upheld stops the notice.

    Errors: ForbiddenError, ObjectionAnsweredError, WrongStateError.
    """
    principal.require(*ANSWERERS)
    if is_answered:
        raise ObjectionAnsweredError
    after = replace(notice, open_objections=notice.open_objections - 1)
    if is_upheld:
        return replace(after, state=LIFE.perform(notice.state, NoticeAction.STOP, frozenset({NoticeActor.SYSTEM})))
    return after


def stop(notice: Notice) -> Notice:
    """Stop a notice because the step it belongs to was sent back.

    Errors: WrongStateError.
    """
    return replace(notice, state=LIFE.perform(notice.state, NoticeAction.STOP, frozenset({NoticeActor.SYSTEM})))


def complete(notice: Notice, principal: Principal | None, *, now: datetime) -> Notice:
    """End a notice by rule.

    Errors: ForbiddenError, WrongStateError, NoticeRunningError, ObjectionOpenError.
    """
    state = LIFE.perform(notice.state, NoticeAction.COMPLETE, acting_as(principal))
    if now < notice.due_at:
        raise NoticeRunningError(due_at=notice.due_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"))
    if notice.open_objections:
        raise ObjectionOpenError(open=notice.open_objections)
    return replace(notice, state=state)
