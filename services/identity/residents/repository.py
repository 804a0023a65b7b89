"""Every statement about residents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    any_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.bulk import among, execute_many, insert_many
from services.identity.households.domain import Reach
from services.identity.residents.domain import (
    Family,
    Home,
    MemberFacts,
    Relation,
    ResidentMatch,
    ResidentStatus,
    Sex,
    is_adult,
)
from services.identity.residents.models import ResidentRow
from shared.pagination import Slice

RESIDENT = ResidentRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.
ACTIVE = RESIDENT.c.status == ResidentStatus.ACTIVE.value
IS_HOUSEHOLDER = RESIDENT.c.relation == Relation.HOUSEHOLDER.value


def visible_to(reach: Reach) -> ColumnElement[bool]:
    """Return the residents within a reach."""
    if reach.is_everything:
        return true()
    conditions = [
        among(column, list(ids))
        for column, ids in (
            (RESIDENT.c.household_id, reach.household_ids),
            (RESIDENT.c.grid_id, reach.grid_ids),
            (RESIDENT.c.building_id, reach.building_ids),
        )
        if ids
    ]
    return or_(*conditions) if conditions else false()


async def load_members(session: AsyncSession) -> dict[UUID, MemberFacts]:
    """Read every active resident, by id."""
    columns = [RESIDENT.c[name] for name in ("id", "household_number", *_FACTS)]
    return {row.id: facts_of(row) for row in await session.execute(select(*columns).where(ACTIVE))}


_FACTS = (
    "name",
    "relation",
    "sex",
    "born_on",
    "identity_index",
    "phone_index",
    "is_party_member",
    "is_representative",
    "can_act",
)


def facts_of(row: Any) -> MemberFacts:
    """Read what is known of a resident from a row."""
    return MemberFacts(
        household_code=row.household_number,
        name=row.name,
        relation=Relation(row.relation),
        sex=Sex(row.sex) if row.sex else None,
        born_on=row.born_on,
        identity_index=row.identity_index,
        phone_index=row.phone_index,
        is_party_member=row.is_party_member,
        is_representative=row.is_representative,
        can_act=row.can_act,
    )


async def insert_residents(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert residents."""
    await insert_many(session, RESIDENT, rows)


_WRITTEN = (
    "household_id",
    "household_number",
    "grid_id",
    "building_id",
    "address",
    "name",
    "relation",
    "sex",
    "born_on",
    "phone",
    "phone_masked",
    "phone_index",
    "identity_number",
    "identity_masked",
    "identity_index",
    "is_party_member",
    "is_representative",
    "can_act",
    "updated_at",
)


