"""One statement per invariant; each returns the subjects that break it and what was found."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.audits.domain import Breach, Invariant

GRACE: Final = timedelta(hours=1)
"""How long after its time a hold may stay open before that is a breach and not just a sweep to come."""
MOST_BREACHES: Final = 20
"""Breaches told per invariant; one is already too many."""

CHECKS: Final[Mapping[Invariant, str]] = {
    Invariant.I1: """
        SELECT transfer_id AS subject, 'sum ' || sum(amount) || ', ' || count(*) || ' lines' AS found
        FROM points.entry WHERE transfer_id IS NOT NULL GROUP BY transfer_id HAVING sum(amount) <> 0 OR count(*) <> 2
    """,
    Invariant.I2: """
        SELECT a.id AS subject, 'balance ' || (a.available + a.held) || ', lines ' || coalesce(sum(e.amount), 0) AS found
        FROM points.account a LEFT JOIN points.entry e ON e.community_id = a.community_id AND e.account_id = a.id
        WHERE a.kind <> 'system' GROUP BY a.id, a.available, a.held
        HAVING a.available + a.held <> coalesce(sum(e.amount), 0)
    """,
    Invariant.I3: """
        SELECT a.id AS subject, 'held ' || a.held || ', open holds ' || coalesce(sum(h.amount), 0) AS found
        FROM points.account a
        LEFT JOIN points.hold h ON h.community_id = a.community_id AND h.account_id = a.id
            AND NOT EXISTS (SELECT 1 FROM points.hold_end e WHERE e.community_id = h.community_id AND e.hold_id = h.id)
        WHERE a.kind <> 'system' GROUP BY a.id, a.kind, a.asset, a.held, a.available
        HAVING a.held <> coalesce(sum(h.amount), 0) OR (a.available < 0 AND a.asset <> 'standing' AND a.kind <> 'arrears')
            OR (a.available > 0 AND a.kind = 'arrears')
    """,
    Invariant.I4: """
        SELECT a.id AS subject, 'available ' || a.available || ', lots ' || coalesce(sum(l.remaining), 0) AS found
        FROM points.account a LEFT JOIN points.lot l ON l.community_id = a.community_id AND l.account_id = a.id
        WHERE a.kind = 'household' AND a.asset = 'spendable' GROUP BY a.id, a.available
        HAVING a.available <> coalesce(sum(l.remaining), 0)
    """,
    Invariant.I5: """
        SELECT l.id AS subject, 'taken ' || (l.amount - l.remaining) || ', uses ' || coalesce(sum(u.amount - u.restored), 0) AS found
        FROM points.lot l LEFT JOIN points.lot_use u ON u.community_id = l.community_id AND u.lot_id = l.id
        GROUP BY l.id, l.amount, l.remaining HAVING l.amount - l.remaining <> coalesce(sum(u.amount - u.restored), 0)
    """,
    Invariant.I6: """
        SELECT h.id AS subject, 'due ' || h.expires_at AS found FROM points.hold h
        WHERE h.expires_at < :overdue
            AND NOT EXISTS (SELECT 1 FROM points.hold_end e WHERE e.community_id = h.community_id AND e.hold_id = h.id)
    """,
    Invariant.I7: """
        SELECT r.id AS subject, 'reversed ' || r.amount || ' of ' || o.amount AS found
        FROM points.transfer r JOIN points.transfer o ON o.community_id = r.community_id AND o.id = r.reverses_id
        WHERE r.amount > o.amount OR r.from_account_id <> o.to_account_id OR r.to_account_id <> o.from_account_id
    """,
    Invariant.I8: """
        WITH moved AS (
            SELECT batch_id,
                sum(quantity) FILTER (WHERE source = 'supplier') AS received,
                coalesce(sum(quantity) FILTER (WHERE destination = 'shelf'), 0)
                    - coalesce(sum(quantity) FILTER (WHERE source = 'shelf'), 0) AS shelf,
                coalesce(sum(quantity) FILTER (WHERE destination = 'reserved'), 0)
                    - coalesce(sum(quantity) FILTER (WHERE source = 'reserved'), 0) AS reserved
            FROM points.stock_move GROUP BY batch_id
        ), kept AS (
            SELECT batch_id, sum(available) AS shelf, sum(reserved) AS reserved FROM points.stock_bucket GROUP BY batch_id
        )
        SELECT b.id AS subject, 'shelf ' || k.shelf || ' by moves ' || m.shelf || ', reserved ' || k.reserved || ' by moves ' || m.reserved
            AS found
        FROM points.batch b JOIN moved m ON m.batch_id = b.id JOIN kept k ON k.batch_id = b.id
        WHERE m.received <> b.quantity OR m.shelf <> k.shelf OR m.reserved <> k.reserved
    """,
    Invariant.I9: """
        SELECT r.id AS subject, r.state || ', hold ' || coalesce(e.outcome, 'open') || ', moves ' || count(m.id) AS found
        FROM points.redemption r
        LEFT JOIN points.hold_end e ON e.community_id = r.community_id AND e.hold_id = r.hold_id
        LEFT JOIN points.stock_move m ON m.community_id = r.community_id AND m.cause_id = r.id
        GROUP BY r.id, r.state, e.outcome
        HAVING (r.state, coalesce(e.outcome, 'open'), count(m.id)) NOT IN (
            ('reserved', 'open', 1), ('ready', 'open', 1), ('scheduled', 'open', 1), ('picked_up', 'captured', 2),
            ('installed', 'captured', 2), ('accepted', 'captured', 2), ('returned', 'captured', 3),
            ('cancelled', 'released', 2), ('expired', 'expired', 2))
    """,
    Invariant.I11: """
        SELECT q.household_id AS subject, 'used ' || q.used || ', redeemed ' || coalesce(sum(r.quantity), 0) AS found
        FROM points.quota q
        LEFT JOIN points.redemption r ON r.community_id = q.community_id AND r.household_id = q.household_id
            AND r.product_id = q.product_id AND r.window_number = q.window_number AND r.state NOT IN ('cancelled', 'expired')
        GROUP BY q.household_id, q.product_id, q.window_number, q.used HAVING q.used <> coalesce(sum(r.quantity), 0)
    """,
    Invariant.I12: """
        WITH chained AS (
            SELECT e.account_id, e.version, e.hash, e.previous_hash,
                lag(e.hash) OVER line AS before_it, lag(e.version) OVER line AS version_before,
                sha256(e.previous_hash || points.line_text(e.account_id, e.version, CASE WHEN t.id IS NOT NULL THEN points.transfer_digest(t) END,
                    e.hold_id, e.amount, e.available_after, e.held_after, e.created_at)) AS due
            FROM points.entry e LEFT JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
            WHERE e.version IS NOT NULL WINDOW line AS (PARTITION BY e.account_id ORDER BY e.version)
        )
        SELECT account_id AS subject, 'line ' || version AS found FROM chained
        WHERE hash <> due OR (version > 1 AND (before_it <> previous_hash OR version_before <> version - 1)) OR (version_before IS NULL AND version <> 1)
        UNION ALL
        SELECT a.id, 'head ' || a.version || ' of ' || count(e.id) FROM points.account a
        LEFT JOIN points.entry e ON e.community_id = a.community_id AND e.account_id = a.id
        WHERE a.kind <> 'system' GROUP BY a.id, a.version HAVING count(e.id) <> a.version
    """,
}


async def list_breaches(session: AsyncSession, now: datetime) -> list[Breach]:
    """Look for breaches of every invariant in this community.

    IO: reads every account; meant for supervisors, tests and the night.
    """
    breaches: list[Breach] = []
    for invariant, statement in CHECKS.items():
        values = {"overdue": now - GRACE} if ":overdue" in statement else {}
        rows = await session.execute(text(f"SELECT * FROM ({statement}) AS breach LIMIT {MOST_BREACHES}"), values)  # noqa: S608 - constants above.
        breaches += [Breach(invariant, str(row.subject), str(row.found)) for row in rows]
    return breaches
