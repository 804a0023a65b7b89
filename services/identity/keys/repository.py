"""Signing keys in the database, under NO_COMMUNITY."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.keys.domain import SigningKey
from services.identity.keys.models import SigningKeyRow
from shared.kernel.ids import NO_COMMUNITY


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key with both halves; the private one is still encrypted."""

    key: SigningKey
    private_key: str
    public_key: dict[str, Any]


async def lock_keys(session: AsyncSession) -> None:
    """Let one process at a time decide about keys.

    Locks/IO: an advisory lock until the transaction ends.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("signing keys", 0))))


async def list_keys(session: AsyncSession) -> Sequence[StoredKey]:
    """Return every key that was ever made, oldest first."""
    rows = await session.scalars(select(SigningKeyRow).order_by(col(SigningKeyRow.signs_from), col(SigningKeyRow.kid)))
    return [StoredKey(_key(row), row.private_key, row.public_key) for row in rows]


async def add_key(session: AsyncSession, stored: StoredKey, now: datetime) -> None:
    """Keep a new key."""
    session.add(
        SigningKeyRow(
            community_id=NO_COMMUNITY,
            kid=stored.key.kid,
            private_key=stored.private_key,
            public_key=stored.public_key,
            signs_from=stored.key.signs_from,
            created_at=now,
        )
    )
    await session.flush()


async def save_key(session: AsyncSession, key: SigningKey) -> None:
    """Write when a key was withdrawn."""
    await session.execute(
        update(SigningKeyRow).where(col(SigningKeyRow.kid) == key.kid).values(withdrawn_at=key.withdrawn_at)
    )


def _key(row: SigningKeyRow) -> SigningKey:
    return SigningKey(row.kid, row.signs_from, row.withdrawn_at)
