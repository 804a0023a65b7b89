"""What is done with uploaders."""

from uuid import UUID

from services.media.uploaders import repository
from shared.uow import UnitOfWork


async def learn_openid(*, uow: UnitOfWork, account_id: UUID, openid: str) -> None:
    """Remember under which openid WeChat knows an account.

    Idempotency: the last told wins.
    """
    await repository.put(uow.session, uow.community_id, account_id, openid)


async def forget_account(*, uow: UnitOfWork, account_id: UUID) -> None:
    """Forget an account whose owner wished it gone."""
    await repository.remove(uow.session, uow.community_id, account_id)


async def find_openid(*, uow: UnitOfWork, account_id: UUID) -> str | None:
    """Return an account's openid, if it ever signed in through WeChat."""
    return await repository.find_openid(uow.session, uow.community_id, account_id)
