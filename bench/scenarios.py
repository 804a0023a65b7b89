"""What is measured: for each promise the identical statement for pgbench, the requests over HTTP, and the stage it needs."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from bench import ballots, recorded
from bench.load import repeated, request
from bench.people import ACCOUNT, BUILDING, COMMUNITY, GRID, HOUSEHOLD, PRODUCT, RESIDENTS, numbered, resident, token
from bench.stage import HOUSEHOLDS, Stage, seed_points

PRODUCTS = 64
BUCKETS = 8


@dataclass(frozen=True)
class Scenario:
    """One promise."""

    name: str
    service: str
    seed: Callable[[Stage], None]
    pgbench: Callable[[Stage], str]
    """The identical SQL."""
    requests: Callable[[Stage], Iterator[bytes]]


def _seed_redeem(stage: Stage) -> None:
    seed_points(stage)
    stage.run_sql(
        f"""
        INSERT INTO points.product (community_id, id, code, name, description, category, kind, price_points, state, household_limit,
                limit_window_days, hold_hours, buckets, version, created_at, updated_at)
            SELECT '{COMMUNITY}', format('{PRODUCT:08x}-0000-7000-8000-%s', lpad(to_hex(n), 12, '0'))::uuid, 'B' || n, '食用油', '', '粮油',
                'goods', 1, 'on_sale', 1000000000, 60, 72, {BUCKETS}, 1, now(), now()
            FROM generate_series(0, {PRODUCTS - 1}) AS n
        """,
        f"""
        INSERT INTO points.batch (community_id, id, product_id, quantity, unit_cost_fen, fund_source, supplier, received_by, received_at)
            SELECT community_id, id, id, {BUCKETS} * 100000000, 100, 'fiscal', 'bench', id, now() FROM points.product
        """,
        f"""
        INSERT INTO points.stock_bucket (community_id, product_id, batch_id, number, available, reserved)
            SELECT community_id, id, id, number, 100000000, 0 FROM points.product, generate_series(0, {BUCKETS - 1}) AS number
        """,
        "VACUUM ANALYZE",
    )


_REDEEM = f"""
\\set h random(0, {HOUSEHOLDS - 1})
\\set p random(0, {PRODUCTS - 1})
\\set r random(1, 9007199254740991)
\\set s random(1, 9007199254740991)
\\set c random(0, 999999)
SELECT points.redeem('{COMMUNITY}', format('{HOUSEHOLD:08x}-0000-7000-8000-%s', lpad(to_hex(:h::int), 12, '0'))::uuid,
    format('{ACCOUNT:08x}-0000-7000-8000-%s', lpad(to_hex(:h::int), 12, '0'))::uuid,
    format('{PRODUCT:08x}-0000-7000-8000-%s', lpad(to_hex(:p::int), 12, '0'))::uuid, 1, NULL, format('%s-%s', :r::bigint, :s::bigint), '\\x00'::bytea,
    md5(format('%s-%s', :r::bigint, :s::bigint))::uuid,
    ARRAY[lpad((:c::int)::text, 12, '0'), md5(random()::text), md5(random()::text)], now(), NULL);
"""


def _redeem_requests(stage: Stage) -> Iterator[bytes]:
    tokens = [token(stage.key, resident(number)) for number in range(RESIDENTS)]
    run = secrets.token_hex(4)
    for number in count():
        body = json.dumps({"product_id": str(numbered(PRODUCT, number % PRODUCTS)), "quantity": 1}).encode()
        yield request("POST", "/api/v1/points/redemptions", tokens[number % RESIDENTS], body, key=f"{run}-{number}")


def statement_requests(stage: Stage) -> Iterator[bytes]:
    return repeated(
        [
            request(
                "GET",
                f"/api/v1/points/households/{numbered(HOUSEHOLD, number)}/statement?limit=20",
                token(stage.key, resident(number)),
            )
            for number in range(RESIDENTS)
        ]
    )


_STATEMENT = f"""
\\set h random(0, {RESIDENTS - 1})
BEGIN;
SELECT set_config('app.community_id', '{COMMUNITY}', true);
SELECT e.id, e.created_at, coalesce(t.kind, 'hold'), coalesce(t.summary, h.purpose, ''), e.amount, e.available_after, e.held_after, e.version
    FROM points.entry e
    LEFT JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id
    LEFT JOIN points.hold h ON h.community_id = e.community_id AND h.id = e.hold_id
    WHERE e.community_id = '{COMMUNITY}' AND e.account_id =
        (SELECT id FROM points.account WHERE community_id = '{COMMUNITY}' AND kind = 'household' AND asset = 'spendable'
            AND owner_id = format('{HOUSEHOLD:08x}-0000-7000-8000-%s', lpad(to_hex(:h::int), 12, '0'))::uuid)
    ORDER BY e.version DESC LIMIT 21;
COMMIT;
"""


def _seed_tickets(stage: Stage) -> None:
    stage.run_sql(
        f"""
        INSERT INTO property.household (community_id, id, number, grid_id, grid_name, building_id, building_name, address, is_active)
            SELECT '{COMMUNITY}', format('{HOUSEHOLD:08x}-0000-7000-8000-%s', lpad(to_hex(n), 12, '0'))::uuid, 'B-' || n,
                format('{GRID:08x}-0000-7000-8000-%s', lpad(to_hex(n % 8), 12, '0'))::uuid, '网格',
                format('{BUILDING:08x}-0000-7000-8000-%s', lpad(to_hex(n % 165), 12, '0'))::uuid, '楼', '楼前', true
            FROM generate_series(0, {HOUSEHOLDS - 1}) AS n
        """,
        f"""
        INSERT INTO property.resident (community_id, id, household_id, name)
            SELECT '{COMMUNITY}', format('{ACCOUNT:08x}-0000-7000-8000-%s', lpad(to_hex(n), 12, '0'))::uuid,
                format('{HOUSEHOLD:08x}-0000-7000-8000-%s', lpad(to_hex(n), 12, '0'))::uuid, '王**'
            FROM generate_series(0, {HOUSEHOLDS - 1}) AS n
        """,
        "VACUUM ANALYZE",
    )


def _ticket_requests(stage: Stage) -> Iterator[bytes]:
    tokens = [token(stage.key, resident(number)) for number in range(RESIDENTS)]
    body = json.dumps({"description": "三楼楼道灯不亮", "place": "三楼"}).encode()
    run = secrets.token_hex(4)
    for number in count():
        yield request("POST", "/api/v1/property/tickets", tokens[number % RESIDENTS], body, key=f"{run}-{number}")


def _ticket_sql(stage: Stage) -> str:
    return recorded.script(stage, "property", next(_ticket_requests(stage)))


SCENARIOS = (
    Scenario("redeem", "points", _seed_redeem, lambda _stage: _REDEEM, _redeem_requests),
    Scenario("cast ballot", "proposals", ballots.seed, ballots.pgbench, ballots.requests),
    Scenario("create ticket", "property", _seed_tickets, _ticket_sql, _ticket_requests),
    Scenario("list page (statement)", "points", seed_points, lambda _stage: _STATEMENT, statement_requests),
)
