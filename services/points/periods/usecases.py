"""What organisers, the panel, households, supervisors and the clock do with a period."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.points.kinships import usecases as kinships
from services.points.periods import repository
from services.points.periods.domain import (
    CLOSED,
    LIFE,
    ORGANISERS,
    Action,
    Actor,
    Hindrances,
    Period,
    PeriodObjection,
    State,
    acting_as,
    actions_now,
    check_answer,
    check_dates,
    check_decided,
    check_objection,
    check_turn,
    collect,
    first_day,
    last_day,
    moments,
    notice_ends_at,
    publicise,
    seal,
    send_back,
)
from services.points.periods.errors import PeriodNotPublishedError, PeriodTotalsChangedError
from services.points.periods.models import PeriodObjectionRow, PeriodRow
from services.points.seals import usecases as seals
from services.points.statements import usecases as statements
from services.points.statements.domain import Span
from services.points.steps import usecases as steps
from shared.contracts.events import PeriodMoved, PeriodObjectionMoved
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

CLOCK = frozenset({Actor.CLOCK})


async def require_open(*, uow: UnitOfWork, on: date, is_entry: bool = False) -> None:
    """Pass when points may still be entered for a day in China; a day no period covers is open.

    Call it before the accounts are locked. `is_entry` is for something new (a claim is submitted), which a period that was already
    reviewed takes no more; what is on its way may be posted until the period is published.

    Locks/IO: the gate of the community's periods, shared with other entries, until the transaction ends; a closing waits for it.
    Errors: PeriodClosedError.
    """
    await repository.require_open(uow.session, uow.community_id, on, is_entry=is_entry)


async def open_period(
    *,
    uow: UnitOfWork,
    principal: Principal,
    name: str,
    begins_on: date | None,
    ends_on: date | None,
    notice_days: int,
) -> Period:
    """Open the next period: by default from the day after the last one, the first from the first of this month, for two months.

    Locks/IO: opening in this community.
    Errors: ForbiddenError, PeriodDatesInvalidError.
    """
    principal.require(*ORGANISERS)
    await repository.close_gate(uow.session, uow.community_id)
    last = await repository.find_last(uow.session)
    follows = None if last is None else last.ends_on
    first = begins_on or first_day(follows, local_date(uow.now))
    end = ends_on or last_day(first)
    check_dates(first, end, follows)
    row = PeriodRow(
        community_id=uow.community_id,
        id=uow.new_id(),
        number=1 if last is None else last.number + 1,
        name=name,
        begins_on=first,
        ends_on=end,
        previous_ends_on=follows,
        notice_days=notice_days,
        state=State.OPEN,
        opened_by=principal.account_id,
        opened_at=uow.now,
    )
    period_id = row.id
    await repository.add(uow.session, row)
    await steps.record_step(
        uow=uow, subject_id=period_id, action="open", state=State.OPEN, account_id=principal.account_id
    )
    return await repository.get(uow.session, period_id)


async def list_periods(*, uow: UnitOfWork, page: PageRequest, states: Sequence[State] = ()) -> Slice[Period]:
    """Return periods, newest first.

    Errors: CursorInvalidError.
    """
    return await repository.list_page(uow.session, page, states=states)


async def get_period(*, uow: UnitOfWork, period_id: UUID) -> Period:
    """Return a period.

    Errors: PeriodNotFoundError.
    """
    return await repository.get(uow.session, period_id)


async def get_published_period(*, uow: UnitOfWork, period_id: UUID) -> Period:
    """Return a period whose totals hang out or are sealed.

    Errors: PeriodNotFoundError, PeriodNotPublishedError.
    """
    period = await repository.get(uow.session, period_id)
    if period.state not in CLOSED:
        raise PeriodNotPublishedError(name=period.name)
    return period


async def count_open_objections(*, uow: UnitOfWork, period_id: UUID) -> int:
    """Return how many objections to a period wait for an answer."""
    return await repository.count_open_objections(uow.session, period_id)


async def count_pending_claims(*, uow: UnitOfWork, period: Period) -> int:
    """Return how many claims for a period's days are not decided yet."""
    return await repository.count_pending_claims(uow.session, period.begins_on, period.ends_on)


async def list_actions(*, uow: UnitOfWork, principal: Principal, period_id: UUID) -> tuple[Period, list[Action]]:
    """Return a period and what the caller could do with it now without being refused.

    Errors: PeriodNotFoundError.
    """
    period = await repository.get(uow.session, period_id)
    hindrances = Hindrances(
        pending_claims=await count_pending_claims(uow=uow, period=period),
        open_objections=await count_open_objections(uow=uow, period_id=period_id),
        earlier=_unsealed(await repository.find_by_number(uow.session, period.number - 1)),
        has_objected=await repository.has_open_objection(uow.session, period_id, principal.household_id),
    )
    return period, actions_now(period, acting_as(principal), principal.account_id, hindrances, uow.now)


