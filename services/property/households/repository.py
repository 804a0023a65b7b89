"""Every statement over the copies of identity's facts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.property.households.domain import KnownAccount, Place
from services.property.households.models import AccountRow, HouseholdRow, ResidentRow
from shared.db import upsert

_household = HouseholdRow.__table__  # type: ignore[attr-defined]  # set by SQLAlchemy on mapped classes.


async def save_households(session: AsyncSession, rows: Sequence[HouseholdRow]) -> None:
    """Enter households or bring what is known of them up to date."""
    await upsert(session, HouseholdRow, [row.model_dump() for row in rows])


async def save_residents(session: AsyncSession, rows: Sequence[ResidentRow]) -> None:
    """Enter residents, or move them to other households."""
    await upsert(session, ResidentRow, [row.model_dump() for row in rows])


async def delete_resident(session: AsyncSession, community_id: UUID, resident_id: UUID) -> None:
    """Forget a resident who left the roster; their tickets stay."""
    await session.execute(
        delete(ResidentRow).where(col(ResidentRow.community_id) == community_id, col(ResidentRow.id) == resident_id)
    )


async def save_account(session: AsyncSession, row: AccountRow) -> None:
    """Enter an account or bring it up to date."""
    await upsert(session, AccountRow, [row.model_dump()])


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
