"""What an administrator does when families join or part, and what points keeps of households and people."""

from collections.abc import Sequence
from uuid import UUID

from services.points.families import repository
from services.points.families.domain import FORGOTTEN, LATE, File, Move, check_hands, merge, split
from services.points.kinships import usecases as kinships
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, SystemAccount, TransferKind
from shared.contracts.events import AccountDeleted, HouseholdChanged, HouseholdsMerged, HouseholdSplit
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork


async def merge_households(
    *, uow: UnitOfWork, principal: Principal, household_id: UUID, into_household_id: UUID, reason: str
) -> Move:
    """Let a household go up in another: its points move with their expiry, its debts too, and its file is closed.

    What is unspent of its base goes back to issuance, by a transfer like any other.

    Locks/IO: both households, then their accounts, each in the order of their ids.
    Errors: ForbiddenError, FamilyRecusedError, AccountNotFoundError, ReasonMissingError, SameHouseholdError, HouseholdClosedError,
        OpenHoldsError.
    """
    await _require_hands(uow, principal, household_id, into_household_id)
    file, into = await repository.get_files_for_update(uow.session, household_id, into_household_id)
    move = merge(file, into, reason)
    await _carry_over(uow, file, into, move, summary=f"并户：{reason}", by=principal.account_id)
    _tell_merger(uow, file, into, move)
    return move


async def move_late_points(*, uow: UnitOfWork, household_id: UUID) -> None:
    """Move what came to a closed file, or was taken from it, to the household it went up in, as the merger did.

    Locks/IO: both households, then their accounts, each in the order of their ids.
    Idempotency: without effect when nothing came since; one that goes up in a third meanwhile is left to the next time.
    """
    into_household_id = await repository.find_merged_into(uow.session, household_id)
    if into_household_id is None:
        return
    file, into = await repository.get_files_for_update(uow.session, household_id, into_household_id)
    if file.merged_into_id != into_household_id:
        return
    move = merge(file, into, LATE)
    await _carry_over(uow, file, into, move, summary=f"并户：{LATE}", by=None)
    _tell_merger(uow, file, into, move)


async def _carry_over(uow: UnitOfWork, file: File, into: File, move: Move, *, summary: str, by: UUID | None) -> None:
    source, target = file.household_id, into.household_id
    await _carry_out(uow, by, move, source, target, kind=TransferKind.MERGE, summary=summary)
    if move.base:
        await ledger.post(
            uow=uow,
            asset=Asset.SPENDABLE,
            amount=move.base,
            from_account_id=await ledger.account_of(
                uow=uow, kind=AccountKind.HOUSEHOLD, owner_id=source, asset=Asset.SPENDABLE
            ),
            to_account_id=await ledger.system_account(uow=uow, name=SystemAccount.ISSUANCE, asset=Asset.SPENDABLE),
            kind=TransferKind.MERGE,
            source_id=uow.new_id(),
            summary="并户：未用的建档基础分收回",
            acting_account_id=by,
        )
    await repository.close(uow.session, source, target)


def _tell_merger(uow: UnitOfWork, file: File, into: File, move: Move) -> None:
    is_late = file.merged_into_id is not None
    if is_late and not move.is_felt:
        return
    uow.announce(
        file.household_id,
        HouseholdsMerged(
            household_id=file.household_id,
            into_household_id=into.household_id,
            standing=move.standing,
            spendable=move.spendable,
            arrears=move.arrears,
            is_late=is_late,
            moved_at=uow.now,
        ),
    )


async def split_household(
    *,
    uow: UnitOfWork,
    principal: Principal,
    household_id: UUID,
    new_household_id: UUID,
    standing: int,
    spendable: int,
    reason: str,
) -> Move:
    """Give part of a household's points, with their expiry, to a household formed out of it.

    Locks/IO: both households, then their accounts, each in the order of their ids.
    Errors: ForbiddenError, FamilyRecusedError, AccountNotFoundError, ReasonMissingError, SameHouseholdError, HouseholdClosedError,
        StandingMissingError, InsufficientBalanceError.
    """
    await _require_hands(uow, principal, household_id, new_household_id)
    file, new = await repository.get_files_for_update(uow.session, household_id, new_household_id)
    move = split(file, new, reason, standing=standing, spendable=spendable)
    await _carry_out(
        uow,
        principal.account_id,
        move,
        household_id,
        new_household_id,
        kind=TransferKind.SPLIT,
        summary=f"分户：{reason}",
    )
    uow.announce(
        household_id,
        HouseholdSplit(
            household_id=household_id, new_household_id=new_household_id, standing=standing, spendable=spendable
        ),
    )
    return move


async def _require_hands(uow: UnitOfWork, principal: Principal, *households: UUID) -> None:
    principal.require(Role.COMMUNITY_ADMIN)
    check_hands(principal, households, await kinships.kin_of(uow=uow, principal=principal))


async def change_households(*, uow: UnitOfWork, told: Sequence[HouseholdChanged]) -> None:
    """Keep what points knows of households as identity tells it; a merged household stays merged."""
    await repository.change_households(uow.session, told)


async def forget_person(*, uow: UnitOfWork, told: AccountDeleted) -> None:
    """Drop the name of a person whose account was deleted; what the person did stays, and so does the household's own name.

    Locks/IO: the person's gigs, help, adoptions, deliveries, counts, awards and membership.
    Idempotency: without effect when the name is gone.
    Source: 个人信息保护法 第四十七条.
    """
    await repository.forget_person(
        uow.session,
        account_id=told.account_id,
        resident_id=told.resident_id,
        household_id=told.household_id,
        instead=FORGOTTEN,
    )


async def _carry_out(
    uow: UnitOfWork,
    by: UUID | None,
    move: Move,
    from_household_id: UUID,
    to_household_id: UUID,
    *,
    kind: TransferKind,
    summary: str,
) -> None:
    source_id = uow.new_id()

    async def post(asset: Asset, amount: int, owner: AccountKind, source_id: UUID) -> None:
        giver, taker = (from_household_id, to_household_id) if amount > 0 else (to_household_id, from_household_id)
        if amount != 0:
            await ledger.post(
                uow=uow,
                asset=asset,
                amount=abs(amount),
                from_account_id=await ledger.open_account(uow=uow, kind=owner, owner_id=giver, asset=asset),
                to_account_id=await ledger.open_account(uow=uow, kind=owner, owner_id=taker, asset=asset),
                kind=kind,
                source_id=source_id,
                summary=summary,
                acting_account_id=by,
                keep_lots=True,
            )

    await post(Asset.STANDING, move.standing, AccountKind.HOUSEHOLD, source_id)
    # The debt first, so that the points that follow repay it.
    await post(Asset.SPENDABLE, -move.arrears, AccountKind.ARREARS, uow.new_id())
    await post(Asset.SPENDABLE, move.spendable, AccountKind.HOUSEHOLD, source_id)
