"""Every statement about uploaders."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.media.uploaders.models import UploaderRow


async def put(session: AsyncSession, community_id: UUID, account_id: UUID, openid: str) -> None:
    """Enter an openid, or the new one."""
    await session.execute(
        insert(UploaderRow)
        .values(community_id=community_id, account_id=account_id, wechat_openid=openid)
        .on_conflict_do_update(index_elements=["community_id", "account_id"], set_={"wechat_openid": openid})
    )


async def remove(session: AsyncSession, community_id: UUID, account_id: UUID) -> None:
    """Forget an account."""
    await session.execute(
        delete(UploaderRow).where(
            col(UploaderRow.community_id) == community_id, col(UploaderRow.account_id) == account_id
        )
    )


async def find_openid(session: AsyncSession, community_id: UUID, account_id: UUID) -> str | None:
    """Return an account's openid, if it ever signed in through WeChat."""
    found = await session.execute(
        select(col(UploaderRow.wechat_openid)).where(
            col(UploaderRow.community_id) == community_id, col(UploaderRow.account_id) == account_id
        )
    )
    return found.scalar_one_or_none()
