"""Every statement over the copies of identity's facts."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.property.households.domain import KnownAccount, Place
from services.property.households.models import AccountRow, HouseholdRow, ResidentRow

_household = HouseholdRow.__table__  # type: ignore[attr-defined]  # set by SQLAlchemy on mapped classes.


async def save_household(session: AsyncSession, row: HouseholdRow) -> None:
    """Enter a household or bring what is known of it up to date."""
    values = row.model_dump()
    changed = {name: value for name, value in values.items() if name not in {"community_id", "id"}}
    statement = insert(HouseholdRow).values(**values)
    await session.execute(statement.on_conflict_do_update(index_elements=["community_id", "id"], set_=changed))


async def save_resident(session: AsyncSession, row: ResidentRow) -> None:
    """Enter a resident, or move one to another household."""
    statement = insert(ResidentRow).values(**row.model_dump())
    changed = {"household_id": row.household_id, "name": row.name}
    await session.execute(statement.on_conflict_do_update(index_elements=["community_id", "id"], set_=changed))


async def delete_resident(session: AsyncSession, community_id: UUID, resident_id: UUID) -> None:
    """Forget a resident who left the roster; their tickets stay."""
    await session.execute(
        delete(ResidentRow).where(col(ResidentRow.community_id) == community_id, col(ResidentRow.id) == resident_id)
    )


async def save_account(session: AsyncSession, row: AccountRow) -> None:
    """Enter an account or bring it up to date."""
    values = row.model_dump()
    changed = {name: value for name, value in values.items() if name not in {"community_id", "id"}}
    statement = insert(AccountRow).values(**values)
    await session.execute(statement.on_conflict_do_update(index_elements=["community_id", "id"], set_=changed))


async def anonymise_account(session: AsyncSession, community_id: UUID, account_id: UUID) -> None:
    """Drop the name of a deleted account."""
    await session.execute(
        update(AccountRow)
        .where(col(AccountRow.community_id) == community_id, col(AccountRow.id) == account_id)
        .values(name="", resident_id=None, household_id=None)
    )


async def find_place(session: AsyncSession, community_id: UUID, household_id: UUID) -> Place | None:
    """Return where a household lives, or None when it has not been heard of yet."""
    row = (
        await session.execute(
            select(
                _household.c.id,
                _household.c.grid_id,
                _household.c.grid_name,
                _household.c.building_id,
                _household.c.building_name,
                _household.c.address,
            ).where(_household.c.community_id == community_id, _household.c.id == household_id)
        )
    ).first()
    return None if row is None else Place(*row)


async def find_household_of_resident(session: AsyncSession, community_id: UUID, resident_id: UUID) -> UUID | None:
    """Return the household a resident belongs to, or None for a stranger."""
    return (
        await session.execute(
            select(col(ResidentRow.household_id)).where(
                col(ResidentRow.community_id) == community_id, col(ResidentRow.id) == resident_id
            )
        )
    ).scalar_one_or_none()


async def find_account(session: AsyncSession, community_id: UUID, account_id: UUID) -> KnownAccount | None:
    """Return what is known of an account, or None."""
    row = (
        await session.execute(
            select(col(AccountRow.id), col(AccountRow.name), col(AccountRow.household_id)).where(
                col(AccountRow.community_id) == community_id, col(AccountRow.id) == account_id
            )
        )
    ).first()
    return None if row is None else KnownAccount(*row)
