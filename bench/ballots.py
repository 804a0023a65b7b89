"""The stage of a vote: the model community on one roll, and enough open rounds that no household runs out of ballots."""

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import asyncpg

from bench.load import request
from bench.people import ACCOUNT, BUILDING, COMMUNITY, GRID, HOUSEHOLD, RESIDENTS, numbered, resident, token
from bench.stage import HOUSEHOLDS, Stage
from shared.clock import SystemClock
from shared.ids import new_id
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.uow import unit_of_work

ROUNDS = 40
ROUND = 6
"""Kind of the numbered ids of rounds."""


def seed(stage: Stage) -> None:
    """Enter households and residents straight by SQL, open one round by the service's own use cases, and copy it."""
    asyncio.run(_seed(stage))


async def _seed(stage: Stage) -> None:
    now = datetime.now(UTC)
    connection: Any = await asyncpg.connect(stage.database_url)
    await connection.copy_records_to_table(
        "household",
        schema_name="proposals",
        columns=[
            "community_id", "id", "number", "address", "householder_name", "grid_id", "grid_name", "building_id", "building_name",
            "area_cm2e2", "status", "registered_at",
        ],
        records=[
            (COMMUNITY, numbered(HOUSEHOLD, n), f"B-{n}", "", "王**", numbered(GRID, n % 8), "网格", numbered(BUILDING, n % 165), "楼",
             8_800, "active", now)
            for n in range(HOUSEHOLDS)
        ],
    )  # fmt: skip
    await connection.copy_records_to_table(
        "resident",
        schema_name="proposals",
        columns=["community_id", "id", "household_id", "name", "is_adult", "is_party_member", "is_representative"],
        records=[
            (COMMUNITY, numbered(ACCOUNT, n), numbered(HOUSEHOLD, n), "王**", True, False, False)
            for n in range(HOUSEHOLDS)
        ],
    )
    frozen_hash = await _open_round(stage)
    stage.notes["frozen_hash"] = frozen_hash
    # A step has one round at a time; here one step lends itself to all of them.
    await connection.execute("DROP INDEX proposals.uq_round_of_step")
    await connection.execute(
        f"""
        INSERT INTO proposals.round
            SELECT (jsonb_populate_record(r, jsonb_build_object('id',
                format('{ROUND:08x}-0000-7000-8000-%s', lpad(to_hex(n), 12, '0'))))).*
            FROM proposals.round r, generate_series(0, {ROUNDS - 1}) AS n
        """
    )
    await connection.execute(
        f"""
        INSERT INTO proposals.round_key
            SELECT (jsonb_populate_record(k, jsonb_build_object('round_id',
                format('{ROUND:08x}-0000-7000-8000-%s', lpad(to_hex(n), 12, '0'))))).*
            FROM proposals.round_key k, generate_series(0, {ROUNDS - 1}) AS n
        """
    )
    await connection.execute("CREATE SEQUENCE IF NOT EXISTS bench_ballot MINVALUE 0")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _open_round(stage: Stage) -> str:
    from services.proposals.logs.signing import signer_from
    from services.proposals.main import build_runtime
    from services.proposals.processes.domain import ProcessState, StepState
    from services.proposals.processes.models import Process, ProcessStep
    from services.proposals.processes.templates import get_template, template_to_json
    from services.proposals.proposals import usecases as proposals
    from services.proposals.proposals.domain import ProposalState
    from services.proposals.rolls import usecases as rolls
    from services.proposals.rolls.domain import ScopeKind as RollScope
    from services.proposals.rounds import usecases as rounds
    from services.proposals.rounds.domain import Grade, Method
    from services.proposals.settings import Settings
    from services.proposals.steps import usecases as steps

    environment = stage.environment
    settings = Settings(
        environment="development",
        database_url=stage.database_url,
        redis_url=stage.redis_url,
        field_keys=json.loads(environment["FIELD_KEYS"]),
        index_key=environment["INDEX_KEY"],
        receipt_key=environment["RECEIPT_KEY"],
    )
    runtime = build_runtime(settings, clock=SystemClock())
    grants = frozenset(
        RoleGrant(role, ScopeKind.COMMUNITY, str(COMMUNITY)) for role in (Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER)
    )
    secretary = Principal(new_id(), AccountKind.STAFF, COMMUNITY, roles=grants)
    signer = signer_from(settings.receipt_key.get_secret_value())
    async with unit_of_work(runtime.database, runtime.clock, COMMUNITY) as uow:
        template = get_template("four_and_two_owners")
        proposal = await proposals.open_proposal(
            uow=uow,
            principal=secretary,
            concern_id=None,
            template=template.code,
            scope_kind=RollScope.COMMUNITY,
            scope_id=None,
            title="测量",
            body="测量",
        )
        proposal.state, proposal.endorsements = ProposalState.DELIBERATING, proposal.endorsements_needed
        proposal.opinions = proposal.households_in_scope
        process = Process(
            community_id=COMMUNITY,
            id=new_id(),
            proposal_id=proposal.id,
            text_hash=proposal.text_hash,
            template=template_to_json(template),
            rules_signed_off_by="测量",
            state=ProcessState.RUNNING,
            open_position=3,
            open_attempt=1,
            step_opened_at=uow.now,
            started_by=secretary.account_id,
            started_at=uow.now,
        )
        uow.session.add(process)
        await uow.session.flush()
        step = ProcessStep(
            community_id=COMMUNITY,
            process_id=process.id,
            position=3,
            attempt=1,
            code="residents_decide",
            title="居民会议决议",
            state=StepState.OPEN,
            opened_at=uow.now,
        )
        uow.session.add(step)
        await uow.session.flush()
        roll = await rolls.freeze_roll(
            uow=uow, principal=secretary, title="测量", scope_kind=RollScope.COMMUNITY, scope_id=None
        )
        drafted = await steps.draft_round(
            uow=uow,
            principal=secretary,
            process_id=process.id,
            step_code="residents_decide",
            roll_id=roll.id,
            question="测量？",
            method=Method.YES_NO_ABSTAIN,
            options=[],
            max_choices=1,
            grade=Grade.NAMED_PRIVATE,
            opens_at=uow.now,
            closes_at=uow.now + timedelta(days=7),
        )
        await rounds.freeze_round(
            uow=uow,
            principal=secretary,
            round_id=drafted.id,
            secret=os.urandom(32),
            cipher=runtime.cipher,
            signer=signer,
        )
        await rounds.open_round(uow=uow, principal=secretary, round_id=drafted.id, signer=signer)
        frozen_hash = str(drafted.frozen_hash)
    await runtime.close()
    return frozen_hash


