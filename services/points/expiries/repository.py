"""Every statement of expiries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.expiries.domain import BEFORE_ANY_DECISION, ExpiryMode, PointsPolicy, PolicyTerms
from services.points.expiries.models import PointsPolicyRow
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before

COMING: Final = """
    SELECT g.expires_at, g.account_id, g.points, h.id AS household_id, h.number, h.householder_name
    FROM (
        SELECT l.community_id, l.expires_at, l.account_id, sum(l.remaining) AS points FROM points.lot l
        WHERE l.remaining > 0 AND l.expires_at IS NOT NULL AND l.expires_at < :until
            AND (CAST(:after_at AS timestamptz) IS NULL OR (l.expires_at, l.account_id) > (:after_at, CAST(:after_id AS uuid)))
        GROUP BY l.community_id, l.expires_at, l.account_id ORDER BY l.expires_at, l.account_id LIMIT :limit
    ) g
    JOIN points.account a ON a.community_id = g.community_id AND a.id = g.account_id
    JOIN points.household h ON h.community_id = a.community_id AND h.id = a.owner_id
    ORDER BY g.expires_at, g.account_id
"""
DUE: Final = """
    SELECT community_id, account_id FROM (
        SELECT community_id, account_id, expires_at FROM points.lot
        WHERE remaining > 0 AND expires_at IS NOT NULL AND expires_at <= :now ORDER BY expires_at LIMIT :limit
    ) due GROUP BY community_id, account_id ORDER BY min(expires_at)
"""
REMINDERS_DUE: Final = """
    SELECT community_id, account_id FROM (
        SELECT community_id, account_id, remind_at FROM points.lot
        WHERE remaining > 0 AND remind_at IS NOT NULL AND remind_at <= :now ORDER BY remind_at LIMIT :limit
    ) due GROUP BY community_id, account_id ORDER BY min(remind_at)
"""
LOCK_ACCOUNT: Final = "SELECT 1 FROM points.account WHERE id = :account_id FOR UPDATE"
REMIND: Final = """
    WITH told AS (
        UPDATE points.lot SET remind_at = points.next_reminder(expires_at, :now)
        WHERE account_id = :account_id AND remaining > 0 AND remind_at <= :now RETURNING expires_at, remaining
    )
    SELECT (SELECT owner_id FROM points.account WHERE id = :account_id) AS household_id, expires_at, sum(remaining) AS points
    FROM told WHERE expires_at > :now GROUP BY expires_at ORDER BY expires_at
"""


@dataclass(frozen=True, slots=True)
class ComingExpiry:
    """Points of one household that expire together."""

    expires_at: datetime
    account_id: UUID
    points: int
    household_id: UUID
    number: str
    householder_name: str


async def get_policy(session: AsyncSession) -> PointsPolicy:
    """Return the terms in force; what holds before any decision when there was none."""
    statement = select(PointsPolicyRow).order_by(col(PointsPolicyRow.version).desc()).limit(1)
    row = (await session.execute(statement)).scalar_one_or_none()
    return BEFORE_ANY_DECISION if row is None else _domain(row)


async def add_policy(
    session: AsyncSession, community_id: UUID, policy: PointsPolicy, *, adopted_by: UUID, adopted_at: datetime
) -> None:
    """Enter a version.

    Errors: PolicyChangedError (pk_points_policy) when somebody entered it first.
    """
    terms = policy.terms
    session.add(
        PointsPolicyRow(
            community_id=community_id,
            version=policy.version,
            opening_standing=terms.opening_standing,
            is_base_spendable=terms.is_base_spendable,
            expiry_mode=terms.expiry_mode,
            expiry_months=terms.expiry_months,
            expiry_month=terms.expiry_month,
            expiry_day=terms.expiry_day,
            decision=policy.decision,
            adopted_by=adopted_by,
            adopted_at=adopted_at,
        )
    )
    await session.flush()


async def list_policies(session: AsyncSession, page: PageRequest) -> Slice[PointsPolicy]:
    """Return all versions, newest first."""
    statement = select(PointsPolicyRow).order_by(col(PointsPolicyRow.version).desc()).limit(page.limit + 1)
    if (after := page.after_number()) is not None:
        statement = statement.where(before([col(PointsPolicyRow.version)], [after]))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda policy: (policy.version,))


async def list_coming(session: AsyncSession, page: PageRequest, until: datetime) -> Slice[ComingExpiry]:
    """Return what expires before a moment in the whole community, soonest first."""
    after_at, after_id = page.after_moment_and_id() or (None, None)
    values = {"until": until, "after_at": after_at, "after_id": after_id, "limit": page.limit + 1}
    rows = [
        ComingExpiry(
            row.expires_at, row.account_id, int(row.points), row.household_id, row.number, row.householder_name
        )
        for row in (await session.execute(text(COMING), values)).all()
    ]
    return Slice.cut(rows, page.limit, lambda row: (row.expires_at, row.account_id))


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return accounts with points past their time in all communities, longest past first."""
    return await _pairs(session, DUE, now, limit)


async def find_reminders_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return accounts whose household is to be told of a coming expiry, in all communities."""
    return await _pairs(session, REMINDERS_DUE, now, limit)


async def _pairs(session: AsyncSession, statement: str, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    rows: Any = await session.execute(text(statement), {"now": now, "limit": limit})
    return [(row.community_id, row.account_id) for row in rows.all()]


async def take_reminders(session: AsyncSession, account_id: UUID, now: datetime) -> list[tuple[UUID, datetime, int]]:
    """Return the household, the moment and how many points of all that is to be told of an account, and note that it was told.

    Locks/IO: the account, which stands for its lots: who spends writes several of them one after the other, and must not be met there.
    """
    await session.execute(text(LOCK_ACCOUNT), {"account_id": account_id})
    rows = await session.execute(text(REMIND), {"account_id": account_id, "now": now})
    return [(row.household_id, row.expires_at, int(row.points)) for row in rows.all()]


def _domain(row: PointsPolicyRow) -> PointsPolicy:
    terms = PolicyTerms(
        opening_standing=Points(row.opening_standing),
        is_base_spendable=row.is_base_spendable,
        expiry_mode=ExpiryMode(row.expiry_mode),
        expiry_months=row.expiry_months,
        expiry_month=row.expiry_month,
        expiry_day=row.expiry_day,
    )
    return PointsPolicy(row.version, terms, row.decision, row.adopted_by, row.adopted_at)
