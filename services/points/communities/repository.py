"""Every statement of communities."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.communities.models import Community
from shared.db import upsert


async def put(session: AsyncSession, community_id: UUID, code: str, name: str) -> None:
    """Write what a community is called now."""
    await upsert(session, Community, [{"id": community_id, "code": code, "name": name}])


async def find_name(session: AsyncSession, community_id: UUID) -> str | None:
    """Return what a community is called, or None when nobody has told it."""
    return (await session.execute(select(col(Community.name)).where(col(Community.id) == community_id))).scalar()
