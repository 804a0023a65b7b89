"""Every statement of rolls and of the local picture of households."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.rolls.domain import ScopeKind, Unit
from services.proposals.rolls.errors import RollNotFoundError
from services.proposals.rolls.models import Household, Resident, Roll, RollUnit
from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined
from shared.db import upsert
from shared.pagination import PageRequest, Slice, before, beyond


def in_scope(scope_kind: ScopeKind, scope_id: UUID | None) -> ColumnElement[bool]:
    """Return which households belong to a scope."""
    match scope_kind:
        case ScopeKind.BUILDING:
            return col(Household.building_id) == scope_id
        case ScopeKind.GRID:
            return col(Household.grid_id) == scope_id
        case ScopeKind.COMMUNITY:
            return true()


async def upsert_households(
    session: AsyncSession,
    community_id: UUID,
    told: Sequence[HouseholdRegistered | HouseholdChanged],
    registered_at: datetime,
) -> None:
    """Enter households or overwrite what was known."""
    rows = [
        {
            "community_id": community_id,
            "id": fact.household_id,
            "number": fact.household_number,
            "address": fact.address,
            "householder_name": fact.householder_name,
            "grid_id": fact.grid_id,
            "grid_name": fact.grid_name,
            "building_id": fact.building_id,
            "building_name": fact.building_name,
            "area_cm2e2": fact.area_cm2e2,
            "status": fact.status if isinstance(fact, HouseholdChanged) else "active",
            "registered_at": registered_at,
        }
        for fact in told
    ]
    await upsert(session, Household, rows, keep=("registered_at",))


async def upsert_residents(session: AsyncSession, community_id: UUID, joined: Sequence[ResidentJoined]) -> None:
    """Enter residents or overwrite what was known."""
    rows = [
        {
            "community_id": community_id,
            "id": fact.resident_id,
            "household_id": fact.household_id,
            "name": fact.name,
            "is_adult": fact.is_adult,
            "is_party_member": fact.is_party_member,
            "is_representative": fact.is_representative,
            "left_at": None,
        }
        for fact in joined
    ]
    await upsert(session, Resident, rows)


async def mark_left(session: AsyncSession, resident_id: UUID, left_at: datetime) -> None:
    """Note that a resident left."""
    await session.execute(update(Resident).where(col(Resident.id) == resident_id).values(left_at=left_at))


async def find_scope_name(session: AsyncSession, scope_kind: ScopeKind, scope_id: UUID | None) -> str | None:
    """Return what people call the scope, or None when no active household lies in it."""
    name = {
        ScopeKind.BUILDING: col(Household.building_name),
        ScopeKind.GRID: col(Household.grid_name),
        ScopeKind.COMMUNITY: literal("全社区"),
    }[scope_kind]
    statement = select(name).where(in_scope(scope_kind, scope_id), col(Household.status) == "active").limit(1)
    found: str | None = (await session.execute(statement)).scalar_one_or_none()
    return found


async def count_households(session: AsyncSession, scope_kind: ScopeKind, scope_id: UUID | None) -> int:
    """Return how many active households lie in a scope."""
    statement = select(func.count()).where(in_scope(scope_kind, scope_id), col(Household.status) == "active")
    return int((await session.execute(statement.select_from(Household))).scalar_one())


async def is_in_scope(session: AsyncSession, household_id: UUID, scope_kind: ScopeKind, scope_id: UUID | None) -> bool:
    """Tell whether an active household lies in a scope."""
    statement = select(col(Household.id)).where(
        col(Household.id) == household_id, in_scope(scope_kind, scope_id), col(Household.status) == "active"
    )
    return (await session.execute(statement)).first() is not None


async def list_units_now(session: AsyncSession, scope_kind: ScopeKind, scope_id: UUID | None) -> list[Unit]:
    """Return the voting units a scope has at this moment: every active household with its present adults."""
    adults = func.array_agg(col(Resident.id)).filter(col(Resident.is_adult).is_(True), col(Resident.left_at).is_(None))
    statement: Select[*tuple[Any, ...]] = (
        select(
            col(Household.id),
            col(Household.address),
            col(Household.number),
            col(Household.area_cm2e2),
            func.coalesce(adults, literal([], ARRAY(Uuid()))),
        )
        .outerjoin(
            Resident,
            (col(Resident.community_id) == col(Household.community_id))
            & (col(Resident.household_id) == col(Household.id)),
        )
        .where(in_scope(scope_kind, scope_id), col(Household.status) == "active")
        .group_by(col(Household.community_id), col(Household.id))
    )
    return [
        Unit(unit_id, address or number, 1, area, tuple(sorted(actors)))
        for unit_id, address, number, area, actors in (await session.execute(statement)).all()
    ]


async def add_roll(session: AsyncSession, roll: Roll, units: Sequence[Unit]) -> None:
    """Store a frozen roll with its units."""
    session.add(roll)
    await session.flush()
    session.add_all(
        RollUnit(
            community_id=roll.community_id,
            roll_id=roll.id,
            unit_id=unit.unit_id,
            label=unit.label,
            heads=unit.heads,
            area_cm2e2=unit.area_cm2e2,
            actors=list(unit.actors),
        )
        for unit in units
    )
    await session.flush()


async def get_roll(session: AsyncSession, roll_id: UUID) -> Roll:
    """Return a roll.

    Errors: RollNotFoundError.
    """
    roll = (await session.execute(select(Roll).where(col(Roll.id) == roll_id))).scalar_one_or_none()
    if roll is None:
        raise RollNotFoundError
    return roll


async def list_rolls(session: AsyncSession, page: PageRequest) -> Slice[Roll]:
    """Return the rolls of a community, newest first."""
    key = (col(Roll.frozen_at), col(Roll.id))
    statement = select(Roll).order_by(*(column.desc() for column in key)).limit(page.limit + 1)
    after = page.after_moment_and_id()
    if after is not None:
        statement = statement.where(before(key, after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda roll: (roll.frozen_at, roll.id))


async def list_roll_units(session: AsyncSession, roll_id: UUID, page: PageRequest) -> Slice[RollUnit]:
    """Return the units of a roll in the order in which they were hashed."""
    statement = (
        select(RollUnit).where(col(RollUnit.roll_id) == roll_id).order_by(col(RollUnit.unit_id)).limit(page.limit + 1)
    )
    after = page.after_id()
    if after is not None:
        statement = statement.where(beyond((col(RollUnit.unit_id),), (after,)))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda unit: (unit.unit_id,))


async def list_all_units(session: AsyncSession, roll_id: UUID) -> list[Unit]:
    """Return every unit of a roll."""
    statement = select(RollUnit).where(col(RollUnit.roll_id) == roll_id).order_by(col(RollUnit.unit_id))
    return [
        Unit(row.unit_id, row.label, row.heads, row.area_cm2e2, tuple(row.actors))
        for row in (await session.execute(statement)).scalars()
    ]


async def find_unit(session: AsyncSession, roll_id: UUID, unit_id: UUID) -> Unit | None:
    """Return a unit of a roll, or None."""
    statement = select(RollUnit).where(col(RollUnit.roll_id) == roll_id, col(RollUnit.unit_id) == unit_id)
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else Unit(row.unit_id, row.label, row.heads, row.area_cm2e2, tuple(row.actors))


async def sum_units(session: AsyncSession, roll_id: UUID, unit_ids: Sequence[UUID]) -> tuple[int, int]:
    """Return heads and area of some units of a roll."""
    statement: Select[*tuple[Any, ...]] = select(
        func.coalesce(func.sum(col(RollUnit.heads)), 0), func.coalesce(func.sum(col(RollUnit.area_cm2e2)), 0)
    ).where(
        col(RollUnit.roll_id) == roll_id,
        col(RollUnit.unit_id) == any_(literal(list(unit_ids), ARRAY(Uuid()))),
    )
    heads, area = (await session.execute(statement)).one()
    return int(heads), int(area)


async def list_rolls_of_actor(session: AsyncSession, unit_id: UUID, resident_id: UUID) -> Sequence[UUID]:
    """Return the rolls on which a resident may act for a unit."""
    statement = select(col(RollUnit.roll_id)).where(
        col(RollUnit.unit_id) == unit_id, literal(resident_id, Uuid()) == any_(col(RollUnit.actors))
    )
    return (await session.execute(statement)).scalars().all()
