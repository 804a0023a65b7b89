"""What a household, its grid worker and the scheme's staff read in the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.points.histories import repository
from services.points.histories.domain import Balance, Earner, StatementRow, earners_of, span_of
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, find_break
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class HouseholdAccount:
    """A household's file at a glance."""

    household_id: UUID
    number: str
    householder_name: str
    grid_name: str
    building_name: str
    balances: Sequence[Balance]
    expiries: Sequence[tuple[datetime, int]]
    arrears: int


async def get_household_account(
    *, uow: UnitOfWork, principal: Principal, household_id: UUID, at: datetime | None = None
) -> HouseholdAccount:
    """Return a household's balances, now or as they were at a moment, every coming expiry, and what it owes.

    Errors: AccountNotFoundError, also for a household the caller may not look into.
    """
    household = await ledger.get_visible_household(uow=uow, principal=principal, household_id=household_id)
    spendable = await _account(uow, household_id, Asset.SPENDABLE)
    return HouseholdAccount(
        household_id=household.id,
        number=household.number,
        householder_name=household.householder_name,
        grid_name=household.grid_name,
        building_name=household.building_name,
        balances=await repository.list_balances(uow.session, household_id, uow.now)
        if at is None
        else await repository.list_balances_at(uow.session, household_id, at),
        expiries=await repository.list_coming_expiries(uow.session, spendable),
        arrears=await ledger.arrears_of(uow=uow, household_id=household_id),
    )


async def list_statement(
    *,
    uow: UnitOfWork,
    principal: Principal,
    household_id: UUID,
    asset: Asset,
    page: PageRequest,
    from_on: date | None,
    to_on: date | None,
    resident_id: UUID | None,
) -> Slice[StatementRow]:
    """Return a household's lines in one asset, newest first, with the balance after each.

    Errors: AccountNotFoundError, also for a household the caller may not look into; DaysReversedError.
    """
    span = span_of(from_on, to_on)
    await ledger.get_visible_household(uow=uow, principal=principal, household_id=household_id)
    account_id = await _account(uow, household_id, asset)
    return await repository.list_statement(uow.session, household_id, account_id, page, span, resident_id)


async def list_whole_statement(
    *,
    uow: UnitOfWork,
    principal: Principal,
    household_id: UUID,
    asset: Asset,
    from_on: date | None,
    to_on: date | None,
    resident_id: UUID | None,
) -> tuple[str, list[StatementRow]]:
    """Return the household's number and all of its lines in one asset, oldest first.

    Errors: AccountNotFoundError, also for a household the caller may not look into; DaysReversedError.
    """
    span = span_of(from_on, to_on)
    household = await ledger.get_visible_household(uow=uow, principal=principal, household_id=household_id)
    account_id = await _account(uow, household_id, asset)
    rows = await repository.list_whole_statement(uow.session, household_id, account_id, span, resident_id)
    return household.number, rows


async def list_earners(
    *,
    uow: UnitOfWork,
    principal: Principal,
    household_id: UUID,
    asset: Asset,
    from_on: date | None,
    to_on: date | None,
) -> list[Earner]:
    """Return who of a household brought how much to its account, most first.

    Errors: AccountNotFoundError, also for a household the caller may not look into; DaysReversedError.
    """
    span = span_of(from_on, to_on)
    await ledger.get_visible_household(uow=uow, principal=principal, household_id=household_id)
    account_id = await _account(uow, household_id, asset)
    return earners_of(await repository.list_whole_statement(uow.session, household_id, account_id, span, None))


async def find_broken_line(*, uow: UnitOfWork, principal: Principal, household_id: UUID, asset: Asset) -> int | None:
    """Check the hash chain of a household's account and return the version of the first altered line, or None.

    Errors: AccountNotFoundError, also for a household the caller may not look into.
    """
    await ledger.get_visible_household(uow=uow, principal=principal, household_id=household_id)
    account_id = await _account(uow, household_id, asset)
    return find_break(account_id, await repository.list_lines(uow.session, account_id))


async def _account(uow: UnitOfWork, household_id: UUID, asset: Asset) -> UUID:
    return await ledger.account_of(uow=uow, kind=AccountKind.HOUSEHOLD, owner_id=household_id, asset=asset)
