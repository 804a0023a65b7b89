"""What people and officials do with minutes besides helping: give, donate, grant, issue, exchange, read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.points.budgets import usecases as budgets
from services.points.families.domain import FORGOTTEN
from services.points.help_policies import usecases as policies
from services.points.kinships import usecases as kinships
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, SystemAccount, TransferKind
from services.points.passbooks import repository
from services.points.passbooks.domain import (
    Member,
    Move,
    MoveKind,
    PassbookStatement,
    Quarter,
    check_gift,
    check_grant,
    exchange,
    quarter_of,
    require_resident,
    statement_of,
)
from services.points.passbooks.errors import MemberNotFoundError, MinutesShortError, PoolDecisionUsedError
from services.points.rulebooks import usecases as rulebooks
from shared.contracts.events import MinutesGiven
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Minutes, Points
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Passbook:
    """A person's passbook at a glance, with the family minutes can be given to."""

    resident_id: UUID
    name: str
    minutes: int
    family: list[Member]


async def keep_members(*, uow: UnitOfWork, members: Sequence[Member]) -> None:
    """Enter people with the households they belong to."""
    await repository.keep_members(uow.session, uow.community_id, members)


async def bind_account(*, uow: UnitOfWork, resident_id: UUID, account_id: UUID, name: str | None) -> None:
    """Remember a person's account, and write the masked name of one whose name was dropped with an earlier account."""
    await repository.bind_account(uow.session, resident_id, account_id)
    if name is not None:
        await repository.name_again(uow.session, resident_id, name, dropped=FORGOTTEN)


async def require_members(*, uow: UnitOfWork, household_id: UUID, resident_ids: Collection[UUID]) -> None:
    """Pass when all of these people belong to a household now.

    Errors: MemberNotFoundError.
    """
    if resident_ids:
        members = await repository.list_members(uow.session, household_id)
        if not set(resident_ids) <= {member.resident_id for member in members}:
            raise MemberNotFoundError


async def mark_left(*, uow: UnitOfWork, resident_id: UUID, household_id: UUID) -> None:
    """Write that a person no longer belongs to a household."""
    await repository.mark_left(uow.session, resident_id, household_id)


async def purse_of(*, uow: UnitOfWork, resident_id: UUID) -> UUID:
    """Return the account of a person's minutes, opened when first needed."""
    return await ledger.open_account(uow=uow, kind=AccountKind.RESIDENT, owner_id=resident_id, asset=Asset.TIME)


async def lock_purses(*, uow: UnitOfWork, resident_ids: Collection[UUID], besides: Sequence[UUID]) -> None:
    """Open the purses minutes will go to and lock them with other accounts, because neighbours help one another crosswise.

    `besides` are the owners of the others.

    Locks/IO: the purses opened by resident, then every account by id.
    """
    for resident_id in sorted(resident_ids):
        await purse_of(uow=uow, resident_id=resident_id)
    await ledger.lock_owners(uow=uow, owner_ids=[*besides, *resident_ids])


async def pool_account(*, uow: UnitOfWork) -> UUID:
    """Return the account of the community's pool of minutes, opened when first needed."""
    return await ledger.open_account(uow=uow, kind=AccountKind.POOL, owner_id=uow.community_id, asset=Asset.TIME)


async def get_passbook(*, uow: UnitOfWork, principal: Principal) -> Passbook:
    """Return the caller's minutes and family.

    Errors: ResidentNeededError.
    """
    resident_id, household_id = require_resident(principal)
    available, _ = await ledger.balance_of(uow=uow, account_id=await purse_of(uow=uow, resident_id=resident_id))
    members = await repository.list_members(uow.session, household_id)
    family = [member for member in members if member.resident_id != resident_id]
    return Passbook(resident_id, principal.name, available, family)


async def _begin(uow: UnitOfWork, giver: UUID | None, taker: UUID | None) -> None:
    """Be alone with what leaves a purse, then open the purses of both in one order; None is the pool.

    Two who give each other their first minutes would otherwise each wait for the account the other has just opened.
    """
    await repository.lock_purse(uow.session, giver or uow.community_id)
    for resident_id in sorted(one for one in (giver, taker) if one is not None):
        await purse_of(uow=uow, resident_id=resident_id)


async def pay_out(
    *,
    uow: UnitOfWork,
    owner_id: UUID | None,
    minutes: Minutes,
    to_account_id: UUID,
    kind: TransferKind,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID,
) -> None:
    """Take minutes out of a person's purse, or out of the pool when `owner_id` is None, as far as they are there.

    Locks/IO: everything that leaves this purse, then the accounts.
    Errors: MinutesShortError.
    """
    await repository.lock_purse(uow.session, owner_id or uow.community_id)
    purse = await pool_account(uow=uow) if owner_id is None else await purse_of(uow=uow, resident_id=owner_id)
    available, _ = await ledger.balance_of(uow=uow, account_id=purse)
    if available < minutes:
        raise MinutesShortError(needed=minutes, available=available)
    await ledger.post(
        uow=uow,
        asset=Asset.TIME,
        amount=minutes,
        from_account_id=purse,
        to_account_id=to_account_id,
        kind=kind,
        source_id=source_id,
        summary=summary,
        acting_account_id=acting_account_id,
    )


