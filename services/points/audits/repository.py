"""One statement per invariant; each returns the subjects that break it and what was found. And what the nights found."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.audits.domain import Breach, CleanNight, Invariant, NightlyAudit
from services.points.audits.longest import CHAINS, ROUNDS, TAILS
from services.points.audits.models import AuditSchedule, NightlyAuditRow
from services.points.audits.recusals import RECUSALS
from services.points.histories.domain import Span
from shared.db import sqlstate
from shared.kernel.clock import local_date
from shared.pagination import PageRequest, Slice, before, within

GRACE: Final = timedelta(hours=1)
"""How long after its time a hold may stay open before that is a breach and not just a sweep to come."""
MOST_BREACHES: Final = 20
"""Breaches told per invariant; one is already too many."""
CLEAN_NIGHT: Final = """
    SELECT n.audited_at, s.number FROM points.nightly_audit n
    CROSS JOIN LATERAL (
        SELECT number FROM points.seal WHERE community_id = n.community_id AND made_at <= n.audited_at ORDER BY number DESC LIMIT 1) s
    WHERE n.breaches = '[]' ORDER BY n.audited_at DESC LIMIT 1
"""
TIMED_OUT: Final = "57014"
"""What the server says when a statement took longer than it may."""

CHECKS: Final[Mapping[Invariant, str]] = {
    Invariant.I1: """
        SELECT transfer_id AS subject, '两边合计 ' || sum(amount) || '，共 ' || count(*) || ' 行' AS found
        FROM points.entry WHERE transfer_id IS NOT NULL GROUP BY transfer_id HAVING sum(amount) <> 0 OR count(*) <> 2
    """,
    Invariant.I2: """
        SELECT a.id AS subject, '余额 ' || (a.available + a.held) || '，流水合计 ' || coalesce(sum(e.amount), 0) AS found
        FROM points.account a LEFT JOIN points.entry e ON e.community_id = a.community_id AND e.account_id = a.id
        WHERE a.kind <> 'system' GROUP BY a.id, a.available, a.held
        HAVING a.available + a.held <> coalesce(sum(e.amount), 0)
    """,
    Invariant.I3: """
        SELECT a.id AS subject, '可用 ' || a.available || '，预留 ' || a.held || '，未结束的预留合计 ' || coalesce(sum(h.amount), 0) AS found
        FROM points.account a
        LEFT JOIN points.hold h ON h.community_id = a.community_id AND h.account_id = a.id
            AND NOT EXISTS (SELECT 1 FROM points.hold_end e WHERE e.community_id = h.community_id AND e.hold_id = h.id)
        WHERE a.kind <> 'system' GROUP BY a.id, a.kind, a.asset, a.held, a.available
        HAVING a.held <> coalesce(sum(h.amount), 0) OR (a.available < 0 AND a.asset <> 'standing' AND a.kind <> 'arrears')
            OR (a.available > 0 AND a.kind = 'arrears')
        UNION ALL
        SELECT g.id, '零工专户有 ' || a.available || ' 分，还要付 ' || d.due || ' 分；空位 ' || g.free_places || '，实际 ' || d.free
        FROM points.gig g JOIN points.account a ON a.community_id = g.community_id AND a.id = g.escrow_account_id
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE p.state NOT IN ('paid', 'settled', 'cancelled', 'expired')) * g.points AS due,
                count(*) FILTER (WHERE p.state = 'open') AS free
            FROM points.gig_place p WHERE p.community_id = g.community_id AND p.gig_id = g.id) d
        WHERE a.available <> d.due OR g.free_places <> d.free
        UNION ALL
        SELECT r.id, '求助专户有 ' || a.available || ' 分钟，状态是 ' || r.state
        FROM points.help_request r JOIN points.account a ON a.community_id = r.community_id AND a.id = r.escrow_account_id
        WHERE a.available <> CASE WHEN r.state IN ('credited', 'settled', 'cancelled') OR (r.payer = 'pool' AND r.approved_by IS NULL)
            THEN 0 ELSE r.escrow_minutes END
    """,
    Invariant.I4: """
        SELECT a.id AS subject, '可用 ' || a.available || '，各批剩余合计 ' || coalesce(sum(l.remaining), 0) AS found
        FROM points.account a LEFT JOIN points.lot l ON l.community_id = a.community_id AND l.account_id = a.id
        WHERE a.kind = 'household' AND a.asset = 'spendable' GROUP BY a.id, a.available
        HAVING a.available <> coalesce(sum(l.remaining), 0)
    """,
    Invariant.I5: """
        SELECT l.id AS subject, '这批用去 ' || (l.amount - l.remaining) || '，使用记录合计 ' || coalesce(sum(u.amount - u.restored), 0) AS found
        FROM points.lot l LEFT JOIN points.lot_use u ON u.community_id = l.community_id AND u.lot_id = l.id
        GROUP BY l.id, l.amount, l.remaining HAVING l.amount - l.remaining <> coalesce(sum(u.amount - u.restored), 0)
    """,
    Invariant.I6: """
        SELECT h.id AS subject, '应于 ' || to_char(h.expires_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') || ' 结束，还没有处理' AS found FROM points.hold h
        WHERE h.expires_at < :overdue
            AND NOT EXISTS (SELECT 1 FROM points.hold_end e WHERE e.community_id = h.community_id AND e.hold_id = h.id)
    """,
    Invariant.I7: """
        SELECT r.id AS subject, '原额 ' || o.amount || '，冲正 ' || r.amount || '，两边账户不对应或超额' AS found
        FROM points.transfer r JOIN points.transfer o ON o.community_id = r.community_id AND o.id = r.reverses_id
        WHERE r.reverses_id IS NOT NULL
            AND (r.amount > o.amount OR r.from_account_id <> o.to_account_id OR r.to_account_id <> o.from_account_id)
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
        SELECT b.id AS subject, '在架 ' || k.shelf || '、按出入库应为 ' || m.shelf || '；预留 ' || k.reserved || '、按出入库应为 ' || m.reserved
            AS found
        FROM points.batch b JOIN moved m ON m.batch_id = b.id JOIN kept k ON k.batch_id = b.id
        WHERE m.received <> b.quantity OR m.shelf <> k.shelf OR m.reserved <> k.reserved
    """,
    Invariant.I9: """
        SELECT r.id AS subject, '兑换状态 ' || r.state || '，积分预留 ' || coalesce(e.outcome, 'open') || '，库存变动 ' || count(m.id) || ' 次' AS found
        FROM points.redemption r
        LEFT JOIN points.hold_end e ON e.community_id = r.community_id AND e.hold_id = r.hold_id
        LEFT JOIN points.stock_move m ON m.community_id = r.community_id AND m.cause_id = r.id
        GROUP BY r.id, r.state, e.outcome
        HAVING (r.state, coalesce(e.outcome, 'open'), count(m.id)) NOT IN (
            ('reserved', 'open', 1), ('ready', 'open', 1), ('scheduled', 'open', 1), ('picked_up', 'captured', 2),
            ('installed', 'captured', 2), ('accepted', 'captured', 2), ('returned', 'captured', 3),
            ('cancelled', 'released', 2), ('expired', 'expired', 2))
        UNION ALL
        SELECT v.id, '商户券状态 ' || v.state || '，积分预留 ' || coalesce(e.outcome, 'open')
        FROM points.voucher v LEFT JOIN points.hold_end e ON e.community_id = v.community_id AND e.hold_id = v.hold_id
        WHERE v.hold_id IS NOT NULL AND (v.state, coalesce(e.outcome, 'open')) NOT IN (
            ('issued', 'open'), ('used', 'captured'), ('expired', 'expired'), ('refunded', 'released'), ('refunded', 'captured'))
        UNION ALL
        SELECT w.id, '评优状态 ' || w.state || '，积分流水 ' || count(t.id) || ' 笔'
        FROM points.award w LEFT JOIN points.transfer t ON t.community_id = w.community_id AND t.source_id = w.id AND t.kind = 'award'
        GROUP BY w.id, w.state, w.granted_at HAVING count(t.id) <> CASE WHEN w.granted_at IS NULL THEN 0 ELSE 2 END
    """,
    Invariant.I10: """
        SELECT i.account_id AS subject, '请求编号 ' || i.key || ' 没有结果' AS found FROM points.idempotency i WHERE i.body IS NULL
    """,
    Invariant.I11: """
        SELECT q.household_id AS subject, '限兑用量记为 ' || q.used || '，有效兑换合计 ' || coalesce(sum(r.quantity), 0) AS found
        FROM points.quota q
        LEFT JOIN points.redemption r ON r.community_id = q.community_id AND r.household_id = q.household_id
            AND r.product_id = q.product_id AND r.window_number = q.window_number AND r.state NOT IN ('cancelled', 'expired')
        GROUP BY q.household_id, q.product_id, q.window_number, q.used HAVING q.used <> coalesce(sum(r.quantity), 0)
    """,
    Invariant.I12: CHAINS,
    Invariant.I13: ROUNDS,
    Invariant.I14: """
        WITH last AS (
            SELECT number, totals FROM points.seal ORDER BY number DESC LIMIT 1
        ), leaf AS (
            SELECT DISTINCT ON (account_id) community_id, account_id, version, head FROM points.seal_leaf ORDER BY account_id, number DESC
        ), owed AS (
            SELECT a.asset, a.kind, sum(e.available_after + e.held_after) AS amount FROM leaf l
            JOIN points.account a ON a.community_id = l.community_id AND a.id = l.account_id
            LEFT JOIN points.entry e ON e.community_id = l.community_id AND e.account_id = l.account_id AND e.version = l.version
                AND e.hash = l.head
            GROUP BY a.asset, a.kind
        )
        SELECT b.id::text AS subject, '预算 ' || b.amount || '，记为已用 ' || b.charged || '，逐笔合计 ' || coalesce(sum(c.amount - c.refunded), 0) AS found
        FROM points.budget b
        LEFT JOIN points.budget_charge c ON c.community_id = b.community_id AND c.budget_id = b.id
        GROUP BY b.id, b.amount, b.charged HAVING b.charged <> coalesce(sum(c.amount - c.refunded), 0) OR b.charged > b.amount
        UNION ALL
        SELECT c.source_id::text, '预算记了 ' || (c.amount - c.refunded) || '，实发 ' || sum(t.amount - back.amount)
        FROM points.budget_charge c
        JOIN points.transfer t ON t.community_id = c.community_id AND t.source_id = c.source_id AND t.asset = 'spendable'
            AND t.reverses_id IS NULL
        JOIN points.account a ON a.community_id = t.community_id AND a.id = t.from_account_id AND a.kind = 'system'
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(r.amount), 0) AS amount FROM (
                SELECT amount FROM points.transfer WHERE community_id = t.community_id AND reverses_id = t.id
                UNION ALL
                SELECT amount FROM points.transfer WHERE community_id = t.community_id AND asset = t.asset AND kind = 'gig_refund'
                    AND source_id = t.source_id AND to_account_id = a.id AND reverses_id IS NULL
            ) r
        ) back
        GROUP BY c.source_id, c.amount, c.refunded HAVING sum(t.amount - back.amount) <> c.amount - c.refunded
        UNION ALL
        SELECT 'seal ' || last.number, '第 ' || last.number || ' 号封签公布 ' || owed.asset || '/' || owed.kind || ' '
            || coalesce(last.totals -> owed.asset ->> owed.kind, '无') || '，按账应为 ' || coalesce(owed.amount, 0)
        FROM last CROSS JOIN owed WHERE (last.totals -> owed.asset ->> owed.kind)::bigint IS DISTINCT FROM owed.amount
        UNION ALL
        SELECT m.id::text, m.name || ' 账上 ' || (a.available + a.held) || ' 分，已用未付的券合计 ' || coalesce(sum(v.points), 0)
        FROM points.merchant m
        JOIN points.account a ON a.community_id = m.community_id AND a.kind = 'merchant' AND a.owner_id = m.id AND a.asset = 'spendable'
        LEFT JOIN points.voucher v ON v.community_id = m.community_id AND v.merchant_id = m.id AND v.state = 'used' AND v.paid_at IS NULL
        GROUP BY m.id, m.name, a.available, a.held HAVING a.available + a.held <> coalesce(sum(v.points), 0)
        UNION ALL
        SELECT s.id::text, '结算单记为 ' || s.vouchers || ' 张 ' || s.points || ' 分，券合计 ' || count(v.id) || ' 张 ' || coalesce(sum(v.points), 0)
        FROM points.settlement s LEFT JOIN points.voucher v ON v.community_id = s.community_id AND v.settlement_id = s.id
        GROUP BY s.id, s.vouchers, s.points, s.value_fen
        HAVING (s.vouchers, s.points, s.value_fen) <> (count(v.id), coalesce(sum(v.points), 0), coalesce(sum(v.value_fen), 0))
    """,
    Invariant.I15: RECUSALS,
    Invariant.I16: """
        SELECT c.id AS subject, '公示到 ' || coalesce(to_char(c.notice_ends_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), '（没有公示）')
            || '，却在 ' || to_char(c.posted_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') || ' 入账' AS found
        FROM points.claim c WHERE c.posted_at IS NOT NULL AND (c.notice_ends_at IS NULL OR c.notice_ends_at > c.posted_at)
        UNION ALL
        SELECT c.id, '状态是 ' || c.state || '，却已经入账'
        FROM points.claim c JOIN points.transfer t ON t.community_id = c.community_id AND t.source_id = c.id
            AND t.kind IN ('claim', 'deduction')
        WHERE c.posted_at IS NULL
        UNION ALL
        SELECT w.id, '评优公示还没有期满，就已经生效'
        FROM points.award w WHERE w.granted_at IS NOT NULL AND (w.notice_ends_at IS NULL OR w.notice_ends_at > w.granted_at)
    """,
    Invariant.I17: """
        SELECT t.id AS subject, '这笔钱有 ' || count(e.account_id) || ' 行，合计 ' || coalesce(sum(e.amount_fen), 0) || ' 分钱' AS found
        FROM points.fund_transfer t LEFT JOIN points.fund_entry e ON e.community_id = t.community_id AND e.transfer_id = t.id
        GROUP BY t.id HAVING count(e.account_id) <> 2 OR count(*) FILTER (WHERE e.amount_fen IS DISTINCT FROM
            CASE e.account_id WHEN t.from_account_id THEN -t.amount_fen WHEN t.to_account_id THEN t.amount_fen END) > 0
        UNION ALL
        SELECT a.id, '“' || a.name || '”记为 ' || a.balance_fen || ' 分钱，流水合计 ' || coalesce(sum(e.amount_fen), 0) || '，最低到过 '
            || least(0, coalesce(min(e.balance_after_fen), 0))
        FROM points.fund_account a LEFT JOIN points.fund_entry e ON e.community_id = a.community_id AND e.account_id = a.id
        GROUP BY a.id, a.name, a.kind, a.balance_fen
        HAVING a.balance_fen <> coalesce(sum(e.amount_fen), 0) OR (a.kind = 'fund' AND least(a.balance_fen, min(e.balance_after_fen)) < 0)
        UNION ALL
        SELECT a.fund_id, '收、支与余额合计 ' || sum(a.balance_fen) || ' 分钱，应为零' FROM points.fund_account a
        GROUP BY a.fund_id HAVING sum(a.balance_fen) <> 0
        UNION ALL
        SELECT r.id, '冲正 ' || r.amount_fen || ' 分钱，原额 ' || o.amount_fen || '，两边账户不对应或金额不等'
        FROM points.fund_transfer r JOIN points.fund_transfer o ON o.community_id = r.community_id AND o.id = r.reverses_id
        WHERE (r.amount_fen, r.from_account_id, r.to_account_id) <> (o.amount_fen, o.to_account_id, o.from_account_id)
        UNION ALL
        SELECT b.id, '这批货值 ' || b.quantity * b.unit_cost_fen || ' 分钱，资金付了 ' || coalesce(t.amount_fen, 0)
        FROM points.batch b LEFT JOIN points.fund_transfer t ON t.community_id = b.community_id AND t.kind = 'spending'
            AND t.source_id = b.id AND t.fund_id = b.fund_id
        WHERE b.fund_id IS NOT NULL AND b.quantity::bigint * b.unit_cost_fen <> coalesce(t.amount_fen, 0)
        UNION ALL
        SELECT t.id, '付了 ' || t.amount_fen || ' 分钱，没有对应的货' FROM points.fund_transfer t
        WHERE t.kind = 'spending'
            AND NOT EXISTS (SELECT 1 FROM points.batch b WHERE b.community_id = t.community_id AND b.id = t.source_id AND b.fund_id = t.fund_id)
        UNION ALL
        SELECT p.fund_id, '额度一共要 ' || p.promised || ' 分钱，“' || coalesce(a.name, '没有登记的资金') || '”只收进 ' || coalesce(-a.balance_fen, 0)
        FROM (
            SELECT b.community_id, b.fund_id, sum(CASE WHEN b.ends_on < :today THEN b.charged ELSE b.amount END * b.point_value_fen) AS promised
            FROM points.budget b WHERE b.point_value_fen IS NOT NULL GROUP BY b.community_id, b.fund_id
        ) p LEFT JOIN points.fund_account a ON a.community_id = p.community_id AND a.fund_id = p.fund_id AND a.kind = 'income'
        WHERE p.promised > coalesce(-a.balance_fen, 0)
    """,
}


async def list_breaches(session: AsyncSession, now: datetime) -> list[Breach]:
    """Look for breaches of every invariant in this community.

    IO: reads every account; meant for tests and the night.
    """
    found = [await _find_breaches(session, invariant, CHECKS[invariant], now) for invariant in CHECKS]
    return [breach for breaches in found for breach in breaches]


async def list_breaches_in_time(
    session: AsyncSession, now: datetime, night: CleanNight, *, seconds_whole: float, seconds_part: float
) -> tuple[list[Breach], frozenset[Invariant]]:
    """Look for breaches as `list_breaches`, and return which invariants that were not done in time were asked only of what is new.

    IO: reads every account, or of the two invariants that take longest what came after a clean night.
    """
    breaches: list[Breach] = []
    in_part: set[Invariant] = set()
    for invariant in CHECKS:
        if invariant not in TAILS:
            breaches += await _find_breaches(session, invariant, CHECKS[invariant], now)
            continue
        try:
            async with session.begin_nested():
                await allow_seconds(session, seconds_whole)
                breaches += await _find_breaches(session, invariant, CHECKS[invariant], now)
                await allow_seconds(session, seconds_part)
        except DBAPIError as error:
            if sqlstate(error) != TIMED_OUT:
                raise
            in_part.add(invariant)
            breaches += await _find_breaches(session, invariant, TAILS[invariant], now, night)
    return breaches, frozenset(in_part)


async def _find_breaches(
    session: AsyncSession, invariant: Invariant, statement: str, now: datetime, night: CleanNight | None = None
) -> list[Breach]:
    facts: dict[str, object] = {"overdue": now - GRACE, "today": local_date(now)}
    if night is not None:
        facts |= {"seal": night.seal_number, "night": night.audited_at}
    values = {name: fact for name, fact in facts.items() if f":{name}" in statement}
    rows = await session.execute(text(f"SELECT * FROM ({statement}) AS breach LIMIT {MOST_BREACHES}"), values)  # noqa: S608 - constants above.
    return [Breach(invariant, str(row.subject), str(row.found)) for row in rows]


async def allow_seconds(session: AsyncSession, seconds: float) -> None:
    """Let each statement of this transaction take so long; the books of many years are not read in the time others are given."""
    await session.execute(
        text("SELECT set_config('statement_timeout', :timeout, true)"), {"timeout": f"{seconds * 1000:.0f}ms"}
    )


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return communities whose nightly audit is due, each twice, as a sweep wants it."""
    statement = (
        select(col(AuditSchedule.community_id), col(AuditSchedule.community_id))
        .where(col(AuditSchedule.due_at) <= now)
        .order_by(col(AuditSchedule.due_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def lock_due_schedule(session: AsyncSession, now: datetime) -> bool:
    """Lock the community's schedule; False when nothing is due or somebody is at it."""
    due = select(AuditSchedule).where(col(AuditSchedule.due_at) <= now).with_for_update(skip_locked=True)
    return (await session.execute(due)).scalar_one_or_none() is not None


async def postpone(session: AsyncSession, due_at: datetime) -> None:
    """Enter when the locked schedule is due next."""
    await session.execute(update(AuditSchedule).values(due_at=due_at))


async def add_night(session: AsyncSession, community_id: UUID, audit: NightlyAudit) -> None:
    """Keep what a night's audit found."""
    breaches = [{"code": one.code, "subject": one.subject, "found": one.found} for one in audit.breaches]
    session.add(NightlyAuditRow(community_id=community_id, audited_at=audit.audited_at, breaches=breaches))
    await session.flush()


async def find_last_night(session: AsyncSession) -> NightlyAudit | None:
    """Return what the last nightly audit found, or None before the first."""
    statement = select(NightlyAuditRow).order_by(col(NightlyAuditRow.audited_at).desc()).limit(1)
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _night(row)


async def find_clean_night(session: AsyncSession) -> CleanNight | None:
    """Return the last night in which all was well, with the last seal before it; None before the first of either."""
    row = (await session.execute(text(CLEAN_NIGHT))).one_or_none()
    return None if row is None else CleanNight(*row)


async def list_nights(
    session: AsyncSession, page: PageRequest, *, is_clean: bool | None, span: Span
) -> Slice[NightlyAudit]:
    """Return what the nights of a time found, newest first; perhaps only those in which all was well, or something was not."""
    statement = (
        select(NightlyAuditRow)
        .where(within(col(NightlyAuditRow.audited_at), span.begins_at, span.ends_at))
        .order_by(col(NightlyAuditRow.audited_at).desc(), col(NightlyAuditRow.community_id).desc())
        .limit(page.limit + 1)
    )
    if is_clean is not None:
        length = func.jsonb_array_length(col(NightlyAuditRow.breaches))
        statement = statement.where(length == 0 if is_clean else length > 0)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(NightlyAuditRow.audited_at), col(NightlyAuditRow.community_id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.audited_at, row.community_id)).map(_night)


def _night(row: NightlyAuditRow) -> NightlyAudit:
    breaches = [Breach(Invariant[one["code"]], one["subject"], one["found"]) for one in row.breaches]
    return NightlyAudit(row.audited_at, breaches)
