"""Every statement of the public pages."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def has_households(session: AsyncSession) -> bool:
    """Tell whether the community of this transaction is one points knows."""
    return (await session.execute(text("SELECT 1 FROM points.household LIMIT 1"))).first() is not None
