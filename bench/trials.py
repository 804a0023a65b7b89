"""One-off measurements: something that happens once and is over, told as figures rather than as requests a second."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from math import nan
from typing import Any

from bench.load import Result, request, send_once
from bench.measure import CONNECTIONS, serving
from bench.people import ACCOUNT, COMMUNITY, HOUSEHOLD, PRODUCT, numbered, official, resident, token
from bench.stage import HOUSEHOLDS, Stage, pgbench, seed_points, tps_of
from shared.auth import TokenVerifier
from shared.clock import SystemClock
from shared.kernel.clock import FixedClock, local_date
from shared.kernel.principal import Role

TOKENS = 500
RUSH_BUYERS = 2_000
RUSH_UNITS = 300
RUSH_BUCKETS = 16
RUSH_PRODUCT = 900_000
CLAIM = 9
"""Kind of the numbered ids of claims."""


@dataclass(frozen=True)
class Finding:
    """One figure of a trial."""

    trial: str
    what: str
    value: str


@dataclass(frozen=True)
class Trial:
    """Something that is done once."""

    name: str
    run: Callable[[Stage, float], Iterator[Finding]]
    is_big: bool = False
    """Takes many minutes and gigabytes: only when asked for."""


def _numbered_sql(kind: int, number: str) -> str:
    return f"format('{kind:08x}-0000-7000-8000-%s', lpad(to_hex({number}), 12, '0'))::uuid"


def _rush(stage: Stage, _seconds: float) -> Iterator[Finding]:
    """Two thousand households want one of three hundred units at the same moment."""
    seed_points(stage)
    product = numbered(PRODUCT, RUSH_PRODUCT)
    stage.run_sql(
        f"""
        INSERT INTO points.product (community_id, id, code, name, description, category, kind, price_points, state, household_limit,
                limit_window_days, hold_hours, buckets, version, created_at, updated_at)
            VALUES ('{COMMUNITY}', '{product}', 'RUSH', '食用油', '', '粮油', 'goods', 1, 'on_sale', 1, 60, 72, {RUSH_BUCKETS}, 1, now(), now())
        """,
        f"""
        INSERT INTO points.batch (community_id, id, product_id, quantity, unit_cost_fen, fund_source, supplier, received_by, received_at)
            VALUES ('{COMMUNITY}', '{product}', '{product}', {RUSH_UNITS}, 100, 'fiscal', 'bench', '{product}', now())
        """,
        f"""
        INSERT INTO points.stock_bucket (community_id, product_id, batch_id, number, available, reserved)
            SELECT '{COMMUNITY}', '{product}', '{product}', n, {RUSH_UNITS} / {RUSH_BUCKETS} + (n < {RUSH_UNITS} % {RUSH_BUCKETS})::int, 0
            FROM generate_series(0, {RUSH_BUCKETS - 1}) AS n
        """,
        "ANALYZE",
    )
    body = json.dumps({"product_id": str(product), "quantity": 1}).encode()
    requests = [
        request("POST", "/api/v1/points/redemptions", token(stage.key, resident(number)), body, key=f"rush-{number}")
        for number in range(RUSH_BUYERS)
    ]
    with serving(stage, "one", "points") as (port, _pid):
        result: Result = send_once(port, requests, connections=CONNECTIONS)
    (sold,) = stage.ask("SELECT count(*) FROM points.redemption WHERE product_id = $1", product)
    yield Finding("rush", f"{RUSH_BUYERS} households, {RUSH_UNITS} units in {RUSH_BUCKETS} buckets: sold", str(sold))
    if sold != RUSH_UNITS or result.statuses[201] != RUSH_UNITS:
        msg = f"the rush sold {sold} of {RUSH_UNITS}: {dict(result.statuses)}"
        raise RuntimeError(msg)
    yield Finding("rush", "refused as sold out", str(result.statuses[409]))
    yield Finding("rush", "other answers", str(sum(result.statuses.values()) - sold - result.statuses[409]))
    yield Finding("rush", "until the last answer", f"{result.seconds:.2f} s")
    yield Finding("rush", "p50 · p99", f"{result.percentile_ms(0.5):.0f} ms · {result.percentile_ms(0.99):.0f} ms")


def _post_period(stage: Stage, _seconds: float) -> Iterator[Finding]:
    """Claims of every household are due at once; the sweep posts them, standing and spendable."""
    seed_points(stage)
    stage.run_sql(
        f"""
        INSERT INTO points.claim (community_id, id, household_id, grid_id, building_id, account_id, is_on_behalf, member_ids,
                rulebook_version, item_code, item_name, "group", verifier, quantity, points, happened_on, place, note, photo_ids, state,
                panel_quorum, notice_days, appeal_days, notice_ends_at, post_after, reason, created_at)
            SELECT '{COMMUNITY}', {_numbered_sql(CLAIM, "n")}, h.id, h.grid_id, h.building_id, h.id, true, '{{}}', 1, 'bench', '双月考评',
                'plus', 'grid_worker', 1, 5, current_date - 1, '', '', '{{}}', 'publicised', 3, 3, 7, now() - interval '1 hour',
                now() - interval '1 hour', '', now()
            FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM points.household) AS h
        """,
        "ANALYZE",
        as_replica=True,
    )
    began = time.perf_counter()
    rounds = asyncio.run(_sweep_claims(stage))
    seconds = time.perf_counter() - began
    (posted,) = stage.ask("SELECT count(*) FROM points.claim WHERE state = 'posted'")
    if posted != HOUSEHOLDS:
        msg = f"{posted} of {HOUSEHOLDS} claims were posted"
        raise RuntimeError(msg)
    yield Finding("post a period", f"{posted} claims, {2 * posted} transfers, in {rounds} batches", f"{seconds:.1f} s")
    yield Finding("post a period", "claims a second", f"{posted / seconds:.0f}")


async def _sweep_claims(stage: Stage) -> int:
    from services.points.worker import SWEEPS
    from shared.sweeps import sweep_once

    (sweep,) = [sweep for sweep in SWEEPS if sweep.name == "post_claims"]
    async with _points(stage) as runtime:
        for rounds in count():
            if not await sweep_once(runtime.database, runtime.clock, sweep):
                return rounds
    return 0


@asynccontextmanager
async def _points(stage: Stage) -> AsyncIterator[Any]:
    """Points on the stage, called without HTTP."""
    from services.points.main import build_runtime
    from services.points.settings import Settings

    settings = Settings(
        environment="development",
        database_url=stage.database_url,
        redis_url=stage.redis_url,
        field_keys=json.loads(stage.environment["FIELD_KEYS"]),
        index_key=stage.environment["INDEX_KEY"],
    )
    runtime = build_runtime(settings, clock=SystemClock())
    try:
        yield runtime
    finally:
        await runtime.close()


def _statements(stage: Stage, _seconds: float) -> Iterator[Finding]:
    """A round in which every household was given points of both kinds ends: its statements are drawn up, hung out, and sealed."""
    seed_points(stage)
    stage.run_sql(
        *(
            f"""
            SELECT points.credit(community_id, points.derived_id(id, '{asset}'), '{asset}', 5, 'issuance', 'claim', points.derived_id(id, 'round'),
                '双月考评', 1, NULL, points.derived_id(id, 'round {asset}'), now(), NULL, now()) FROM points.household
            """
            for asset in ("standing", "spendable")
        ),
        "ANALYZE",
    )
    drawn_up, sealed = asyncio.run(_end_of_a_round(stage))
    (kept,) = stage.ask("SELECT count(*) FROM points.statement_total WHERE level = 'household'")
    if kept != HOUSEHOLDS:
        msg = f"{kept} of {HOUSEHOLDS} households have a statement"
        raise RuntimeError(msg)
    yield Finding("statements", f"{kept} households: drawn up and hung out", f"{drawn_up:.2f} s")
    yield Finding("statements", "compared with the ledger once more and sealed", f"{sealed:.2f} s")


async def _end_of_a_round(stage: Stage) -> tuple[float, float]:
    """Take a round from its first day to the seal; return the seconds of its publication and of its seal."""
    from services.points.periods import usecases as periods
    from shared.uow import unit_of_work

    organiser, assessor, supervisor = (
        official(number, role)
        for number, role in enumerate((Role.COMMITTEE_MEMBER, Role.ASSESSOR, Role.SUPERVISOR), start=1)
    )
    today = SystemClock().now()
    days = {"begins_on": local_date(today) - timedelta(days=30), "ends_on": local_date(today), "notice_days": 5}
    over, notice_over = FixedClock(today + timedelta(days=1)), FixedClock(today + timedelta(days=7))
    async with _points(stage) as runtime:

        async def step(clock: FixedClock, act: Callable[..., Any], **facts: Any) -> tuple[Any, float]:
            began = time.perf_counter()
            async with unit_of_work(runtime.database, clock, COMMUNITY) as uow:
                done = await act(uow=uow, **facts)
            return done, time.perf_counter() - began

        period, _ = await step(over, periods.open_period, principal=organiser, name="双月考评", **days)
        which = {"period_id": period.id}
        await step(over, periods.collect_period, principal=organiser, **which)
        await step(over, periods.review_period, principal=assessor, **which)
        _, drawn_up = await step(over, periods.publicise_period, principal=organiser, **which)
        _, sealed = await step(notice_over, periods.seal_period, principal=supervisor, **which)
    return drawn_up, sealed


_BASELINE = (
    "CREATE SCHEMA baseline",
    "CREATE TABLE baseline.account (id bigint PRIMARY KEY, balance bigint NOT NULL, version bigint NOT NULL DEFAULT 0)",
    """CREATE TABLE baseline.transfer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, from_id bigint NOT NULL, to_id bigint NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0), created_at timestamptz NOT NULL DEFAULT now())""",
    """CREATE TABLE baseline.entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, transfer_id bigint NOT NULL REFERENCES baseline.transfer,
        account_id bigint NOT NULL REFERENCES baseline.account, amount bigint NOT NULL, balance_after bigint NOT NULL, version bigint NOT NULL)""",
    "CREATE INDEX ON baseline.entry (account_id)",
    "CREATE INDEX ON baseline.entry (transfer_id)",
    f"INSERT INTO baseline.account SELECT n, 1000000000 FROM generate_series(0, {HOUSEHOLDS - 1}) AS n",
    """
    CREATE FUNCTION baseline.post(p_from bigint, p_to bigint, p_amount bigint) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        v_transfer bigint;
        v_side record;
    BEGIN
        INSERT INTO baseline.transfer (from_id, to_id, amount) VALUES (p_from, p_to, p_amount) RETURNING id INTO v_transfer;
        FOR v_side IN SELECT id, amount FROM (VALUES (p_from, -p_amount), (p_to, p_amount)) AS s (id, amount) ORDER BY id LOOP
            WITH changed AS (
                UPDATE baseline.account SET balance = balance + v_side.amount, version = version + 1 WHERE id = v_side.id
                RETURNING balance, version
            )
            INSERT INTO baseline.entry (transfer_id, account_id, amount, balance_after, version)
                SELECT v_transfer, v_side.id, v_side.amount, balance, version FROM changed;
        END LOOP;
    END $$
    """,
)

_PAIR = f"""
\\set a random(0, {HOUSEHOLDS - 1})
\\set b random(1, {HOUSEHOLDS - 1})
"""
_PLAIN = f"{_PAIR}SELECT baseline.post(:a::bigint, (:a::bigint + :b::bigint) % {HOUSEHOLDS}, 1);\n"


def _account_sql(number: str, asset: str) -> str:
    return f"points.derived_id({_numbered_sql(HOUSEHOLD, number)}, '{asset}')"


def _post_sql(asset: str) -> str:
    giver, taker = _account_sql(":a::bigint", asset), _account_sql(f"(:a::bigint + :b::bigint) % {HOUSEHOLDS}", asset)
    return (
        f"{_PAIR}SELECT points.post('{COMMUNITY}', gen_random_uuid(), '{asset}', 1, {giver}, {taker}, 'award', gen_random_uuid(),"
        f" '转赠', NULL, {_numbered_sql(ACCOUNT, ':a::bigint')}, now(), NULL, false, now());\n"
    )


def _credit_sql() -> str:
    return (
        f"{_PAIR}SELECT points.credit('{COMMUNITY}', {_account_sql(':a::bigint', 'standing')}, 'standing', 1, 'issuance', 'claim',"
        " gen_random_uuid(), '楼道清扫', 1, NULL, gen_random_uuid(), now(), NULL, now());\n"
    )


def _baseline(stage: Stage, seconds: float) -> Iterator[Finding]:
    """The ledger's postings beside the least a double entry can do: a transfer, two entries, two balances."""
    seed_points(stage)
    stage.run_sql(*_BASELINE, "VACUUM ANALYZE")
    scripts = {
        "plain SQL: transfer, two entries, two balances": _PLAIN,
        "points.post, standing: hashes, digest, period gate, zero sum": _post_sql("standing"),
        "points.credit, standing, from issuance": _credit_sql(),
        "points.post, spendable: the same and lots": _post_sql("spendable"),
    }
    plain: float | None = None
    for name, script in scripts.items():
        pgbench(stage, script, clients=CONNECTIONS, seconds=1)
        out = pgbench(stage, script, clients=CONNECTIONS, seconds=max(int(seconds), 1))
        per_second = tps_of(out)
        plain = per_second if plain is None else plain
        ratio = per_second / plain if plain else nan
        yield Finding("pgledger baseline", name, f"{per_second:.0f} postings/s · {ratio:.2f}")


def _token(stage: Stage, _seconds: float) -> Iterator[Finding]:
    """What a caller's first request costs beyond the next: the signature of a token nobody has shown yet."""

    async def keys() -> dict[str, Any]:
        return {"keys": [stage.key.as_dict(private=False)]}

    async def run() -> float:
        verifier = TokenVerifier(keys, SystemClock())
        tokens = [token(stage.key, resident(number)) for number in range(TOKENS + 1)]
        await verifier.verify(tokens.pop())
        before = time.process_time()
        for one in tokens:
            await verifier.verify(one)
        return (time.process_time() - before) / TOKENS

    yield Finding(
        "new token", "Ed25519 signature and claims, once per token and process", f"{1e6 * asyncio.run(run()):.0f} µs"
    )


TRIALS = (
    Trial("rush", _rush),
    Trial("post a period", _post_period),
    Trial("statements", _statements),
    Trial("pgledger baseline", _baseline),
    Trial("new token", _token),
)
