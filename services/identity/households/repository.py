"""Every statement about households, their property units and their journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, false, func, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.bulk import among, execute_many, insert_many
from services.identity.households.domain import HouseholdFacts, HouseholdStatus, HouseholdSummary, Reach, Tenure
from services.identity.households.models import HouseholdEntryRow, HouseholdRow, HouseholdUnitRow
from shared.pagination import Slice, beyond

HOUSEHOLD, HOUSEHOLD_UNIT = HouseholdRow.__table__, HouseholdUnitRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.
ENTRY = HouseholdEntryRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.


def visible_to(reach: Reach) -> ColumnElement[bool]:
    """Return the households within a reach."""
    if reach.is_everything:
        return true()
    conditions = [
        among(column, list(ids))
        for column, ids in (
            (HOUSEHOLD.c.id, reach.household_ids),
            (HOUSEHOLD.c.grid_id, reach.grid_ids),
            (HOUSEHOLD.c.building_id, reach.building_ids),
        )
        if ids
    ]
    return or_(*conditions) if conditions else false()


async def load_households(session: AsyncSession) -> dict[str, HouseholdFacts]:
    """Read every active household, by number."""
    liaison = HOUSEHOLD.alias("liaison")
    codes = func.array_agg(aggregate_order_by(HOUSEHOLD_UNIT.c.unit_code, HOUSEHOLD_UNIT.c.position))
    units = (
        select(HOUSEHOLD_UNIT.c.household_id, codes.label("codes")).group_by(HOUSEHOLD_UNIT.c.household_id).subquery()
    )
    rows = await session.execute(
        select(
            HOUSEHOLD.c.number,
            units.c.codes,
            HOUSEHOLD.c.tenure,
            HOUSEHOLD.c.moved_in_on,
            liaison.c.number.label("liaison"),
        )
        .outerjoin(units, units.c.household_id == HOUSEHOLD.c.id)
        .outerjoin(
            liaison,
            (liaison.c.community_id == HOUSEHOLD.c.community_id) & (liaison.c.id == HOUSEHOLD.c.liaison_household_id),
        )
        .where(HOUSEHOLD.c.status == HouseholdStatus.ACTIVE.value)
    )
    return {
        row.number: HouseholdFacts(row.number, tuple(row.codes or ()), Tenure(row.tenure), row.moved_in_on, row.liaison)
        for row in rows
    }


async def household_ids(session: AsyncSession) -> dict[str, UUID]:
    """Return the id of every household that was ever registered, by number."""
    rows = await session.execute(select(HOUSEHOLD.c.number, HOUSEHOLD.c.id))
    return {row.number: row.id for row in rows}


async def insert_households(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert households."""
    await insert_many(session, HOUSEHOLD, rows)


_WRITTEN = (
    "status",
    "tenure",
    "grid_id",
    "grid_name",
    "building_id",
    "building_name",
    "address",
    "area_cm2e2",
    "moved_in_on",
    "moved_out_at",
)


