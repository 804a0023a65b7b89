"""Every statement about WeChat users and one-time codes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.bindings.domain import CardCode, WechatUser
from services.identity.bindings.models import CardCodeRow, WechatUserRow


async def find_bound(session: AsyncSession, user: WechatUser) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, account) of a WeChat user, last used first: all of them on the worker role."""
    statement = (
        select(col(WechatUserRow.community_id), col(WechatUserRow.account_id))
        .where(col(WechatUserRow.app_id) == user.app_id, col(WechatUserRow.openid) == user.openid)
        .order_by(col(WechatUserRow.used_at).desc())
    )
    return [(community_id, account_id) for community_id, account_id in await session.execute(statement)]


async def is_bound(session: AsyncSession, account_id: UUID, app_id: str) -> bool:
    """Tell whether an account has a WeChat user of this app."""
    statement = select(col(WechatUserRow.openid)).where(
        col(WechatUserRow.account_id) == account_id, col(WechatUserRow.app_id) == app_id
    )
    return (await session.execute(statement)).first() is not None


async def add_user(
    session: AsyncSession, community_id: UUID, user: WechatUser, account_id: UUID, now: datetime
) -> None:
    """Tie a WeChat user to an account.

    Errors: WechatBoundError, ResidentBoundError by constraint.
    """
    session.add(
        WechatUserRow(
            community_id=community_id,
            app_id=user.app_id,
            openid=user.openid,
            account_id=account_id,
            bound_at=now,
            used_at=now,
        )
    )
    await session.flush()


async def touch_user(session: AsyncSession, user: WechatUser, now: datetime) -> None:
    """Write when a WeChat user last signed in here."""
    await session.execute(
        update(WechatUserRow)
        .where(col(WechatUserRow.app_id) == user.app_id, col(WechatUserRow.openid) == user.openid)
        .values(used_at=now)
    )


async def remove_users(session: AsyncSession, account_id: UUID) -> None:
    """Untie every WeChat user of an account."""
    await session.execute(delete(WechatUserRow).where(col(WechatUserRow.account_id) == account_id))


async def list_known_indexes(session: AsyncSession, indexes: Collection[bytes]) -> set[bytes]:
    """Return which of the blind indexes belong to a code that was ever made here."""
    statement = select(col(CardCodeRow.code_index)).where(col(CardCodeRow.code_index).in_(indexes))
    return set((await session.execute(statement)).scalars())


async def add_codes(session: AsyncSession, rows: Sequence[Mapping[str, object]]) -> None:
    """Enter new codes, all in one statement."""
    if rows:
        await session.execute(insert(CardCodeRow), [dict(row) for row in rows])


async def expire_cards(session: AsyncSession, household_ids: Sequence[UUID], now: datetime) -> None:
    """Let the open cards of some households run out, because new ones take their place."""
    await session.execute(
        update(CardCodeRow)
        .where(
            col(CardCodeRow.household_id).in_(household_ids),
            col(CardCodeRow.resident_id).is_(None),
            col(CardCodeRow.used_at).is_(None),
            col(CardCodeRow.expires_at) > now,
        )
        .values(expires_at=now)
    )


async def find_codes(session: AsyncSession, code_index: bytes) -> Sequence[CardCode]:
    """Return the codes of this blind index, the newest first: of every community on the worker role."""
    statement = (
        select(CardCodeRow).where(col(CardCodeRow.code_index) == code_index).order_by(col(CardCodeRow.id).desc())
    )
    return [_code(row) for row in (await session.execute(statement)).scalars()]


async def get_code_for_update(session: AsyncSession, code_id: UUID) -> CardCode:
    """Return a code.

    Locks/IO: its row, so that it is used once.
    """
    statement = select(CardCodeRow).where(col(CardCodeRow.id) == code_id).with_for_update()
    return _code((await session.execute(statement)).scalar_one())


async def mark_used(session: AsyncSession, code_id: UUID, account_id: UUID, now: datetime) -> None:
    """Write that a code was used."""
    await session.execute(
        update(CardCodeRow).where(col(CardCodeRow.id) == code_id).values(used_at=now, used_by=account_id)
    )


def _code(row: CardCodeRow) -> CardCode:
    return CardCode(row.id, row.community_id, row.household_id, row.resident_id, row.expires_at, row.used_by)
