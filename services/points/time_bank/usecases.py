"""What those who need help, those who help, officials, supervisors and the clock do with requests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from services.points.help_kinds import usecases as kinds
from services.points.help_policies import usecases as policies
from services.points.kinships import usecases as kinships
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, TransferKind
from services.points.passbooks import usecases as passbooks
from services.points.passbooks.domain import require_resident
from services.points.time_bank import facts, repository
from services.points.time_bank.codes import Phase, code_of
from services.points.time_bank.decisions import (
    cancel,
    confirm,
    decide_approval,
    decide_dispute,
    decide_join,
    decide_leave,
    enter_code,
    offered_actions,
    run_out,
    settle,
)
from services.points.time_bank.domain import (
    CLOCK,
    LIFE,
    OFFICIALS,
    Action,
    HelpLine,
    Payer,
    Request,
    Side,
    State,
    acting_as,
    check_new,
    new_participant,
)
from services.points.time_bank.minutes import escrow_needed
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Minutes
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def request_help(
    *,
    uow: UnitOfWork,
    principal: Principal,
    kind_code: str,
    note: str,
    location: str,
    payer: Payer,
    helpers_wanted: int,
    minutes: Minutes,
    wanted_from: datetime,
    wanted_until: datetime,
) -> Request:
    """Ask for help; what it can cost at most leaves the caller's passbook into escrow at once, or the pool's once an official agreed.

    Locks/IO: everything that leaves the caller's purse, then purse and escrow.
    Errors: ResidentNeededError, HouseholdClosedError, HelpKindNotFoundError, HelpTimesInvalidError, MinutesShortError.
    """
    resident_id, household_id = require_resident(principal)
    await ledger.require_open_household(uow=uow, household_id=household_id)
    kind = await kinds.get_active_kind(uow=uow, code=kind_code)
    policy = await policies.get_time_policy(uow=uow)
    check_new(minutes=minutes, wanted_from=wanted_from, wanted_until=wanted_until, policy=policy, now=uow.now)
    request_id = uow.new_id()
    request = Request(
        id=request_id,
        kind_code=kind.code,
        kind_version=kind.version,
        kind_name=kind.name,
        rate_percent=kind.rate_percent,
        note=note,
        location=location,
        payer=payer,
        requester_resident_id=resident_id,
        requester_household_id=household_id,
        requester_account_id=principal.account_id,
        helpers_wanted=helpers_wanted,
        minutes=minutes,
        wanted_from=wanted_from,
        wanted_until=wanted_until,
        state=State.REQUESTED,
        approved_by=None,
        escrow_account_id=await ledger.open_account(
            uow=uow, kind=AccountKind.ESCROW, owner_id=request_id, asset=Asset.TIME
        ),
        escrow_minutes=escrow_needed(helpers_wanted, minutes, kind.rate_percent, policy),
        started_at=None,
        ended_at=None,
        is_ended_by_clock=False,
        policy=policy,
        due_at=wanted_until,
        reason="",
        created_at=uow.now,
        participants=(new_participant(uow.new_id(), principal, household_id, Side.HELPED, uow.now),),
    )
    if payer is Payer.OWN:
        await _fund(uow, request, principal)
    await repository.add(uow.session, uow.community_id, request)
    return await _tell(uow, request, "request", principal, "")


async def approve_request(*, uow: UnitOfWork, principal: Principal, request_id: UUID) -> Request:
    """Let the community's pool pay for a request, as an official of another household without kin in this one.

    Locks/IO: the request's row, everything that leaves the pool, then pool and escrow.
    Errors: HelpRequestNotFoundError, ForbiddenError, WrongStateError, OwnHelpError, AlreadyConfirmedError, MinutesShortError.
    """
    request = await repository.get(uow.session, principal, request_id, for_update=True)
    state = decide_approval(request, principal, await kinships.kin_of(uow=uow, principal=principal))
    await _fund(uow, request, principal)
    return await _save(uow, replace(request, state=state, approved_by=principal.account_id), "approve", principal)


async def join_request(*, uow: UnitOfWork, principal: Principal, request_id: UUID, side: Side) -> Request:
    """Offer help, or be helped together with the one who asked.

    Locks/IO: the request's row.
    Errors: ResidentNeededError, HouseholdClosedError, HelpRequestNotFoundError, ForbiddenError, WrongStateError, AlreadyTakesPartError,
        HelpNotApprovedError, HelpOfOwnHouseholdError, HelpFullError.
    """
    _, household_id = require_resident(principal)
    await ledger.require_open_household(uow=uow, household_id=household_id)
    request = await repository.get(uow.session, principal, request_id, for_update=True)
    state = decide_join(request, side, principal, household_id)
    participant = new_participant(uow.new_id(), principal, household_id, side, uow.now)
    await repository.add_participant(uow.session, uow.community_id, request_id, participant)
    joined = replace(request, state=state, participants=(*request.participants, participant))
    return await _save(uow, joined, f"join_as_{side.value}", principal)


async def leave_request(*, uow: UnitOfWork, principal: Principal, request_id: UUID) -> Request:
    """Step back before it has begun; without any helper the request looks for one again.

    Locks/IO: the request's row.
    Errors: HelpRequestNotFoundError, ForbiddenError, WrongStateError.
    """
    request = await repository.get(uow.session, principal, request_id, for_update=True)
    leaver, state = decide_leave(request, principal)
    await repository.remove_participant(uow.session, leaver.id)
    staying = tuple(p for p in request.participants if p is not leaver)
    return await _save(uow, replace(request, state=state, participants=staying), "leave", principal)


async def cancel_request(*, uow: UnitOfWork, principal: Principal, request_id: UUID, reason: str) -> Request:
    """Call a request off before it has begun; the minutes go back where they came from.

    Locks/IO: the request's row, then escrow and purse.
    Errors: HelpRequestNotFoundError, ForbiddenError, WrongStateError.
    """
    request = await repository.get(uow.session, principal, request_id, for_update=True)
    state = LIFE.perform(request.state, Action.CANCEL, acting_as(principal, request))
    cancelled = cancel(request, state, reason, uow.now)
    await _refund(uow, cancelled, principal)
    return await _save(uow, cancelled, "cancel", principal, reason)


async def get_request(*, uow: UnitOfWork, principal: Principal, request_id: UUID) -> Request:
    """Return a request.

    Errors: HelpRequestNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, request_id)