def pgbench(stage: Stage) -> str:
    """Return the script that calls the identical function; a sequence hands out rounds and households."""
    return f"""
SELECT nextval('bench_ballot') AS n \\gset
SELECT proposals.cast_ballot('{COMMUNITY}',
    format('{ROUND:08x}-0000-7000-8000-%s', lpad(to_hex({ROUNDS - 1} - :n::bigint / {HOUSEHOLDS}), 12, '0'))::uuid,
    format('{HOUSEHOLD:08x}-0000-7000-8000-%s', lpad(to_hex(:n::bigint % {HOUSEHOLDS}), 12, '0'))::uuid,
    format('{ACCOUNT:08x}-0000-7000-8000-%s', lpad(to_hex(:n::bigint % {HOUSEHOLDS}), 12, '0'))::uuid,
    format('{ACCOUNT:08x}-0000-7000-8000-%s', lpad(to_hex(:n::bigint % {HOUSEHOLDS}), 12, '0'))::uuid, '王**', 'online',
    md5('ballot' || :n::bigint)::uuid, decode(repeat('00', 96), 'hex'), repeat('x', 300), sha256(md5(:n::bigint::text)::bytea),
    decode(repeat('00', 64), 'hex'), '{stage.notes["frozen_hash"]}', 'sql-' || :n::bigint, '\\x00'::bytea, now());
"""


def requests(stage: Stage) -> Iterator[bytes]:
    """Yield ballots of households in rounds that nobody voted in yet; pgbench takes the rounds from the other end."""
    tokens = [token(stage.key, resident(number)) for number in range(RESIDENTS)]
    body = json.dumps({"choice": ["yes"], "frozen_hash": stage.notes["frozen_hash"]}).encode()
    for number in count(stage.taken("ballots")):
        stage.take("ballots")
        round_id, household = divmod(number, RESIDENTS)
        path = f"/api/v1/proposals/rounds/{numbered(ROUND, round_id)}/ballots"
        yield request("POST", path, tokens[household], body, key=f"http-{number}")
