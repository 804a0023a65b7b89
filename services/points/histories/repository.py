"""Every statement by which the books are read; they are written by the ledger alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.histories.domain import Balance, Origin, Span, StatementRow
from services.points.ledger.domain import Asset, Line, Posting, TransferKind, digest_of
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice

ROWS: Final = """
    SELECT e.id, e.created_at, coalesce(t.event_at, e.created_at) AS event_at, coalesce(t.kind, 'hold') AS kind,
        coalesce(t.summary, h.purpose, '') AS summary, e.amount, e.available_after, e.held_after, e.version, t.acting_account_id,
        t.source_id, t.reverses_id, t.rule_version, coalesce(o.kind, t.kind, 'hold') AS doing_kind,
        coalesce(o.source_id, t.source_id) AS doing_source_id, coalesce(o.acting_account_id, t.acting_account_id) AS doing_account_id
    FROM points.entry e
    LEFT JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
    LEFT JOIN points.transfer o ON o.community_id = t.community_id AND o.id = t.reverses_id
    LEFT JOIN points.hold h ON h.community_id = e.community_id AND h.id = e.hold_id
    WHERE e.account_id = :account_id AND e.version IS NOT NULL
        AND (CAST(:before AS bigint) IS NULL OR e.version < :before)
        AND (CAST(:begins_at AS timestamptz) IS NULL OR e.created_at >= :begins_at)
        AND (CAST(:ends_at AS timestamptz) IS NULL OR e.created_at < :ends_at)
    ORDER BY e.version DESC LIMIT :limit
"""

_BY_ACCOUNT = """
    SELECT r.id, m.resident_id, 1 FROM points.{origin} r JOIN points.member m ON m.community_id = r.community_id AND m.account_id = r.{account}
    WHERE r.id = ANY(:{origin}) AND m.household_id = :household_id
"""
DOERS: Final[Mapping[Origin, str]] = {
    Origin.CLAIM: """
        SELECT c.id, one.resident_id, one.place FROM points.claim c, unnest(c.member_ids) WITH ORDINALITY AS one (resident_id, place)
        WHERE c.id = ANY(:claim)
    """,
    Origin.REDEMPTION: _BY_ACCOUNT.format(origin="redemption", account="account_id"),
    Origin.VOUCHER: _BY_ACCOUNT.format(origin="voucher", account="account_id"),
    Origin.GIG_PLACE: _BY_ACCOUNT.format(origin="gig_place", account="worker_account_id"),
    Origin.ADOPTION_DUTY: _BY_ACCOUNT.format(origin="adoption_duty", account="account_id"),
    Origin.DELIVERY: _BY_ACCOUNT.format(origin="delivery", account="volunteer_account_id"),
    Origin.AWARD: "SELECT id, resident_id, 1 FROM points.award WHERE id = ANY(:award) AND resident_id IS NOT NULL",
    Origin.ACCOUNT: """
        SELECT account_id, resident_id, 1 FROM points.member WHERE account_id = ANY(:account) AND household_id = :household_id
    """,
}
"""How each origin tells by its id whose doing a line is. An account tells it only of somebody of this household."""

PEOPLE: Final = """
    SELECT d.origin_id, d.resident_id, coalesce(m.name, '（未登记）') AS name
    FROM ({doers}) AS d (origin_id, resident_id, place) LEFT JOIN points.member m ON m.resident_id = d.resident_id
    ORDER BY d.place
"""

BALANCES: Final = """
    SELECT a.asset, a.available, a.held, (
        SELECT coalesce(sum(h.amount), 0) FROM points.hold h
        WHERE h.community_id = a.community_id AND h.account_id = a.id AND h.expires_at <= :now
            AND NOT EXISTS (SELECT 1 FROM points.hold_end e WHERE e.community_id = h.community_id AND e.hold_id = h.id)
    ) AS stale
    FROM points.account a WHERE a.kind = 'household' AND a.owner_id = :household_id ORDER BY a.asset
"""

BALANCES_AT: Final = """
    SELECT a.asset, coalesce(e.available_after, 0) AS available, coalesce(e.held_after, 0) AS held
    FROM points.account a
    LEFT JOIN LATERAL (
        SELECT available_after, held_after FROM points.entry e
        WHERE e.community_id = a.community_id AND e.account_id = a.id AND e.created_at <= :at ORDER BY e.version DESC NULLS LAST LIMIT 1
    ) e ON true
    WHERE a.kind = 'household' AND a.owner_id = :household_id ORDER BY a.asset
"""

EXPIRIES: Final = """
    SELECT expires_at, sum(remaining) AS points FROM points.lot
    WHERE account_id = :account_id AND remaining > 0 AND expires_at IS NOT NULL GROUP BY expires_at ORDER BY expires_at
"""

LINES: Final = """
    SELECT e.version, e.hold_id, e.amount, e.available_after, e.held_after, e.created_at, e.previous_hash, e.hash,
        t.id, t.asset, t.kind, t.amount AS transfer_amount, t.from_account_id, t.to_account_id, t.source_id, t.summary, t.rule_version,
        t.acting_account_id, t.reverses_id, t.event_at, t.created_at AS posted_at
    FROM points.entry e LEFT JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
    WHERE e.account_id = :account_id AND e.version IS NOT NULL ORDER BY e.version