async def list_requests(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: State | None,
    kind_code: str | None,
    is_mine: bool,
) -> Slice[Request]:
    """Return the requests the caller may see, newest first; `is_mine` leaves those the caller takes part in.

    Errors: ResidentNeededError.
    """
    resident_id = require_resident(principal)[0] if is_mine else None
    return await repository.list_page(
        uow.session, principal, page, state=state, kind_code=kind_code, resident_id=resident_id
    )


async def list_actions(*, uow: UnitOfWork, principal: Principal, request_id: UUID) -> tuple[Request, list[Action]]:
    """Return a request and what the caller could do with it now.

    Errors: HelpRequestNotFoundError.
    """
    request = await repository.get(uow.session, principal, request_id)
    return request, offered_actions(request, principal, await kinships.kin_of(uow=uow, principal=principal))


async def list_lines(*, uow: UnitOfWork, principal: Principal, request_id: UUID) -> list[HelpLine]:
    """Return who did what with a request and why, oldest first.

    Errors: HelpRequestNotFoundError.
    """
    await repository.get(uow.session, principal, request_id)
    return await repository.list_lines(uow.session, request_id)


async def export_requests(*, uow: UnitOfWork, principal: Principal, from_on: date, to_on: date) -> list[Request]:
    """Return every request made from one day to another, both included.

    Errors: ForbiddenError.
    """
    principal.require(*OFFICIALS, Role.SUPERVISOR)
    begin = datetime.combine(from_on, time(), CHINA)
    end = datetime.combine(to_on, time(), CHINA) + timedelta(days=1)
    return await repository.list_for_export(uow.session, begin, end)


async def get_own_code(*, uow: UnitOfWork, principal: Principal, request_id: UUID, key: bytes) -> tuple[Phase, str]:
    """Return the code the caller shows the other side now: of the start until the caller's own was entered, then of the stop.

    Errors: HelpRequestNotFoundError, ForbiddenError, WrongStateError.
    """
    request = await repository.get(uow.session, principal, request_id)
    LIFE.perform(request.state, Action.ENTER_START, acting_as(principal, request))
    part = request.find(principal.resident_id)
    assert part is not None
    phase = Phase.START if part.started_at is None else Phase.STOP
    return phase, code_of(key, request.id, part.resident_id, phase)


async def enter_time_code(
    *, uow: UnitOfWork, principal: Principal, request_id: UUID, phase: Phase, code: str, key: bytes
) -> Request:
    """Enter the code somebody of the other side shows: that person has begun, or ended.

    Locks/IO: the request's row.
    Errors: HelpRequestNotFoundError, ForbiddenError, WrongStateError, TimeCodeWrongError, TimeCodeUsedError, NotPresentError,
        AlreadyHelpingError.
    Idempotency: a code counts once; its time is that of the first use.
    """
    request = await repository.get(uow.session, principal, request_id, for_update=True)
    codes = {p.resident_id: code_of(key, request.id, p.resident_id, phase) for p in request.participants}
    entered = enter_code(request, principal, phase, code, codes, uow.now)
    return await _save(uow, entered, f"enter_{phase.value}", principal)


async def confirm_help(*, uow: UnitOfWork, principal: Principal, request_id: UUID) -> Request:
    """Agree to the minutes; when both sides have, they are credited.

    Locks/IO: the request's row, so that two last confirmations come one after the other; then escrow and purses.
    Errors: HelpRequestNotFoundError, ForbiddenError, WrongStateError, NotPresentError, AlreadyConfirmedError.
    """
    request = await repository.get(uow.session, principal, request_id, for_update=True)
    confirmed, is_agreed = confirm(request, principal, uow.now)
    confirmed = await _save(uow, confirmed, "confirm", principal)
    if is_agreed:
        state = LIFE.perform(confirmed.state, Action.CREDIT, CLOCK)
        confirmed = await _credit(uow, replace(confirmed, state=state, due_at=None), "credit", principal)
    return confirmed


