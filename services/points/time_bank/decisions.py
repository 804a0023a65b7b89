"""Who may do what with a request for help, and what follows when codes are entered, confirmed or forgotten."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.points.kinships.domain import steps_aside
from services.points.time_bank.codes import Phase
from services.points.time_bank.domain import (
    CLOCK,
    INNER,
    LIFE,
    Action,
    Actor,
    Participant,
    Request,
    Side,
    State,
    acting_as,
    present,
)
from services.points.time_bank.errors import (
    AlreadyConfirmedError,
    AlreadyTakesPartError,
    HelpFullError,
    HelpNotApprovedError,
    HelpOfOwnHouseholdError,
    HelpSettlementInvalidError,
    NotPresentError,
    OwnHelpError,
    TimeCodeUsedError,
    TimeCodeWrongError,
)
from services.points.time_bank.minutes import credit, served
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal
from shared.kernel.values import Minutes


def decide_join(request: Request, side: Side, principal: Principal, household_id: UUID) -> State:
    """Return the state after the caller joined one side; the two sides never share a household.

    Errors: ForbiddenError, WrongStateError, AlreadyTakesPartError, HelpNotApprovedError, HelpOfOwnHouseholdError, HelpFullError.
    """
    if request.find(principal.resident_id) is not None:
        raise AlreadyTakesPartError
    action = Action.HELP if side is Side.HELPER else Action.ACCOMPANY
    state = LIFE.perform(request.state, action, acting_as(principal, request))
    if not request.is_approved:
        raise HelpNotApprovedError
    others = request.helped if side is Side.HELPER else request.helpers
    if household_id in {p.household_id for p in others}:
        raise HelpOfOwnHouseholdError
    if side is Side.HELPER and len(request.helpers) >= request.helpers_wanted:
        raise HelpFullError
    return state


def decide_leave(request: Request, principal: Principal) -> tuple[Participant, State]:
    """Return who leaves and the state afterwards; the requester stays and cancels instead.

    Errors: ForbiddenError, WrongStateError.
    """
    state = LIFE.perform(request.state, Action.LEAVE, acting_as(principal, request))
    leaver = request.find(principal.resident_id)
    if leaver is None or leaver.resident_id == request.requester_resident_id or leaver.started_at is not None:
        raise ForbiddenError(action=Action.LEAVE.value)
    if leaver.side is Side.HELPER and len(request.helpers) == 1:
        state = LIFE.perform(request.state, Action.UNMATCH, CLOCK)
    return leaver, state


def decide_approval(request: Request, principal: Principal, kin: frozenset[UUID]) -> State:
    """Return the state after the community agreed to pay, which nobody does for their own household, nor for one in which `kin` live.

    Errors: ForbiddenError, WrongStateError, OwnHelpError, AlreadyConfirmedError.
    """
    state = LIFE.perform(request.state, Action.APPROVE, acting_as(principal, request))
    if steps_aside(principal, kin, request.requester_household_id):
        raise OwnHelpError
    if request.is_approved:
        raise AlreadyConfirmedError
    return state


def enter_code(
    request: Request, principal: Principal, phase: Phase, code: str, codes: Mapping[UUID, str], now: datetime
) -> Request:
    """Return the request after a person entered the code somebody of the other side showed.

    `codes` are what each participant shows in this phase. With somebody present on both sides the help begins; when every helper who
    came and somebody helped have ended, it ends.

    Errors: ForbiddenError, WrongStateError, TimeCodeWrongError, TimeCodeUsedError, NotPresentError.
    """
    action = Action.ENTER_START if phase is Phase.START else Action.ENTER_STOP
    LIFE.perform(request.state, action, acting_as(principal, request) & {Actor.HELPER, Actor.HELPED})
    caller = request.find(principal.resident_id)
    assert caller is not None
    shown = next((p for p in request.participants if p.side is not caller.side and codes[p.resident_id] == code), None)
    if shown is None:
        raise TimeCodeWrongError
    if (shown.started_at if phase is Phase.START else shown.ended_at) is not None:
        raise TimeCodeUsedError
    if phase is Phase.STOP and (caller.started_at is None or shown.started_at is None):
        raise NotPresentError
    seen = replace(shown, started_at=now) if phase is Phase.START else replace(shown, ended_at=now)
    after = replace(request, participants=tuple(seen if p is shown else p for p in request.participants))
    if phase is Phase.START:
        return _begin(after, now)
    return _end(after, now) if _have_all_ended(after) else after


def _begin(request: Request, now: datetime) -> Request:
    if request.state is not State.MATCHED or not (present(request.helpers) and present(request.helped)):
        return request
    longest = timedelta(minutes=request.policy.longest_minutes)
    state = LIFE.perform(request.state, Action.START, CLOCK)
    return replace(request, state=state, started_at=now, due_at=now + longest)


def _have_all_ended(request: Request) -> bool:
    helpers, helped = present(request.helpers), present(request.helped)
    return all(p.ended_at is not None for p in helpers) and any(p.ended_at is not None for p in helped)


def _end(request: Request, now: datetime) -> Request:
    assert request.started_at is not None
    counted = []
    for p in request.participants:
        if p.started_at is None:
            counted.append(p)
            continue
        ended_at = p.ended_at or now
        minutes = served(max(p.started_at, request.started_at), ended_at, request.minutes)
        earned = credit(minutes, request.rate_percent, request.policy) if p.side is Side.HELPER else Minutes(0)
        counted.append(replace(p, ended_at=ended_at, served_minutes=minutes, credited_minutes=earned))
    state = LIFE.perform(request.state, Action.STOP, CLOCK)
    due = now + request.policy.confirm
    return replace(request, state=state, ended_at=now, due_at=due, participants=tuple(counted))


def confirm(request: Request, principal: Principal, now: datetime) -> tuple[Request, bool]:
    """Return the request after the caller confirmed the minutes, and whether both sides now have: every helper who came, and one helped.

    Errors: ForbiddenError, WrongStateError, NotPresentError, AlreadyConfirmedError.
    """
    LIFE.perform(request.state, Action.CONFIRM, acting_as(principal, request))
    caller = request.find(principal.resident_id)
    assert caller is not None
    if caller.started_at is None:
        raise NotPresentError
    if caller.confirmed_at is not None:
        raise AlreadyConfirmedError
    agreed = replace(caller, confirmed_at=now)
    after = replace(request, participants=tuple(agreed if p is caller else p for p in request.participants))
    is_agreed = all(p.confirmed_at for p in present(after.helpers)) and any(p.confirmed_at for p in after.helped)
    return after, is_agreed


def decide_dispute(request: Request, principal: Principal) -> State:
    """Return the state after somebody concerned objected to the minutes.

    Errors: ForbiddenError, WrongStateError.
    """
    return LIFE.perform(request.state, Action.DISPUTE, acting_as(principal, request))


def settle(request: Request, principal: Principal, kin: frozenset[UUID], minutes: Mapping[UUID, int]) -> Request:
    """Return the request with the minutes a supervisor found for every helper who came; none of the households may be the own one or kin's.

    Errors: ForbiddenError, WrongStateError, OwnHelpError, HelpSettlementInvalidError.
    """
    state = LIFE.perform(request.state, Action.SETTLE, acting_as(principal, request))
    if steps_aside(principal, kin, request.requester_household_id, *(p.household_id for p in request.participants)):
        raise OwnHelpError
    came = {p.resident_id for p in present(request.helpers)}
    if set(minutes) != came or any(not 0 <= count <= request.minutes for count in minutes.values()):
        raise HelpSettlementInvalidError(most=request.minutes)
    found = [
        replace(
            p,
            served_minutes=Minutes(minutes[p.resident_id]),
            credited_minutes=credit(minutes[p.resident_id], request.rate_percent, request.policy),
        )
        if p.resident_id in came
        else p
        for p in request.participants
    ]
    return replace(request, state=state, due_at=None, participants=tuple(found))


def cancel(request: Request, state: State, reason: str, now: datetime) -> Request:
    """Return a request that came to nothing; who had already shown a code is free again."""
    freed = (
        replace(p, ended_at=now) if p.started_at is not None and p.ended_at is None else p for p in request.participants
    )
    return replace(request, state=state, reason=reason, due_at=None, participants=tuple(freed))


def run_out(request: Request, now: datetime) -> Request:
    """Return what the clock makes of a request past its time.

    Nobody came: cancelled. Forgotten to stop: ended at the longest time, and both must then agree. Not confirmed: silence is consent where
    codes ended it, otherwise a supervisor decides.
    """
    match request.state:
        case State.STARTED:
            return replace(_end(request, now), is_ended_by_clock=True)
        case State.ENDED:
            action = Action.DISPUTE if request.is_ended_by_clock else Action.CREDIT
            reason = "没有输入结束码，又没有双方确认" if request.is_ended_by_clock else "逾期未确认，视为同意"
            return replace(request, state=LIFE.perform(request.state, action, CLOCK), reason=reason, due_at=None)
        case _:
            state = LIFE.perform(request.state, Action.CANCEL, CLOCK)
            return cancel(request, state, "到时间没有人来帮忙", now)


def offered_actions(request: Request, principal: Principal, kin: frozenset[UUID]) -> list[Action]:
    """Return what the caller could do now; what would be refused for a reason known beforehand is left out."""
    actors = acting_as(principal, request)
    part = request.find(principal.resident_id)
    hidden = set(INNER)
    if request.is_approved or steps_aside(principal, kin, request.requester_household_id):
        hidden.add(Action.APPROVE)
    if not request.is_approved:
        hidden |= {Action.HELP, Action.ACCOMPANY}
    if len(request.helpers) >= request.helpers_wanted or principal.household_id in {
        p.household_id for p in request.helped
    }:
        hidden.add(Action.HELP)
    if principal.household_id in {p.household_id for p in request.helpers}:
        hidden.add(Action.ACCOMPANY)
    if part is not None and (part.resident_id == request.requester_resident_id or part.started_at is not None):
        hidden.add(Action.LEAVE)
    if part is not None and (part.started_at is None or part.confirmed_at is not None):
        hidden.add(Action.CONFIRM)
    if part is not None and part.started_at is None:
        hidden.add(Action.ENTER_STOP)
    if steps_aside(principal, kin, request.requester_household_id, *(p.household_id for p in request.participants)):
        hidden.add(Action.SETTLE)
    return [action for action in LIFE.actions(request.state, actors) if action not in hidden]
