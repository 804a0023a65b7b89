"""The two invariants that take longest: asked of all the books, and of what came after a night in which all were read and found clean.

`:seal` is the last seal that night read, `:night` when it was. OFFSET 0 keeps each line an index look-up of its own: joined at once, the
planner may read the whole table, which is what must not happen here.
"""

from collections.abc import Mapping
from typing import Final

from services.points.audits.domain import Invariant

CHAINS: Final = """
    WITH chained AS (
        SELECT e.account_id, e.version, e.hash, e.previous_hash,
            lag(e.hash) OVER line AS before_it, lag(e.version) OVER line AS version_before,
            sha256(e.previous_hash || points.line_text(e.account_id, e.version, CASE WHEN t.id IS NOT NULL THEN points.transfer_digest(t) END,
                e.hold_id, e.amount, e.available_after, e.held_after, e.created_at)) AS due
        FROM points.entry e LEFT JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
        WHERE e.version IS NOT NULL WINDOW line AS (PARTITION BY e.account_id ORDER BY e.version)
    )
    SELECT account_id AS subject, '第 ' || version || ' 行的校验码不对，或前后不相接' AS found FROM chained
    WHERE hash <> due OR (version > 1 AND (before_it <> previous_hash OR version_before <> version - 1)) OR (version_before IS NULL AND version <> 1)
    UNION ALL
    SELECT a.id, '账户记为 ' || a.version || ' 行，实有 ' || count(e.id) || ' 行' FROM points.account a
    LEFT JOIN points.entry e ON e.community_id = a.community_id AND e.account_id = a.id
    WHERE a.kind <> 'system' GROUP BY a.id, a.version HAVING count(e.id) <> a.version
"""
"""Accounts whose lines were changed, taken out or put in: every hash is made again from what the line says."""

_NEW_LINES: Final = """
    sealed AS MATERIALIZED (
        SELECT a.community_id, a.id, a.version AS told, coalesce(s.version, 0) AS version, s.head
        FROM points.account a LEFT JOIN LATERAL (
            SELECT l.version, l.head FROM points.seal_leaf l
            WHERE l.community_id = a.community_id AND l.account_id = a.id AND l.number <= :seal ORDER BY l.number DESC LIMIT 1) s ON true
        WHERE a.kind <> 'system'
    ), line AS MATERIALIZED (
        SELECT s.id AS account_id, s.version AS sealed_version, s.head AS sealed_head, e.version, e.transfer_id, e.hold_id, e.amount,
            e.available_after, e.held_after, e.previous_hash, e.hash, e.created_at, t.digest, t.event_at
        FROM sealed s
        CROSS JOIN LATERAL (
            SELECT * FROM points.entry WHERE community_id = s.community_id AND account_id = s.id AND version > s.version OFFSET 0) e
        LEFT JOIN LATERAL (
            SELECT points.transfer_digest(t) AS digest, t.event_at FROM points.transfer t
            WHERE t.community_id = s.community_id AND t.id = e.transfer_id OFFSET 0) t ON true
    )
"""

_ROUNDS: Final = """
    WITH {first} sealed_round AS (
        SELECT e.* FROM points.period p
        JOIN points.statement_edition e ON e.community_id = p.community_id AND e.period_id = p.id AND e.edition = p.edition
        WHERE p.state = 'sealed' {which}
    ), again AS MATERIALIZED (
        SELECT s.period_id, n.* FROM sealed_round s
        CROSS JOIN LATERAL points.period_totals(s.community_id, s.begins_at, s.ends_at, s.previous_period_id, s.previous_edition) n
        WHERE n.level = 'household'
    )
    SELECT t.subject_id AS subject, t.label || ' 在“' || s.name || '”封账时评议分 ' || t.standing_closing || '、兑换分 ' || t.spendable_closing
        || '，按账重算为 ' || coalesce(n.standing_closing, 0) || '、' || coalesce(n.spendable_closing, 0) AS found
    FROM sealed_round s
    JOIN points.statement_total t ON t.community_id = s.community_id AND t.period_id = s.period_id AND t.edition = s.edition
        AND t.level = 'household'
    LEFT JOIN again n ON n.period_id = t.period_id AND n.subject_id = t.subject_id
    WHERE (t.standing_closing, t.standing_added, t.standing_taken, t.spendable_closing, t.spendable_added, t.spendable_taken)
        IS DISTINCT FROM
        (n.standing_closing, n.standing_added, n.standing_taken, n.spendable_closing, n.spendable_added, n.spendable_taken)
"""
ROUNDS: Final = _ROUNDS.format(first="", which="")
"""Sealed rounds that do not come out the same when they are counted again."""

TAILS: Final[Mapping[Invariant, str]] = {
    # The first new line continues what was sealed, so a line before it that was written anew with its hashes shows here.
    Invariant.I12: f"""
        WITH {_NEW_LINES}, chained AS (
            SELECT account_id, version, hash, previous_hash, coalesce(lag(hash) OVER one, sealed_head) AS before_it,
                coalesce(lag(version) OVER one, sealed_version) AS version_before,
                sha256(previous_hash || points.line_text(
                    account_id, version, digest, hold_id, amount, available_after, held_after, created_at)) AS due
            FROM line WINDOW one AS (PARTITION BY account_id ORDER BY version)
        )
        SELECT account_id AS subject, '第 ' || version || ' 行的校验码不对，或前后不相接' AS found FROM chained
        WHERE hash <> due OR version_before <> version - 1 OR (version > 1 AND before_it IS DISTINCT FROM previous_hash)
        UNION ALL
        SELECT s.id, '账户记为 ' || s.told || ' 行，实有 ' || (s.version + coalesce(n.lines, 0)) || ' 行'
        FROM sealed s LEFT JOIN (SELECT account_id, count(*) AS lines FROM line GROUP BY account_id) n ON n.account_id = s.id
        WHERE s.told <> s.version + coalesce(n.lines, 0)
    """,  # noqa: S608 - constants above.
    # Rounds sealed meanwhile, and older ones into whose time something was entered since.
    Invariant.I13: _ROUNDS.format(
        first=f"{_NEW_LINES},", which="AND (p.sealed_at > :night OR e.ends_at > (SELECT min(event_at) FROM line))"
    ),
}
