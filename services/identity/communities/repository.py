"""Every statement about communities and the levels above them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.communities.domain import CommunityCard, Level
from services.identity.communities.models import CommunityRow, CommunitySettingsRow, DistrictRow, TownshipRow
from shared.pagination import Slice, beyond

DISTRICT, TOWNSHIP = DistrictRow.__table__, TownshipRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.
COMMUNITY, SETTINGS = CommunityRow.__table__, CommunitySettingsRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.


def _cards() -> Any:
    return (
        select(
            COMMUNITY.c.id,
            COMMUNITY.c.code,
            COMMUNITY.c.name,
            TOWNSHIP.c.code.label("township_code"),
            TOWNSHIP.c.name.label("township_name"),
            DISTRICT.c.code.label("district_code"),
            DISTRICT.c.name.label("district_name"),
        )
        .join(TOWNSHIP, TOWNSHIP.c.id == COMMUNITY.c.township_id)
        .join(DISTRICT, DISTRICT.c.id == TOWNSHIP.c.district_id)
    )


def _card(row: Any) -> CommunityCard:
    return CommunityCard(
        row.id,
        row.code,
        row.name,
        Level(row.township_code, row.township_name),
        Level(row.district_code, row.district_name),
    )


async def list_communities(
    session: AsyncSession, *, after: Sequence[object] | None, limit: int
) -> Slice[CommunityCard]:
    """Read a page of communities, by code."""
    statement = _cards().order_by(COMMUNITY.c.code, COMMUNITY.c.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(beyond([COMMUNITY.c.code, COMMUNITY.c.id], after))
    rows = [_card(row) for row in await session.execute(statement)]
    return Slice.cut(rows, limit, lambda card: (card.code, card.id))


async def find_community(session: AsyncSession, community_id: UUID) -> CommunityCard | None:
    """Read one community."""
    row = (await session.execute(_cards().where(COMMUNITY.c.id == community_id))).one_or_none()
    return None if row is None else _card(row)


async def save_district(session: AsyncSession, new_id: UUID, level: Level) -> UUID:
    """Insert a district or take over its new name; return its id."""
    statement = upsert(DISTRICT).values(id=new_id, code=level.code, name=level.name)
    saved = statement.on_conflict_do_update(index_elements=["code"], set_={"name": level.name}).returning(DISTRICT.c.id)
    return (await session.execute(saved)).scalar_one()  # type: ignore[no-any-return]  # the column's type is known to the database only.


async def save_township(session: AsyncSession, new_id: UUID, district_id: UUID, level: Level) -> UUID:
    """Insert a township or take over its new name; return its id."""
    statement = upsert(TOWNSHIP).values(id=new_id, district_id=district_id, code=level.code, name=level.name)
    saved = statement.on_conflict_do_update(
        index_elements=["district_id", "code"], set_={"name": level.name}
    ).returning(TOWNSHIP.c.id)
    return (await session.execute(saved)).scalar_one()  # type: ignore[no-any-return]  # the column's type is known to the database only.


async def insert_community(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Insert a community."""
    await session.execute(insert(COMMUNITY), [dict(row)])


async def rename(session: AsyncSession, community_id: UUID, name: str) -> str | None:
    """Write a community's new name and return its code; None when there is no such community."""
    statement = update(COMMUNITY).where(COMMUNITY.c.id == community_id).values(name=name).returning(COMMUNITY.c.code)
    code: str | None = (await session.execute(statement)).scalar_one_or_none()
    return code


async def latest_settings(session: AsyncSession) -> Any | None:
    """Read the newest version of the present community's settings."""
    return (await session.execute(select(SETTINGS).order_by(SETTINGS.c.version.desc()).limit(1))).one_or_none()


async def insert_settings(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Append a version of the settings."""
    await session.execute(insert(SETTINGS), [dict(row)])
