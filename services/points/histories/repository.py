"""Every statement by which the books are read; they are written by the ledger alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.histories.domain import EVERYBODY, Balance, Earner, Span, StatementRow
from services.points.ledger.domain import Asset, Line, Posting, TransferKind, digest_of
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice

# Whose doing a transfer is: those who took part in the claim behind it; otherwise who asked for the goods, did the work, was honoured; otherwise
# who entered it, if that is somebody of this household. A reversal is the doing of whose it undoes.
PEOPLE: Final = """
    LEFT JOIN points.transfer o ON o.community_id = t.community_id AND o.id = t.reverses_id
    LEFT JOIN points.claim c ON c.community_id = t.community_id AND c.id = coalesce(o.source_id, t.source_id)
    LEFT JOIN points.redemption r ON r.community_id = t.community_id AND r.id = coalesce(o.source_id, t.source_id)
    LEFT JOIN points.voucher v ON v.community_id = t.community_id AND v.id = coalesce(o.source_id, t.source_id)
    LEFT JOIN points.gig_place g ON t.kind = 'gig_pay' AND g.community_id = t.community_id AND g.id = t.source_id
    LEFT JOIN points.adoption_duty u ON u.community_id = t.community_id AND u.id = coalesce(o.source_id, t.source_id)
    LEFT JOIN points.delivery d ON d.community_id = t.community_id AND d.id = coalesce(o.source_id, t.source_id)
    LEFT JOIN points.award w ON w.community_id = t.community_id AND w.id = coalesce(o.source_id, t.source_id)
    LEFT JOIN points.member m ON c.id IS NULL AND w.id IS NULL AND m.community_id = t.community_id AND m.account_id = coalesce(
        r.account_id, v.account_id, g.worker_account_id, u.account_id, d.volunteer_account_id, o.acting_account_id, t.acting_account_id)
        AND m.household_id = :household_id
    CROSS JOIN LATERAL (
        SELECT array_remove(CASE WHEN c.id IS NOT NULL THEN c.member_ids ELSE ARRAY[coalesce(w.resident_id, m.resident_id)] END, NULL)
            AS resident_ids
    ) p
"""
ROWS: Final = """
    SELECT e.id, e.created_at, coalesce(t.event_at, e.created_at) AS event_at, coalesce(t.kind, 'hold') AS kind,
        coalesce(t.summary, h.purpose, '') AS summary, e.amount, e.available_after, e.held_after, e.version, t.acting_account_id,
        t.source_id, t.reverses_id, t.rule_version, p.resident_ids,
        ARRAY(
            SELECT coalesce(n.name, '（未登记）') FROM unnest(p.resident_ids) WITH ORDINALITY AS one (id, place)
            LEFT JOIN points.member n ON n.community_id = e.community_id AND n.resident_id = one.id ORDER BY one.place
        ) AS names
    FROM points.entry e
    LEFT JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
    LEFT JOIN points.hold h ON h.community_id = e.community_id AND h.id = e.hold_id
    {people}
    WHERE e.account_id = :account_id AND e.version IS NOT NULL
        AND (CAST(:before AS bigint) IS NULL OR e.version < :before)
        AND (CAST(:begins_at AS timestamptz) IS NULL OR e.created_at >= :begins_at)
        AND (CAST(:ends_at AS timestamptz) IS NULL OR e.created_at < :ends_at)
        AND (CAST(:resident_id AS uuid) IS NULL OR CAST(:resident_id AS uuid) = ANY (p.resident_ids))
    ORDER BY e.version DESC LIMIT :limit
""".replace("{people}", PEOPLE)

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

EARNERS: Final = """
    WITH share AS (
        SELECT e.community_id, one.id AS resident_id, sign(e.amount) * (abs(e.amount) / many.count
            + CASE WHEN coalesce(one.place, 1) <= abs(e.amount) % many.count THEN 1 ELSE 0 END) AS amount
        FROM points.entry e JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
        {people}
        CROSS JOIN LATERAL (SELECT greatest(cardinality(p.resident_ids), 1) AS count) many
        LEFT JOIN LATERAL unnest(p.resident_ids) WITH ORDINALITY AS one (id, place) ON true
        WHERE e.account_id = :account_id
            AND (CAST(:begins_at AS timestamptz) IS NULL OR e.created_at >= :begins_at)
            AND (CAST(:ends_at AS timestamptz) IS NULL OR e.created_at < :ends_at)
    )
    SELECT s.resident_id, coalesce(n.name, '（未登记）') AS name,
        coalesce(sum(s.amount) FILTER (WHERE s.amount > 0), 0) AS received,
        coalesce(-sum(s.amount) FILTER (WHERE s.amount < 0), 0) AS spent, count(*) AS lines
    FROM share s LEFT JOIN points.member n ON n.community_id = s.community_id AND n.resident_id = s.resident_id
    GROUP BY s.resident_id, n.name ORDER BY received DESC, s.resident_id
""".replace("{people}", PEOPLE)

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
    """Return a household's lines of an account with the balance after each, newest first."""
    values = _filters(household_id, account_id, span) | {
        "resident_id": resident_id,
        "before": page.after_number(),
        "limit": page.limit + 1,
    }
    rows = [_row(row) for row in (await session.execute(text(ROWS), values)).mappings()]
    return Slice.cut(rows, page.limit, lambda row: (row.version,))


async def list_whole_statement(
    session: AsyncSession, household_id: UUID, account_id: UUID, span: Span, resident_id: UUID | None
) -> list[StatementRow]:
    """Return all of a household's lines of an account, oldest first, as they are printed."""
    values = _filters(household_id, account_id, span) | {"resident_id": resident_id, "before": None, "limit": None}
    return [_row(row) for row in (await session.execute(text(ROWS), values)).mappings()][::-1]


async def list_earners(session: AsyncSession, household_id: UUID, account_id: UUID, span: Span) -> list[Earner]:
    """Return what each person of a household brought to an account and spent from it, most first."""
    rows = await session.execute(text(EARNERS), _filters(household_id, account_id, span))
    return [
        Earner(
            row.resident_id,
            EVERYBODY if row.resident_id is None else row.name,
            int(row.received),
            int(row.spent),
            row.lines,
        )
        for row in rows.all()
    ]


async def list_coming_expiries(session: AsyncSession, account_id: UUID) -> list[tuple[datetime, int]]:
    """Return every moment at which points of an account expire and how many do, soonest first."""
    rows = await session.execute(text(EXPIRIES), {"account_id": account_id})
    return [(row.expires_at, int(row.points)) for row in rows.all()]


async def list_lines(session: AsyncSession, account_id: UUID) -> Sequence[Line]:
    """Return every line of an account, oldest first, as it is hashed."""
    rows = await session.execute(text(LINES), {"account_id": account_id})
    return [_line(account_id, row) for row in rows.all()]


def _row(row: Any) -> StatementRow:
    return StatementRow(**dict(row) | {"resident_ids": tuple(row["resident_ids"]), "names": tuple(row["names"])})


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


def _filters(household_id: UUID, account_id: UUID, span: Span) -> dict[str, Any]:
    return {
        "household_id": household_id,
        "account_id": account_id,
        "begins_at": span.begins_at,
        "ends_at": span.ends_at,
    }