async def update_residents(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write residents anew, by `id`.

    What must be unique (the householder, the identity number) is given back first, so that two people can change places.
    """
    if not rows:
        return
    await session.execute(
        update(RESIDENT)
        .where(among(RESIDENT.c.id, [row["id"] for row in rows]))
        .values(relation=Relation.OTHER.value, identity_number=None, identity_masked=None, identity_index=None)
    )
    statement = update(RESIDENT).where(RESIDENT.c.id == bindparam("key")).values({n: bindparam(n) for n in _WRITTEN})
    await execute_many(session, statement, [{"key": row["id"]} | {n: row[n] for n in _WRITTEN} for row in rows])


async def settle(session: AsyncSession, homes: Sequence[Home]) -> None:
    """Write the place of households to all their residents."""
    if not homes:
        return
    statement = (
        update(RESIDENT)
        .where(RESIDENT.c.household_id == bindparam("key"))
        .values(grid_id=bindparam("grid"), building_id=bindparam("building"), address=bindparam("place"))
    )
    rows = [
        {"key": home.household_id, "grid": home.grid_id, "building": home.building_id, "place": home.address}
        for home in homes
    ]
    await execute_many(session, statement, rows)


async def close_residents(session: AsyncSession, ids: Sequence[UUID], reason: str, now: datetime) -> None:
    """Mark residents as left."""
    await session.execute(
        update(RESIDENT)
        .where(among(RESIDENT.c.id, ids))
        .values(status=ResidentStatus.LEFT.value, left_at=now, left_reason=reason, updated_at=now)
    )


async def find_last_homes(session: AsyncSession, identity_indexes: Sequence[bytes]) -> dict[bytes, UUID]:
    """Return the household each of these people left last, by identity number; who never left one is not there."""
    statement = (
        select(RESIDENT.c.identity_index, RESIDENT.c.household_id)
        .where(
            RESIDENT.c.identity_index == any_(literal(list(identity_indexes), ARRAY(LargeBinary))),
            # Written into the statement: with a parameter the index of former residents serves no prepared plan.
            RESIDENT.c.status == literal(ResidentStatus.LEFT.value, literal_execute=True),
        )
        .order_by(RESIDENT.c.left_at)
    )
    return {row.identity_index: row.household_id for row in await session.execute(statement)}


async def count_families(session: AsyncSession, household_ids: Sequence[UUID]) -> dict[UUID, Family]:
    """Return size and householder of households; one without anybody has 0 and None."""
    counts = await session.execute(
        select(RESIDENT.c.household_id, func.count().label("count"))
        .where(among(RESIDENT.c.household_id, household_ids), ACTIVE)
        .group_by(RESIDENT.c.household_id)
    )
    sizes = {row.household_id: row[1] for row in counts}
    heads = await session.execute(
        select(RESIDENT.c.household_id, RESIDENT.c.id, RESIDENT.c.name).where(
            among(RESIDENT.c.household_id, household_ids), ACTIVE, IS_HOUSEHOLDER
        )
    )
    named = {row.household_id: (row.id, row.name) for row in heads}
    return {key: Family(sizes.get(key, 0), *named.get(key, (None, ""))) for key in household_ids}


async def members_of(session: AsyncSession, household_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """Read the active members of households, the householder first."""
    statement = (
        select(RESIDENT)
        .where(among(RESIDENT.c.household_id, household_ids), ACTIVE)
        .order_by(~IS_HOUSEHOLDER, RESIDENT.c.id)
    )
    members: dict[UUID, list[Any]] = {household_id: [] for household_id in household_ids}
    for row in await session.execute(statement):
        members[row.household_id].append(row)
    return members


@dataclass(frozen=True, slots=True)
class ResidentFilter:
    """Which residents a list shows."""

    household_id: UUID | None = None
    grid_id: UUID | None = None
    building_id: UUID | None = None
    is_party_member: bool | None = None
    is_representative: bool | None = None
    is_householder: bool | None = None
    can_act: bool | None = None
    name: str | None = None


async def list_residents(
    session: AsyncSession, reach: Reach, where: ResidentFilter, *, after: UUID | None, limit: int
) -> Slice[Any]:
    """Read a page of active residents within reach, in the order they were entered."""
    statement = select(RESIDENT).where(visible_to(reach), ACTIVE).order_by(RESIDENT.c.id).limit(limit + 1)
    for column, value in (
        (RESIDENT.c.household_id, where.household_id),
        (RESIDENT.c.grid_id, where.grid_id),
        (RESIDENT.c.building_id, where.building_id),
        (RESIDENT.c.is_party_member, where.is_party_member),
        (RESIDENT.c.is_representative, where.is_representative),
        (RESIDENT.c.can_act, where.can_act),
        (RESIDENT.c.name, where.name),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if where.is_householder is not None:
        statement = statement.where(IS_HOUSEHOLDER if where.is_householder else ~IS_HOUSEHOLDER)
    if after is not None:
        statement = statement.where(RESIDENT.c.id > after)
    rows = (await session.execute(statement)).all()
    return Slice.cut(rows, limit, lambda row: (row.id,))


async def find_resident(session: AsyncSession, reach: Reach, resident_id: UUID) -> Any | None:
    """Read one resident within reach, also one who has left."""
    return (
        await session.execute(select(RESIDENT).where(RESIDENT.c.id == resident_id, visible_to(reach)))
    ).one_or_none()


async def match_residents(session: AsyncSession, where: ColumnElement[bool], today: date) -> list[ResidentMatch]:
    """Read active residents for a sign-in. As the worker role it looks through every community."""
    statement = select(RESIDENT).where(where, ACTIVE).order_by(~IS_HOUSEHOLDER, RESIDENT.c.id)
    return [
        ResidentMatch(
            community_id=row.community_id,
            resident_id=row.id,
            household_id=row.household_id,
            household_number=row.household_number,
            grid_id=row.grid_id,
            building_id=row.building_id,
            name=row.name,
            is_householder=row.relation == Relation.HOUSEHOLDER.value,
            is_adult=is_adult(row.born_on, Relation(row.relation), today),
            can_act=row.can_act,
            is_party_member=row.is_party_member,
            is_representative=row.is_representative,
        )
        for row in await session.execute(statement)
    ]