async def give_minutes(
    *, uow: UnitOfWork, principal: Principal, to_resident_id: UUID, minutes: Minutes, reason: str
) -> Move:
    """Give minutes to another member of the caller's household.

    Locks/IO: everything that leaves this purse, then both purses.
    Errors: ResidentNeededError, MemberNotFoundError, GiftToSelfError, GiftOutsideFamilyError, MinutesShortError.
    """
    giver, household_id = require_resident(principal)
    receiver = await repository.get_member(uow.session, to_resident_id)
    check_gift(giver, household_id, receiver)
    move = _move(uow, principal, MoveKind.GIFT, minutes, giver, to_resident_id, reason)
    await _begin(uow, giver, to_resident_id)
    await pay_out(
        uow=uow,
        owner_id=giver,
        minutes=minutes,
        to_account_id=await purse_of(uow=uow, resident_id=to_resident_id),
        kind=TransferKind.TIME_GIFT,
        source_id=move.id,
        summary="家人互赠",
        acting_account_id=principal.account_id,
    )
    await repository.add_move(uow.session, uow.community_id, move)
    _tell_receiver(uow, move, to_resident_id)
    return move


async def donate_minutes(*, uow: UnitOfWork, principal: Principal, minutes: Minutes, reason: str) -> Move:
    """Give minutes to the community's pool for those who need help and have none.

    Locks/IO: everything that leaves this purse, then purse and pool.
    Errors: ResidentNeededError, MinutesShortError.
    """
    giver, _ = require_resident(principal)
    move = _move(uow, principal, MoveKind.DONATION, minutes, giver, None, reason)
    await _begin(uow, giver, None)
    await pay_out(
        uow=uow,
        owner_id=giver,
        minutes=minutes,
        to_account_id=await pool_account(uow=uow),
        kind=TransferKind.TIME_DONATION,
        source_id=move.id,
        summary="捐入社区时间池",
        acting_account_id=principal.account_id,
    )
    await repository.add_move(uow.session, uow.community_id, move)
    return move


async def grant_minutes(
    *, uow: UnitOfWork, principal: Principal, to_resident_id: UUID, minutes: Minutes, reason: str
) -> Move:
    """Give minutes of the pool to a person in need, as an official, never in the own household or that of declared kin.

    Locks/IO: everything that leaves the pool, then pool and purse.
    Errors: ForbiddenError, MemberNotFoundError, GrantToOwnHouseholdError, MinutesShortError.
    """
    principal.require(Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)
    receiver = await repository.get_member(uow.session, to_resident_id)
    check_grant(principal, receiver, await kinships.kin_of(uow=uow, principal=principal))
    move = _move(uow, principal, MoveKind.GRANT, minutes, None, to_resident_id, reason)
    await _begin(uow, None, to_resident_id)
    await pay_out(
        uow=uow,
        owner_id=None,
        minutes=minutes,
        to_account_id=await purse_of(uow=uow, resident_id=to_resident_id),
        kind=TransferKind.TIME_GRANT,
        source_id=move.id,
        summary=f"时间池帮扶：{reason}",
        acting_account_id=principal.account_id,
    )
    await repository.add_move(uow.session, uow.community_id, move)
    _tell_receiver(uow, move, to_resident_id)
    return move


async def issue_minutes(
    *,
    uow: UnitOfWork,
    principal: Principal,
    minutes: Minutes,
    reason: str,
    decision_id: UUID | None,
    minutes_asset_id: UUID | None,
) -> Move:
    """Put minutes into the pool in the community's name, once by a decision of the whole community or by the minutes of a meeting.

    Locks/IO: the pool's gate, then the pool.
    Errors: ForbiddenError, MinutesMissingError, MinutesNotArrivedError, DecisionNotFoundError, PoolDecisionUsedError.
    """
    principal.require(Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)
    await rulebooks.require_evidence(uow=uow, decision_id=decision_id, minutes_asset_id=minutes_asset_id)
    await repository.lock_purse(uow.session, uow.community_id)
    if (issued := await repository.find_issue(uow.session, decision_id, minutes_asset_id)) is not None:
        raise PoolDecisionUsedError(minutes=issued.minutes)
    move = replace(
        _move(uow, principal, MoveKind.ISSUE, minutes, None, None, reason),
        decision_id=decision_id,
        minutes_asset_id=minutes_asset_id,
    )
    await ledger.post(
        uow=uow,
        asset=Asset.TIME,
        amount=minutes,
        from_account_id=await ledger.system_account(uow=uow, name=SystemAccount.ISSUANCE, asset=Asset.TIME),
        to_account_id=await pool_account(uow=uow),
        kind=TransferKind.TIME_ISSUE,
        source_id=move.id,
        summary=f"注入社区时间池：{reason}",
        acting_account_id=principal.account_id,
    )
    await repository.add_move(uow.session, uow.community_id, move)
    return move


