"""Every statement about places."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.places.domain import AreaSource, Building, Grid, Places, Unit, UnitPlace, UnitUse, address_of
from services.identity.places.models import BuildingRow, GridRow, StairwellRow, UnitRow
from shared.kernel.ids import IdSource
from shared.kernel.values import Area
from shared.pagination import Slice, beyond

GRID, BUILDING = GridRow.__table__, BuildingRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.
STAIRWELL, UNIT = StairwellRow.__table__, UnitRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.


async def load_places(session: AsyncSession) -> Places:
    """Read every place in use."""
    grids = await session.execute(select(GRID.c.code, GRID.c.name).where(GRID.c.retired_at.is_(None)))
    stairwells = (
        select(STAIRWELL.c.building_id, func.count().label("stairwells"))
        .where(STAIRWELL.c.retired_at.is_(None))
        .group_by(STAIRWELL.c.building_id)
        .subquery()
    )
    buildings = await session.execute(
        select(
            BUILDING.c.code,
            GRID.c.code.label("grid_code"),
            BUILDING.c.name,
            func.coalesce(stairwells.c.stairwells, 0).label("stairwells"),
            BUILDING.c.floors,
            BUILDING.c.address,
        )
        .join(GRID, (GRID.c.community_id == BUILDING.c.community_id) & (GRID.c.id == BUILDING.c.grid_id))
        .outerjoin(stairwells, stairwells.c.building_id == BUILDING.c.id)
        .where(BUILDING.c.retired_at.is_(None))
    )
    units = await session.execute(
        select(
            UNIT.c.code,
            BUILDING.c.code.label("building_code"),
            STAIRWELL.c.number,
            UNIT.c.room,
            UNIT.c.area_cm2e2,
            UNIT.c.floor,
            UNIT.c.area_source,
            UNIT.c.use,
        )
        .join(BUILDING, (BUILDING.c.community_id == UNIT.c.community_id) & (BUILDING.c.id == UNIT.c.building_id))
        .join(STAIRWELL, (STAIRWELL.c.community_id == UNIT.c.community_id) & (STAIRWELL.c.id == UNIT.c.stairwell_id))
        .where(UNIT.c.retired_at.is_(None))
    )
    return Places(
        grids={row.code: Grid(row.code, row.name) for row in grids},
        buildings={row.code: Building(*row) for row in buildings},
        units={
            row.code: Unit(
                row.code,
                row.building_code,
                row.number,
                row.room,
                Area(row.area_cm2e2),
                row.floor,
                AreaSource(row.area_source),
                UnitUse(row.use),
            )
            for row in units
        },
    )


async def locate_units(session: AsyncSession) -> dict[str, UnitPlace]:
    """Return where every property unit in use is, by code."""
    rows = await session.execute(
        select(
            UNIT.c.code,
            UNIT.c.id,
            UNIT.c.room,
            UNIT.c.area_cm2e2,
            UNIT.c.area_source,
            UNIT.c.use,
            STAIRWELL.c.number,
            BUILDING.c.id.label("building_id"),
            BUILDING.c.name.label("building_name"),
            GRID.c.id.label("grid_id"),
            GRID.c.name.label("grid_name"),
        )
        .join(BUILDING, (BUILDING.c.community_id == UNIT.c.community_id) & (BUILDING.c.id == UNIT.c.building_id))
        .join(GRID, (GRID.c.community_id == BUILDING.c.community_id) & (GRID.c.id == BUILDING.c.grid_id))
        .join(STAIRWELL, (STAIRWELL.c.community_id == UNIT.c.community_id) & (STAIRWELL.c.id == UNIT.c.stairwell_id))
        .where(UNIT.c.retired_at.is_(None))
    )
    return {
        row.code: UnitPlace(
            unit_id=row.id,
            building_id=row.building_id,
            building_name=row.building_name,
            grid_id=row.grid_id,
            grid_name=row.grid_name,
            address=address_of(row.building_name, row.number, row.room),
            area=Area(row.area_cm2e2),
            area_source=AreaSource(row.area_source),
            use=UnitUse(row.use),
        )
        for row in rows
    }


async def has_place(session: AsyncSession, table: Any, place_id: UUID) -> bool:
    """Tell whether a place of this kind is in use in the present community."""
    found = await session.execute(select(table.c.id).where(table.c.id == place_id, table.c.retired_at.is_(None)))
    return found.first() is not None


async def ids_by_code(session: AsyncSession, table: Any) -> dict[str, UUID]:
    """Return the ids of a kind of place, retired ones included, by code."""
    rows = await session.execute(select(table.c.code, table.c.id))
    return {row.code: row.id for row in rows}


async def save_grids(
    session: AsyncSession, community_id: UUID, grids: Iterable[Grid], now: datetime, new_id: IdSource
) -> None:
    """Insert or change grids by code; a retired one comes back."""
    await _upsert(session, GRID, community_id, [{"code": g.code, "name": g.name} for g in grids], now, new_id)


async def save_buildings(
    session: AsyncSession, community_id: UUID, buildings: Sequence[Building], now: datetime, new_id: IdSource
) -> None:
    """Insert or change buildings by code, with their stairwells."""
    grids = await ids_by_code(session, GRID)
    rows = [
        {"code": b.code, "grid_id": grids[b.grid_code], "name": b.name, "address": b.address, "floors": b.floors}
        for b in buildings
    ]
    await _upsert(session, BUILDING, community_id, rows, now, new_id)
    ids = await ids_by_code(session, BUILDING)
    wanted = [
        {"building_id": ids[b.code], "number": number} for b in buildings for number in range(1, b.stairwells + 1)
    ]
    await _upsert(session, STAIRWELL, community_id, wanted, now, new_id, key=("building_id", "number"))
    for building in buildings:
        await session.execute(
            update(STAIRWELL)
            .where(
                STAIRWELL.c.building_id == ids[building.code],
                STAIRWELL.c.number > building.stairwells,
                STAIRWELL.c.retired_at.is_(None),
            )
            .values(retired_at=now)
        )


async def save_units(
    session: AsyncSession, community_id: UUID, units: Sequence[Unit], now: datetime, new_id: IdSource
) -> None:
    """Insert or change property units by code."""
    buildings = await ids_by_code(session, BUILDING)
    found = await session.execute(select(STAIRWELL.c.building_id, STAIRWELL.c.number, STAIRWELL.c.id))
    stairwells = {(row.building_id, row.number): row.id for row in found}
    rows = [
        {
            "code": u.code,
            "building_id": buildings[u.building_code],
            "stairwell_id": stairwells[buildings[u.building_code], u.stairwell],
            "room": u.room,
            "floor": u.floor,
            "area_cm2e2": u.area,
            "area_source": u.area_source.value,
            "use": u.use.value,
        }
        for u in units
    ]
    await _upsert(session, UNIT, community_id, rows, now, new_id)


async def _upsert(
    session: AsyncSession,
    table: Any,
    community_id: UUID,
    rows: Sequence[Mapping[str, Any]],
    now: datetime,
    new_id: IdSource,
    key: Sequence[str] = ("code",),
) -> None:
    if not rows:
        return
    statement = insert(table)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in key}
    statement = statement.on_conflict_do_update(
        index_elements=["community_id", *key], set_={**changes, "retired_at": None}
    )
    await session.execute(
        statement,
        [{"community_id": community_id, "id": new_id(), "created_at": now, "retired_at": None, **row} for row in rows],
    )


async def retire(session: AsyncSession, table: Any, codes: Iterable[str], now: datetime) -> None:
    """Mark places as gone."""
    await session.execute(update(table).where(table.c.code.in_(list(codes))).values(retired_at=now))


async def list_grids(session: AsyncSession) -> Sequence[Any]:
    """Read the grids in use with how many buildings each has, by code; a community has few, so there is one page."""
    statement = (
        select(GRID.c.id, GRID.c.code, GRID.c.name, func.count(BUILDING.c.id).label("building_count"))
        .outerjoin(
            BUILDING,
            (BUILDING.c.community_id == GRID.c.community_id)
            & (BUILDING.c.grid_id == GRID.c.id)
            & BUILDING.c.retired_at.is_(None),
        )
        .where(GRID.c.retired_at.is_(None))
        .group_by(GRID.c.id, GRID.c.code, GRID.c.name)
        .order_by(GRID.c.code)
    )
    return (await session.execute(statement)).all()


async def list_buildings(
    session: AsyncSession, *, grid_id: UUID | None, after: Sequence[object] | None, limit: int
) -> Slice[Any]:
    """Read a page of buildings in use, by code."""
    stairwells = (
        select(func.count())
        .where(
            STAIRWELL.c.community_id == BUILDING.c.community_id,
            STAIRWELL.c.building_id == BUILDING.c.id,
            STAIRWELL.c.retired_at.is_(None),
        )
        .scalar_subquery()
    )
    units = (
        select(func.count())
        .where(
            UNIT.c.community_id == BUILDING.c.community_id,
            UNIT.c.building_id == BUILDING.c.id,
            UNIT.c.retired_at.is_(None),
        )
        .scalar_subquery()
    )
    statement = (
        select(
            BUILDING.c.id,
            BUILDING.c.code,
            BUILDING.c.name,
            BUILDING.c.address,
            BUILDING.c.floors,
            BUILDING.c.grid_id,
            GRID.c.name.label("grid_name"),
            stairwells.label("stairwell_count"),
            units.label("unit_count"),
        )
        .join(GRID, (GRID.c.community_id == BUILDING.c.community_id) & (GRID.c.id == BUILDING.c.grid_id))
        .where(BUILDING.c.retired_at.is_(None))
        .order_by(BUILDING.c.code, BUILDING.c.id)
        .limit(limit + 1)
    )
    if grid_id is not None:
        statement = statement.where(BUILDING.c.grid_id == grid_id)
    if after is not None:
        statement = statement.where(beyond([BUILDING.c.code, BUILDING.c.id], after))
    rows = (await session.execute(statement)).all()
    return Slice.cut(rows, limit, lambda row: (row.code, row.id))


async def list_units(
    session: AsyncSession, *, building_id: UUID | None, after: Sequence[object] | None, limit: int
) -> Slice[Any]:
    """Read a page of property units in use, by code."""
    statement = (
        select(
            UNIT.c.id,
            UNIT.c.code,
            UNIT.c.building_id,
            BUILDING.c.name.label("building_name"),
            STAIRWELL.c.number.label("stairwell"),
            UNIT.c.room,
            UNIT.c.floor,
            UNIT.c.area_cm2e2,
            UNIT.c.area_source,
            UNIT.c.use,
        )
        .join(BUILDING, (BUILDING.c.community_id == UNIT.c.community_id) & (BUILDING.c.id == UNIT.c.building_id))
        .join(STAIRWELL, (STAIRWELL.c.community_id == UNIT.c.community_id) & (STAIRWELL.c.id == UNIT.c.stairwell_id))
        .where(UNIT.c.retired_at.is_(None))
        .order_by(UNIT.c.code, UNIT.c.id)
        .limit(limit + 1)
    )
    if building_id is not None:
        statement = statement.where(UNIT.c.building_id == building_id)
    if after is not None:
        statement = statement.where(beyond([UNIT.c.code, UNIT.c.id], after))
    rows = (await session.execute(statement)).all()
    return Slice.cut(rows, limit, lambda row: (row.code, row.id))