"""


async def list_balances(session: AsyncSession, household_id: UUID, now: datetime) -> list[Balance]:
    """Return a household's balances."""
    rows = await session.execute(text(BALANCES), {"household_id": household_id, "now": now})
    return [Balance(Asset(row.asset), int(row.available + row.stale), int(row.held - row.stale)) for row in rows.all()]


async def list_balances_at(session: AsyncSession, household_id: UUID, at: datetime) -> list[Balance]:
    """Return a household's balances as its last lines up to a moment left them."""
    rows = await session.execute(text(BALANCES_AT), {"household_id": household_id, "at": at})
    return [Balance(Asset(row.asset), row.available, row.held) for row in rows.all()]


async def list_statement(
    session: AsyncSession, household_id: UUID, account_id: UUID, page: PageRequest, span: Span, resident_id: UUID | None
) -> Slice[StatementRow]:
    """Return a household's lines of an account with the balance after each, newest first.

    Which lines are a person's is known only once they are told, so each look that found too few goes back twice as far as the one before.
    """
    found: list[StatementRow] = []
    before, limit = page.after_number(), page.limit + 1
    while True:
        rows = await _rows(session, account_id, span, before=before, limit=limit)
        found += _of(resident_id, await _told(session, household_id, rows))
        if len(found) > page.limit or len(rows) < limit:
            return Slice.cut(found, page.limit, lambda row: (row.version,))
        before, limit = rows[-1].version, 2 * limit


async def list_whole_statement(
    session: AsyncSession, household_id: UUID, account_id: UUID, span: Span, resident_id: UUID | None
) -> list[StatementRow]:
    """Return all of a household's lines of an account, oldest first, as they are printed."""
    rows = await _rows(session, account_id, span)
    return _of(resident_id, await _told(session, household_id, rows))[::-1]


async def list_coming_expiries(session: AsyncSession, account_id: UUID) -> list[tuple[datetime, int]]:
    """Return every moment at which points of an account expire and how many do, soonest first."""
    rows = await session.execute(text(EXPIRIES), {"account_id": account_id})
    return [(row.expires_at, int(row.points)) for row in rows.all()]


async def list_lines(session: AsyncSession, account_id: UUID) -> Sequence[Line]:
    """Return every line of an account, oldest first, as it is hashed."""
    rows = await session.execute(text(LINES), {"account_id": account_id})
    return [_line(account_id, row) for row in rows.all()]


async def _rows(
    session: AsyncSession, account_id: UUID, span: Span, *, before: int | None = None, limit: int | None = None
) -> list[StatementRow]:
    """Return an account's lines, newest first, without whose doing they are."""
    values = {
        "account_id": account_id,
        "before": before,
        "begins_at": span.begins_at,
        "ends_at": span.ends_at,
        "limit": limit,
    }
    return [StatementRow(**row) for row in (await session.execute(text(ROWS), values)).mappings()]


async def _told(session: AsyncSession, household_id: UUID, rows: Sequence[StatementRow]) -> list[StatementRow]:
    """Return lines with whose doing each is; asks only the origins that occur."""
    asked: defaultdict[Origin, set[UUID]] = defaultdict(set)
    for origin, origin_id in (row.origin for row in rows):
        if origin_id is not None:
            asked[origin].add(origin_id)
    doers: defaultdict[UUID | None, list[tuple[UUID, str]]] = defaultdict(list)
    if asked:
        statement = PEOPLE.format(doers=" UNION ALL ".join(DOERS[origin] for origin in sorted(asked)))
        values = {"household_id": household_id} | {origin: list(ids) for origin, ids in asked.items()}
        for found in await session.execute(text(statement), values):
            doers[found.origin_id].append((found.resident_id, found.name))
    return [replace(row, doers=tuple(doers[row.origin[1]])) for row in rows]


def _of(resident_id: UUID | None, rows: list[StatementRow]) -> list[StatementRow]:
    return [row for row in rows if resident_id is None or resident_id in row.resident_ids]


def _line(account_id: UUID, row: Any) -> Line:
    return Line(
        account_id=account_id,
        version=row.version,
        digest=None if row.id is None else _digest(row),
        hold_id=row.hold_id,
        amount=row.amount,
        available_after=row.available_after,
        held_after=row.held_after,
        created_at=row.created_at,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def _digest(row: Any) -> str:
    posting = Posting(
        transfer_id=row.id,
        asset=Asset(row.asset),
        amount=Points(row.transfer_amount),
        kind=TransferKind(row.kind),
        source_id=row.source_id,
        summary=row.summary,
        rule_version=row.rule_version,
        acting_account_id=row.acting_account_id,
        event_at=row.event_at,
        created_at=row.posted_at,
    )
    return digest_of(
        posting,
        from_account_id=row.from_account_id,
        to_account_id=row.to_account_id,
        reverses_id=row.reverses_id,
    )
