"""What a community is called, as identity tells it."""

from uuid import UUID

from services.points.communities import repository
from shared.uow import UnitOfWork


async def keep_name(*, uow: UnitOfWork, community_id: UUID, code: str, name: str) -> None:
    """Write what a community is called now.

    Idempotency: the newest name stands.
    """
    await repository.put(uow.session, community_id, code, name)


async def name_of(*, uow: UnitOfWork) -> str:
    """Return what this community is called; nothing when nobody has told it, and what is printed then does without."""
    return await repository.find_name(uow.session, uow.community_id) or ""