async def collect_period(*, uow: UnitOfWork, principal: Principal | None, period_id: UUID) -> Period:
    """Begin to collect what is still on its way, once the period's days are over; None is the clock.

    Locks/IO: the period's row.
    Errors: PeriodNotFoundError, ForbiddenError, WrongStateError, PeriodNotOverError.
    Idempotency: for the clock without effect when somebody did it already.
    """
    period = await repository.get(uow.session, period_id, for_update=True)
    if principal is None and period.state is not State.OPEN:
        return period
    state = collect(period, CLOCK if principal is None else acting_as(principal), local_date(uow.now))
    await repository.save(uow.session, period_id, state)
    return await _told(uow, period_id, Action.COLLECT, principal)


async def review_period(*, uow: UnitOfWork, principal: Principal, period_id: UUID) -> Period:
    """Say that everything that was claimed for the period is decided; nothing new comes in for its days from now on.

    Locks/IO: the gate alone, then the period's row.
    Errors: PeriodNotFoundError, ForbiddenError, WrongStateError, PeriodClaimsPendingError.
    """
    await repository.close_gate(uow.session, uow.community_id)
    period = await repository.get(uow.session, period_id, for_update=True)
    state = LIFE.perform(period.state, Action.REVIEW, acting_as(principal))
    check_decided(await count_pending_claims(uow=uow, period=period))
    await repository.save(
        uow.session, period_id, state, reviewed_by=principal.account_id, reviewed_at=uow.now, reason=""
    )
    return await _told(uow, period_id, Action.REVIEW, principal)


async def publicise_period(*, uow: UnitOfWork, principal: Principal, period_id: UUID) -> Period:
    """Hang the totals of the period out: they are drawn up now, and nothing is entered for its days any more.

    Locks/IO: the gate alone (entries on their way are waited for), then the period's row; one statement for all totals.
    Errors: PeriodNotFoundError, ForbiddenError, WrongStateError, PeriodOnePersonError, PeriodEarlierOpenError, PeriodClaimsPendingError.
    """
    await repository.close_gate(uow.session, uow.community_id)
    period = await repository.get(uow.session, period_id, for_update=True)
    state = publicise(period, acting_as(principal), principal.account_id)
    previous = await repository.find_by_number(uow.session, period.number - 1)
    check_turn(_unsealed(previous))
    check_decided(await count_pending_claims(uow=uow, period=period))
    begins_at, ends_at = moments(period)
    span = Span(
        period_id=period.id,
        name=period.name,
        begins_on=period.begins_on,
        ends_on=period.ends_on,
        begins_at=begins_at,
        ends_at=ends_at,
        previous_period_id=None if previous is None else previous.id,
        previous_edition=None if previous is None else previous.edition,
    )
    await statements.write_edition(uow=uow, span=span, edition=period.edition + 1)
    await repository.save(
        uow.session,
        period_id,
        state,
        edition=period.edition + 1,
        publicised_by=principal.account_id,
        publicised_at=uow.now,
        objections_until=notice_ends_at(uow.now, period.notice_days),
    )
    return await _told(uow, period_id, Action.PUBLICISE, principal)


async def send_back_period(*, uow: UnitOfWork, principal: Principal, period_id: UUID, reason: str) -> Period:
    """Send a reviewed or published period back to collecting, because something in it is wrong.

    Locks/IO: the period's row.
    Errors: PeriodNotFoundError, ForbiddenError, WrongStateError, PeriodReasonMissingError.
    """
    period = await repository.get(uow.session, period_id, for_update=True)
    return await _send_back(uow, period, principal, reason)


async def seal_period(*, uow: UnitOfWork, principal: Principal | None, period_id: UUID) -> Period:
    """Seal the period: its totals are compared with the ledger once more and stand for ever; None is the clock.

    The clock sends a period back whose totals no longer agree; a supervisor is told.

    Locks/IO: the gate alone, then the period's row; one statement over all totals.
    Errors: PeriodNotFoundError, ForbiddenError, WrongStateError, PeriodNoticeRunsError, PeriodObjectionsOpenError,
        PeriodTotalsChangedError.
    Idempotency: for the clock without effect when it is no longer due.
    """
    await repository.close_gate(uow.session, uow.community_id)
    period = await repository.get(uow.session, period_id, for_update=True)
    waiting = await repository.count_open_objections(uow.session, period_id)
    if principal is None and (period.state is not State.PUBLICISED or waiting):
        return period
    state = seal(period, CLOCK if principal is None else acting_as(principal), waiting, uow.now)
    changed = await statements.count_changed(uow=uow, period_id=period_id, edition=period.edition)
    if changed and principal is None:
        return await _send_back(uow, period, None, f"公示后有 {changed} 户的积分有变动，需要重新汇总公示。")
    if changed:
        raise PeriodTotalsChangedError(count=changed)
    root = await statements.get_root(uow=uow, period_id=period_id, edition=period.edition)
    books = await seals.latest_seal(uow=uow)
    await repository.save(
        uow.session,
        period_id,
        state,
        root=root,
        sealed_at=uow.now,
        sealed_by=None if principal is None else principal.account_id,
        ledger_seal_number=None if books is None else books.number,
        ledger_seal_root=None if books is None else books.root.hex(),
    )
    return await _told(uow, period_id, Action.SEAL, principal)