async def list_issues(*, uow: UnitOfWork, page: PageRequest) -> Slice[Move]:
    """Return what the community put into its pool and by which decisions, newest first; everybody may know."""
    return await repository.list_moves(uow.session, page, kind=MoveKind.ISSUE)


async def exchange_minutes(*, uow: UnitOfWork, principal: Principal, minutes: Minutes) -> Move:
    """Turn minutes into spendable points of the household, where the community's policy allows it.

    Locks/IO: everything that leaves this purse, the budget, then purse and household accounts by id.
    Errors: ResidentNeededError, ExchangeClosedError, ExchangeUnevenError, ExchangeLimitError, MinutesShortError,
        AccountNotFoundError, HouseholdClosedError, BudgetExhaustedError.
    """
    resident_id, household_id = require_resident(principal)
    await ledger.require_open_household(uow=uow, household_id=household_id)
    policy = await policies.get_time_policy(uow=uow)
    await repository.lock_purse(uow.session, resident_id)
    quarter = quarter_of(uow.now)
    exchanged = await repository.sum_exchanged(uow.session, resident_id, quarter.begins_at, quarter.ends_at)
    points = exchange(policy, minutes, exchanged)
    move = _move(uow, principal, MoveKind.EXCHANGE, minutes, resident_id, None, "兑换积分", points)
    await budgets.charge_budget(uow=uow, amount=points, source_id=move.id)
    await ledger.lock_owners(uow=uow, owner_ids=[resident_id, household_id])
    await pay_out(
        uow=uow,
        owner_id=resident_id,
        minutes=minutes,
        to_account_id=await ledger.system_account(uow=uow, name=SystemAccount.EXCHANGE, asset=Asset.TIME),
        kind=TransferKind.TIME_EXCHANGE,
        source_id=move.id,
        summary=f"兑换 {points} 分",
        acting_account_id=principal.account_id,
    )
    await ledger.credit_household(
        uow=uow,
        household_id=household_id,
        asset=Asset.SPENDABLE,
        amount=points,
        kind=TransferKind.TIME_EXCHANGE,
        source_id=move.id,
        summary=f"时间兑换积分：{minutes} 分钟",
        acting_account_id=principal.account_id,
    )
    await repository.add_move(uow.session, uow.community_id, move)
    return move


async def get_pool(*, uow: UnitOfWork) -> int:
    """Return the minutes in the community's pool; everybody may know."""
    available, _ = await ledger.balance_of(uow=uow, account_id=await pool_account(uow=uow))
    return available


async def list_moves(*, uow: UnitOfWork, principal: Principal, page: PageRequest, kind: MoveKind | None) -> Slice[Move]:
    """Return what was done with minutes besides help, newest first.

    Errors: ForbiddenError.
    """
    principal.require(Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, Role.SUPERVISOR)
    return await repository.list_moves(uow.session, page, kind=kind)


async def get_statement(
    *, uow: UnitOfWork, principal: Principal, resident_id: UUID | None, quarter: Quarter | None
) -> PassbookStatement:
    """Return a quarter of a passbook: the caller's own, or anybody's for officials and supervisors; by default this quarter.

    Errors: ResidentNeededError, ForbiddenError, MemberNotFoundError.
    """
    if resident_id in {None, principal.resident_id}:
        own, household_id = require_resident(principal)
        member = Member(own, household_id, principal.name, is_present=True)
    else:
        principal.require(Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, Role.SUPERVISOR)
        assert resident_id is not None
        member = await repository.get_member(uow.session, resident_id)
    quarter = quarter or quarter_of(uow.now)
    purse = await purse_of(uow=uow, resident_id=member.resident_id)
    opening = await repository.balance_at(uow.session, purse, quarter.begins_at)
    lines = await repository.list_lines(uow.session, purse, quarter.begins_at, quarter.ends_at)
    return statement_of(member, quarter, opening, tuple(lines))


def _tell_receiver(uow: UnitOfWork, move: Move, resident_id: UUID) -> None:
    uow.announce(
        move.id,
        MinutesGiven(
            move_id=move.id,
            giver_resident_id=move.from_resident_id,
            resident_id=resident_id,
            minutes=move.minutes,
            reason=move.reason,
        ),
    )


def _move(
    uow: UnitOfWork,
    principal: Principal,
    kind: MoveKind,
    minutes: Minutes,
    giver: UUID | None,
    receiver: UUID | None,
    reason: str,
    points: Points = Points(0),
) -> Move:
    return Move(uow.new_id(), kind, minutes, points, giver, receiver, reason, principal.account_id, uow.now)