async def dispute_help(*, uow: UnitOfWork, principal: Principal, request_id: UUID, reason: str) -> Request:
    """Object to the minutes; until a supervisor settles it they stay in escrow.

    Locks/IO: the request's row.
    Errors: HelpRequestNotFoundError, ForbiddenError, WrongStateError.
    """
    request = await repository.get(uow.session, principal, request_id, for_update=True)
    state = decide_dispute(request, principal)
    return await _save(uow, replace(request, state=state, reason=reason, due_at=None), "dispute", principal, reason)


async def settle_help(
    *, uow: UnitOfWork, principal: Principal, request_id: UUID, minutes: Mapping[UUID, int], reason: str
) -> Request:
    """Credit the minutes a supervisor found for each helper who came.

    Locks/IO: the request's row, then escrow and purses.
    Errors: HelpRequestNotFoundError, ForbiddenError, WrongStateError, OwnHelpError, HelpSettlementInvalidError.
    """
    request = await repository.get(uow.session, principal, request_id, for_update=True)
    kin = await kinships.kin_of(uow=uow, principal=principal)
    settled = replace(settle(request, principal, kin, minutes), reason=reason)
    return await _credit(uow, settled, "settle", principal, reason)


async def move_due_request(*, uow: UnitOfWork, request_id: UUID) -> None:
    """Do what the clock does with a request past its time.

    Locks/IO: the request's row unless somebody is at it, then escrow and purses.
    Idempotency: without effect when it is no longer due.
    """
    request = await repository.find_due_for_update(uow.session, request_id, uow.now)
    if request is None:
        return
    moved = run_out(request, uow.now)
    if moved.state is State.CREDITED:
        await _credit(uow, moved, "credit", None, moved.reason)
        return
    if moved.state is State.CANCELLED:
        await _refund(uow, moved, None)
    await _save(uow, moved, moved.state.value, None, moved.reason)


async def _fund(uow: UnitOfWork, request: Request, by: Principal) -> None:
    if request.escrow_minutes == 0:
        return
    await passbooks.pay_out(
        uow=uow,
        owner_id=request.requester_resident_id if request.payer is Payer.OWN else None,
        minutes=request.escrow_minutes,
        to_account_id=request.escrow_account_id,
        kind=TransferKind.TIME_ESCROW,
        source_id=request.id,
        summary=f"求助预留：{request.kind_name}",
        acting_account_id=by.account_id,
    )


async def _refund(uow: UnitOfWork, request: Request, by: Principal | None) -> None:
    left, _ = await ledger.balance_of(uow=uow, account_id=request.escrow_account_id)
    if left == 0:
        return
    back = (
        await passbooks.purse_of(uow=uow, resident_id=request.requester_resident_id)
        if request.payer is Payer.OWN
        else await passbooks.pool_account(uow=uow)
    )
    await ledger.post(
        uow=uow,
        asset=Asset.TIME,
        amount=left,
        from_account_id=request.escrow_account_id,
        to_account_id=back,
        kind=TransferKind.TIME_REFUND,
        source_id=request.id,
        summary=f"预留退回：{request.kind_name}",
        acting_account_id=by.account_id if by else None,
    )


async def _credit(uow: UnitOfWork, request: Request, action: str, by: Principal | None, note: str = "") -> Request:
    takers = {helper.resident_id for helper in request.helpers if helper.credited_minutes}
    payer = request.requester_resident_id if request.payer is Payer.OWN else uow.community_id
    await passbooks.lock_purses(uow=uow, resident_ids=takers, besides=[request.id, payer])
    for helper in request.helpers:
        if helper.credited_minutes == 0:
            continue
        await ledger.post(
            uow=uow,
            asset=Asset.TIME,
            amount=helper.credited_minutes,
            from_account_id=request.escrow_account_id,
            to_account_id=await passbooks.purse_of(uow=uow, resident_id=helper.resident_id),
            kind=TransferKind.TIME_CREDIT,
            source_id=helper.id,
            summary=f"{request.kind_name} {helper.served_minutes} 分钟",
            acting_account_id=by.account_id if by else None,
        )
        uow.announce(request.id, facts.credited(request, helper))
    await _refund(uow, request, by)
    return await _save(uow, request, action, by, note)


async def _save(uow: UnitOfWork, request: Request, action: str, by: Principal | None, note: str = "") -> Request:
    await repository.save(uow.session, request)
    return await _tell(uow, request, action, by, note)


async def _tell(uow: UnitOfWork, request: Request, action: str, by: Principal | None, note: str) -> Request:
    line = HelpLine(uow.new_id(), action, by.account_id if by else None, note, uow.now)
    await repository.add_line(uow.session, uow.community_id, request.id, line)
    uow.announce(request.id, facts.moved(request, action, note, uow.now))
    return request