async def object_to_period(*, uow: UnitOfWork, principal: Principal, period_id: UUID, reason: str) -> PeriodObjection:
    """Object to a published period; it is not sealed before the objection is answered.

    Locks/IO: the period's row, so that a seal on its way either sees the objection or refuses it.
    Errors: PeriodNotFoundError, NoHouseholdError, WrongStateError, PeriodObjectionLateError, PeriodAlreadyObjectedError.
    """
    household_id = principal.require_household()
    period = await repository.get(uow.session, period_id, for_update=True)
    check_objection(period, acting_as(principal), uow.now)
    objection_id = uow.new_id()
    await repository.add_objection(
        uow.session,
        PeriodObjectionRow(
            community_id=uow.community_id,
            id=objection_id,
            period_id=period_id,
            household_id=household_id,
            account_id=principal.account_id,
            reason=reason,
            made_at=uow.now,
        ),
    )
    return await _objection_told(uow, period, objection_id)


async def list_objections(
    *, uow: UnitOfWork, principal: Principal, period_id: UUID, page: PageRequest, is_open: bool | None
) -> Slice[PeriodObjection]:
    """Return the objections to a period the caller may see, newest first.

    Errors: PeriodNotFoundError, CursorInvalidError.
    """
    await repository.get(uow.session, period_id)
    return await repository.list_objections(uow.session, principal, period_id, page, is_open=is_open)


async def answer_objection(
    *, uow: UnitOfWork, principal: Principal, period_id: UUID, objection_id: UUID, is_upheld: bool, answer: str
) -> PeriodObjection:
    """Answer an objection: upheld sends the period back to collecting, dismissed lets its notice go on.

    Locks/IO: the period's row.
    Errors: PeriodNotFoundError, PeriodObjectionNotFoundError, ForbiddenError, WrongStateError, PeriodRecusedError, PeriodAnsweredError,
        PeriodReasonMissingError.
    """
    period = await repository.get(uow.session, period_id, for_update=True)
    objection = await repository.get_objection(uow.session, period_id, objection_id)
    check_answer(period, objection, principal, await kinships.kin_of(uow=uow, principal=principal), answer)
    await repository.answer_objection(
        uow.session,
        objection_id,
        is_upheld=is_upheld,
        answer=answer,
        answered_by=principal.account_id,
        now=uow.now,
    )
    if is_upheld:
        await _send_back(uow, period, principal, answer)
    return await _objection_told(uow, period, objection_id)


async def _objection_told(uow: UnitOfWork, period: Period, objection_id: UUID) -> PeriodObjection:
    objection = await repository.get_objection(uow.session, period.id, objection_id)
    answered = "upheld" if objection.is_upheld else "dismissed"
    uow.announce(
        period.id,
        PeriodObjectionMoved(
            objection_id=objection_id,
            period_id=period.id,
            name=period.name,
            household_id=objection.household_id,
            state="raised" if objection.answered_at is None else answered,
            reason=objection.reason,
            answer=objection.answer,
        ),
    )
    return objection


def _unsealed(previous: Period | None) -> str | None:
    return None if previous is None or previous.state is State.SEALED else previous.name


async def _send_back(uow: UnitOfWork, period: Period, principal: Principal | None, reason: str) -> Period:
    state = send_back(period, CLOCK if principal is None else acting_as(principal), reason)
    await repository.save(
        uow.session,
        period.id,
        state,
        reason=reason,
        reviewed_by=None,
        reviewed_at=None,
        publicised_by=None,
        publicised_at=None,
        objections_until=None,
    )
    return await _told(uow, period.id, Action.SEND_BACK, principal, reason)


async def _told(
    uow: UnitOfWork, period_id: UUID, action: Action, principal: Principal | None, reason: str = ""
) -> Period:
    period = await repository.get(uow.session, period_id)
    actor = None if principal is None else principal.account_id
    await steps.record_step(
        uow=uow, subject_id=period_id, action=action, state=period.state, account_id=actor, reason=reason
    )
    uow.announce(
        period.id,
        PeriodMoved(
            period_id=period.id,
            name=period.name,
            begins_on=period.begins_on,
            ends_on=period.ends_on,
            state=period.state,
            objections_until=period.objections_until,
            root=period.root,
            reason=period.reason,
            moved_at=uow.now,
        ),
    )
    return period
