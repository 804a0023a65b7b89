"""What officials, the panel, households, supervisors and the clock do with the boards."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.points.boards import repository
from services.points.boards.domain import (
    CONCERN_WORDS,
    LIVES,
    PROPOSERS,
    WATCHERS,
    Action,
    Actor,
    Board,
    Concerns,
    Entry,
    Policy,
    State,
    Tone,
    Vote,
    acting_as,
    allowed_actions,
    check_exempting,
    check_may,
    check_new,
    count_panel,
    decide,
    readable_votes,
    require_reach,
)
from services.points.boards.errors import BoardExemptError, BoardPolicyDateError
from services.points.boards.models import BoardEntry, BoardExemption, BoardPolicy, BoardVote
from services.points.boards.repository import Exemption
from services.points.kinships import usecases as kinships
from services.points.ledger import usecases as ledger
from services.points.steps import usecases as steps
from services.points.steps.domain import Step
from shared.contracts.events import BoardEntryMoved
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.pagination import WHOLE, PageRequest, Slice
from shared.uow import UnitOfWork

CLOCK = frozenset({Actor.CLOCK})


async def _actors(uow: UnitOfWork, principal: Principal, entry: Entry) -> frozenset[Actor]:
    household = await ledger.get_household(uow=uow, household_id=entry.household_id)
    return acting_as(principal, entry, household.grid_id, await kinships.kin_of(uow=uow, principal=principal))


async def get_policy(*, uow: UnitOfWork) -> Policy:
    """Return the rules of the boards in force today; the built-in ones until the community adopts its own."""
    return await repository.find_policy(uow.session, local_date(uow.now)) or Policy()


async def adopt_policy(*, uow: UnitOfWork, principal: Principal, policy: Policy) -> Policy:
    """Enter the rules a meeting adopted; entries under way keep those they began with.

    Locks/IO: adoption in this community.
    Errors: ForbiddenError, BoardPolicyDateError.
    """
    principal.require(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    effective_on = policy.effective_on or local_date(uow.now)
    if effective_on < local_date(uow.now):
        raise BoardPolicyDateError
    version = await repository.next_policy_version(uow.session, uow.community_id)
    facts = {name: getattr(policy, name) for name in Policy.__slots__} | {
        "version": version,
        "effective_on": effective_on,
    }
    await repository.add_policy(
        uow.session,
        BoardPolicy(community_id=uow.community_id, adopted_by=principal.account_id, adopted_at=uow.now, **facts),
    )
    return Policy(**facts)


async def propose_entry(
    *,
    uow: UnitOfWork,
    principal: Principal,
    board: Board,
    household_id: UUID,
    concerns: Concerns,
    tone: Tone,
    title: str,
    reason: str,
) -> Entry:
    """Propose a household for a board; the panel decides.

    Errors: ForbiddenError, AccountNotFoundError, BoardHouseholdGoneError, BoardExemptError, BoardEntryOpenError.
    """
    household = await ledger.get_household(uow=uow, household_id=household_id)
    require_reach(principal, household.grid_id, *PROPOSERS)
    is_exempt = await repository.is_exempt(uow.session, household_id, local_date(uow.now))
    check_new(board, concerns, is_exempt=is_exempt, is_here=household.status == "active")
    policy = await get_policy(uow=uow)
    entry_id = uow.new_id()
    await repository.add(
        uow.session,
        BoardEntry(
            community_id=uow.community_id,
            id=entry_id,
            board=board,
            household_id=household_id,
            tone=tone,
            title=title,
            reason=reason,
            state=State.PROPOSED,
            panel_quorum=policy.panel_quorum,
            cure_days=policy.cure_days,
            listing_days=policy.listing_days,
            proposed_by=principal.account_id,
            proposed_at=uow.now,
        ),
    )
    await steps.record_step(
        uow=uow,
        subject_id=entry_id,
        action="propose",
        state=State.PROPOSED,
        account_id=principal.account_id,
        reason=reason,
    )
    return await repository.get(uow.session, entry_id)


async def _visible(uow: UnitOfWork, principal: Principal) -> Any:
    return repository.visible_to(principal, is_warning_public=(await get_policy(uow=uow)).is_warning_public)


async def list_entries(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    board: Board | None,
    state: State | None,
    household_id: UUID | None,
) -> Slice[Entry]:
    """Return the entries the caller may see, newest first.

    Errors: CursorInvalidError.
    """
    visible = await _visible(uow, principal)
    return await repository.list_page(uow.session, visible, page, board=board, state=state, household_id=household_id)


async def list_for_export(
    *, uow: UnitOfWork, principal: Principal, board: Board | None, state: State | None
) -> list[tuple[Entry, str]]:
    """Return every entry the caller may see with its household's number, newest first.

    Errors: ForbiddenError for anybody but those who see every entry, and grid workers.
    """
    principal.require(*WATCHERS, Role.GRID_WORKER)
    visible = await _visible(uow, principal)
    rows = await repository.list_page(uow.session, visible, WHOLE, board=board, state=state, household_id=None)
    numbers = {home.id: home.number for home in await ledger.list_households(uow=uow)}
    return [(entry, numbers.get(entry.household_id, "")) for entry in rows.rows]


async def list_hanging(*, uow: UnitOfWork, boards: Sequence[Board], limit: int) -> list[tuple[Entry, str, str, bool]]:
    """Return what hangs on some boards: entry, masked householder, building, and whether it wants to stay unnamed."""
    return await repository.list_hanging(uow.session, boards, limit)


async def list_actions(*, uow: UnitOfWork, principal: Principal, entry_id: UUID) -> tuple[Entry, list[Action]]:
    """Return an entry and what the caller could do with it now.

    Errors: BoardEntryNotFoundError.
    """
    entry = await repository.get(uow.session, entry_id, await _visible(uow, principal))
    return entry, allowed_actions(entry, await _actors(uow, principal, entry))


async def get_record(*, uow: UnitOfWork, principal: Principal, entry_id: UUID) -> Entry:
    """Return an entry whose steps the caller may read: its household, those who see every entry, and its grid worker.

    Errors: BoardEntryNotFoundError; ForbiddenError for a neighbour who sees it hang.
    """
    entry = await repository.get(uow.session, entry_id, await _visible(uow, principal))
    if principal.household_id != entry.household_id:
        household = await ledger.get_household(uow=uow, household_id=entry.household_id)
        require_reach(principal, household.grid_id, *WATCHERS)
    return entry


async def list_votes(*, uow: UnitOfWork, principal: Principal, entry_id: UUID) -> list[Vote]:
    """Return the panel's votes as the caller may read them now, oldest first.

    Errors: BoardEntryNotFoundError; ForbiddenError for those who do not see every entry.
    """
    entry = await repository.get(uow.session, entry_id, await _visible(uow, principal))
    principal.require(*WATCHERS)
    return readable_votes(entry, principal, await repository.list_votes(uow.session, entry_id))


async def vote_on_entry(
    *, uow: UnitOfWork, principal: Principal, entry_id: UUID, is_approved: bool, reason: str
) -> Entry:
    """Vote as a member of the panel; with enough votes an honour hangs, and a warning is told to its household alone.

    Locks/IO: the entry's row, so that two last votes are counted one after the other.
    Errors: BoardEntryNotFoundError, ForbiddenError, WrongStateError, BoardRecusedError, BoardReasonMissingError, BoardAlreadyVotedError.
    """
    entry = await repository.get(uow.session, entry_id, await _visible(uow, principal), for_update=True)
    check_may(entry, Action.APPROVE if is_approved else Action.REJECT, await _actors(uow, principal, entry), reason)
    await repository.add_vote(
        uow.session,
        BoardVote(
            community_id=uow.community_id,
            entry_id=entry_id,
            account_id=principal.account_id,
            is_approved=is_approved,
            reason=reason,
            cast_at=uow.now,
        ),
    )
    decision = count_panel(await repository.list_votes(uow.session, entry_id), entry.panel_quorum)
    if decision is None:
        return entry
    is_warned = decision is Action.APPROVE and entry.board is Board.WARNING
    # Somebody may have fallen ill since it was proposed.
    if is_warned and await repository.is_exempt(uow.session, entry.household_id, local_date(uow.now)):
        raise BoardExemptError
    return await _move(
        uow, entry, decision, frozenset({Actor.PANEL}), reason or "评议小组表决", principal, decided_at=uow.now
    )


async def act_on_entry(*, uow: UnitOfWork, principal: Principal, entry_id: UUID, action: Action, reason: str) -> Entry:
    """Object as the household, answer or take down as a supervisor, or say as who looked that things were put right.

    Locks/IO: the entry's row.
    Errors: BoardEntryNotFoundError, ForbiddenError, WrongStateError, BoardRecusedError, BoardReasonMissingError.
    """
    entry = await repository.get(uow.session, entry_id, await _visible(uow, principal), for_update=True)
    facts = {"objection": reason} if action is Action.OBJECT else {"answer": reason}
    return await _move(uow, entry, action, await _actors(uow, principal, entry), reason, principal, **facts)


async def move_due_entry(*, uow: UnitOfWork, entry_id: UUID) -> None:
    """Hang a warning whose days to put things right are over, or take down what hung long enough.

    Locks/IO: the entry's row unless somebody is at it.
    Idempotency: without effect when it is no longer due.
    """
    entry = await repository.find_due_for_update(uow.session, entry_id, local_date(uow.now))
    if entry is not None:
        action = Action.LIST if entry.state is State.NOTIFIED else Action.REMOVE
        await _move(uow, entry, action, CLOCK, "", None)


async def exempt_household(
    *, uow: UnitOfWork, principal: Principal, household_id: UUID, kind: Concerns, until: date, note: str
) -> Exemption:
    """Say that a household is not warned until a day; a warning under way ends, one that hangs comes down at once.

    A day that is over takes an exemption back; it touches no warning. The record names no illness: what was noted stays with the exemption.

    Locks/IO: the household's open warnings.
    Errors: ForbiddenError, AccountNotFoundError, BoardRecusedError.
    Idempotency: the last word counts.
    """
    household = await ledger.get_household(uow=uow, household_id=household_id)
    require_reach(principal, household.grid_id, Role.SUPERVISOR)
    check_exempting(principal, household_id, await kinships.kin_of(uow=uow, principal=principal))
    await repository.save_exemption(
        uow.session,
        BoardExemption(
            community_id=uow.community_id,
            household_id=household_id,
            kind=kind,
            until=until,
            note=note,
            entered_by=principal.account_id,
            entered_at=uow.now,
        ),
    )
    holds = until >= local_date(uow.now)
    await steps.record_step(
        uow=uow,
        subject_id=household_id,
        action="exempt" if holds else "end",
        state=f"{CONCERN_WORDS[kind]}，到 {until}",
        account_id=principal.account_id,
    )
    actors = frozenset({Actor.GRID_WORKER, Actor.SUPERVISOR})
    for entry in await repository.list_open_warnings_for_update(uow.session, household_id) if holds else ():
        await _move(uow, entry, Action.EXEMPT, actors, "不列入提醒榜", principal, answer="不列入提醒榜")
    return Exemption(household_id, kind, until, note, uow.now)


async def list_exemption_steps(
    *, uow: UnitOfWork, principal: Principal, household_id: UUID, page: PageRequest
) -> Slice[Step]:
    """Return who exempted a household, until when, or took it back, oldest first.

    Errors: ForbiddenError, AccountNotFoundError, CursorInvalidError.
    """
    household = await ledger.get_household(uow=uow, household_id=household_id)
    require_reach(principal, household.grid_id, *WATCHERS)
    return await steps.list_steps(uow=uow, subject_id=household_id, page=page)


async def list_exemptions(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    is_current: bool | None,
    household_id: UUID | None,
) -> Slice[Exemption]:
    """Return the households that are not warned. For officials, and for a grid worker those of the own grid.

    Errors: ForbiddenError, CursorInvalidError.
    """
    principal.require(*WATCHERS, Role.GRID_WORKER)
    return await repository.list_exemptions(
        uow.session, principal, page, local_date(uow.now), is_current=is_current, household_id=household_id
    )


async def _move(
    uow: UnitOfWork,
    entry: Entry,
    action: Action,
    actors: frozenset[Actor],
    reason: str,
    principal: Principal | None,
    **facts: Any,
) -> Entry:
    change = decide(entry, action, actors, reason, local_date(uow.now))
    if LIVES[entry.board].is_final(change.state):
        facts |= {"ended_at": uow.now, "ended_by": None if principal is None else principal.account_id}
    await repository.save(uow.session, entry.id, change, **facts)
    await steps.record_step(
        uow=uow,
        subject_id=entry.id,
        action=action,
        state=change.state,
        account_id=None if principal is None else principal.account_id,
        reason=reason,
    )
    moved = await repository.get(uow.session, entry.id)
    uow.announce(
        entry.id,
        BoardEntryMoved(
            entry_id=entry.id,
            household_id=entry.household_id,
            board=entry.board,
            tone=entry.tone,
            state=moved.state,
            reason=entry.reason,
            until={State.NOTIFIED: moved.cure_until, State.LISTED: moved.removal_on}.get(moved.state),
            before=entry.state,
            moved_at=uow.now,
        ),
    )
    return moved


async def get_entry(*, uow: UnitOfWork, principal: Principal, entry_id: UUID) -> Entry:
    """Return an entry.

    Errors: BoardEntryNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, entry_id, await _visible(uow, principal))
