"""What other slices ask about households, and how identity's facts are kept."""

from collections.abc import Sequence
from uuid import UUID

from services.property.households import repository
from services.property.households.domain import KnownAccount, Place
from services.property.households.models import AccountRow, HouseholdRow, ResidentRow
from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined
from shared.uow import UnitOfWork


async def keep_households(*, uow: UnitOfWork, facts: Sequence[HouseholdRegistered | HouseholdChanged]) -> None:
    """Keep where households live."""
    rows = [
        HouseholdRow(
            community_id=uow.community_id,
            id=fact.household_id,
            number=fact.household_number,
            grid_id=fact.grid_id,
            grid_name=fact.grid_name,
            building_id=fact.building_id,
            building_name=fact.building_name,
            address=fact.address,
            is_active=not isinstance(fact, HouseholdChanged) or fact.status == "active",
        )
        for fact in facts
    ]
    await repository.save_households(uow.session, rows)


async def keep_residents(*, uow: UnitOfWork, facts: Sequence[ResidentJoined]) -> None:
    """Keep which households residents belong to; the names come masked."""
    rows = [
        ResidentRow(community_id=uow.community_id, id=fact.resident_id, household_id=fact.household_id, name=fact.name)
        for fact in facts
    ]
    await repository.save_residents(uow.session, rows)


async def forget_resident(*, uow: UnitOfWork, resident_id: UUID) -> None:
    """Forget a resident who left."""
    await repository.delete_resident(uow.session, uow.community_id, resident_id)


async def keep_account(
    *, uow: UnitOfWork, account_id: UUID, name: str, resident_id: UUID | None, household_id: UUID | None
) -> None:
    """Keep whose account it is."""
    row = AccountRow(
        community_id=uow.community_id, id=account_id, name=name, resident_id=resident_id, household_id=household_id
    )
    await repository.save_account(uow.session, row)


async def forget_account(*, uow: UnitOfWork, account_id: UUID) -> None:
    """Drop the name of a deleted account."""
    await repository.anonymise_account(uow.session, uow.community_id, account_id)


async def find_place(*, uow: UnitOfWork, household_id: UUID) -> Place | None:
    """Return where a household lives, or None when it has not been heard of yet."""
    return await repository.find_place(uow.session, uow.community_id, household_id)


async def find_household_of_resident(*, uow: UnitOfWork, resident_id: UUID) -> UUID | None:
    """Return the household a resident belongs to, or None for a stranger."""
    return await repository.find_household_of_resident(uow.session, uow.community_id, resident_id)


async def find_account(*, uow: UnitOfWork, account_id: UUID) -> KnownAccount | None:
    """Return what is known of an account, or None."""
    return await repository.find_account(uow.session, uow.community_id, account_id)