async def update_households(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write place, tenure and day of moving in of known households, by `id`; one that had moved out is back."""
    if rows:
        statement = (
            update(HOUSEHOLD).where(HOUSEHOLD.c.id == bindparam("key")).values({n: bindparam(n) for n in _WRITTEN})
        )
        await execute_many(session, statement, [{"key": row["id"]} | {n: row[n] for n in _WRITTEN} for row in rows])


async def link_liaisons(session: AsyncSession, links: Mapping[UUID, UUID | None]) -> None:
    """Set the liaison household of each household."""
    if links:
        statement = (
            update(HOUSEHOLD)
            .where(HOUSEHOLD.c.id == bindparam("key"))
            .values(liaison_household_id=bindparam("liaison"))
        )
        await execute_many(session, statement, [{"key": key, "liaison": liaison} for key, liaison in links.items()])


async def replace_units(session: AsyncSession, ids: Sequence[UUID], rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the links of households to property units."""
    if ids:
        await session.execute(delete(HOUSEHOLD_UNIT).where(among(HOUSEHOLD_UNIT.c.household_id, ids)))
    await insert_many(session, HOUSEHOLD_UNIT, rows)


async def close_households(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> None:
    """Mark households as moved out."""
    await session.execute(
        update(HOUSEHOLD)
        .where(among(HOUSEHOLD.c.id, ids))
        .values(status=HouseholdStatus.MOVED_OUT.value, moved_out_at=now, liaison_household_id=None)
    )


async def save_families(session: AsyncSession, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Write size and householder of households, by `key`, and count the change."""
    if rows:
        statement = (
            update(HOUSEHOLD)
            .where(HOUSEHOLD.c.id == bindparam("key"))
            .values(
                resident_count=bindparam("size"),
                householder_id=bindparam("head"),
                householder_name=bindparam("head_name"),
                version=HOUSEHOLD.c.version + 1,
                updated_at=now,
            )
        )
        await execute_many(session, statement, rows)


async def insert_entries(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append to the journal."""
    await insert_many(session, ENTRY, rows)


async def summarise(session: AsyncSession, ids: Sequence[UUID]) -> list[HouseholdSummary]:
    """Read households as the other services are told of them; names are plain."""
    rows = await session.execute(select(HOUSEHOLD).where(among(HOUSEHOLD.c.id, ids)).order_by(HOUSEHOLD.c.number))
    return [
        HouseholdSummary(
            id=row.id,
            number=row.number,
            status=HouseholdStatus(row.status),
            grid_id=row.grid_id,
            grid_name=row.grid_name,
            building_id=row.building_id,
            building_name=row.building_name,
            address=row.address,
            householder_name=row.householder_name,
            area_cm2e2=row.area_cm2e2,
            resident_count=row.resident_count,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class HouseholdFilter:
    """Which households a list shows."""

    grid_id: UUID | None = None
    building_id: UUID | None = None
    status: HouseholdStatus | None = HouseholdStatus.ACTIVE
    number: str | None = None
    liaison_household_id: UUID | None = None


async def list_households(
    session: AsyncSession, reach: Reach, where: HouseholdFilter, *, after: Sequence[object] | None, limit: int
) -> Slice[Any]:
    """Read a page of households within reach, by number."""
    statement = select(HOUSEHOLD).where(visible_to(reach)).order_by(HOUSEHOLD.c.number, HOUSEHOLD.c.id).limit(limit + 1)
    for column, value in (
        (HOUSEHOLD.c.grid_id, where.grid_id),
        (HOUSEHOLD.c.building_id, where.building_id),
        (HOUSEHOLD.c.status, where.status.value if where.status else None),
        (HOUSEHOLD.c.number, where.number),
        (HOUSEHOLD.c.liaison_household_id, where.liaison_household_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if after is not None:
        statement = statement.where(beyond([HOUSEHOLD.c.number, HOUSEHOLD.c.id], after))
    rows = (await session.execute(statement)).all()
    return Slice.cut(rows, limit, lambda row: (row.number, row.id))


async def find_household(session: AsyncSession, reach: Reach, household_id: UUID) -> Any | None:
    """Read one household within reach."""
    statement = select(HOUSEHOLD).where(HOUSEHOLD.c.id == household_id, visible_to(reach))
    return (await session.execute(statement)).one_or_none()


async def share_roll(session: AsyncSession, community_id: UUID) -> None:
    """Keep roster imports of the community from writing until this transaction ends; single changes do not hinder each other.

    Locks/IO: the shared form of the lock an import takes; waits for an import at most as long as for any lock.
    """
    lock = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('roster:' || :community_id, 0))")
    await session.execute(lock, {"community_id": str(community_id)})


async def get_for_update(session: AsyncSession, household_id: UUID) -> Any | None:
    """Read and lock a household."""
    return (
        await session.execute(select(HOUSEHOLD).where(HOUSEHOLD.c.id == household_id).with_for_update())
    ).one_or_none()


async def number_of(session: AsyncSession, household_id: UUID | None) -> str | None:
    """Return the number of a household."""
    return (
        await session.execute(select(HOUSEHOLD.c.number).where(HOUSEHOLD.c.id == household_id))
    ).scalar_one_or_none()


async def units_of(session: AsyncSession, household_id: UUID) -> Sequence[Any]:
    """Read the property units of a household, the address first."""
    statement = (
        select(HOUSEHOLD_UNIT).where(HOUSEHOLD_UNIT.c.household_id == household_id).order_by(HOUSEHOLD_UNIT.c.position)
    )
    return (await session.execute(statement)).all()


async def list_entries(session: AsyncSession, household_id: UUID, *, after: UUID | None, limit: int) -> Slice[Any]:
    """Read a page of a household's journal, newest first."""
    statement = select(ENTRY).where(ENTRY.c.household_id == household_id).order_by(ENTRY.c.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(ENTRY.c.id < after)
    rows = (await session.execute(statement)).all()
    return Slice.cut(rows, limit, lambda row: (row.id,))
