"""The audit names what a hand in the database did to gigs and requests for help."""

from typing import Any

import asyncpg
import pytest

from shared.kernel.principal import Role
from shared.testing.clients import People
from tests.points.damage import damaged
from tests.points.gigs.conftest import Market
from tests.points.help_kit import ROOT, ask_each_other_for_help

HELPER = "SELECT min(household_id::text)::uuid FROM points.help_participant WHERE community_id = $1 AND side = 'helper'"
DAMAGE = [
    ("I3", "UPDATE points.gig_place SET state = 'expired' WHERE community_id = $1 AND state = 'open'"),
    ("I3", "UPDATE points.gig SET free_places = 0 WHERE community_id = $1"),
    ("I3", "UPDATE points.help_request SET state = 'cancelled' WHERE community_id = $1"),
    ("I3", "UPDATE points.help_request SET escrow_minutes = escrow_minutes - 1 WHERE community_id = $1"),
    ("I15", "UPDATE points.gig_place SET worker_account_id = verified_by WHERE community_id = $1 AND state = 'paid'"),
    ("I15", "UPDATE points.help_request SET requester_account_id = approved_by WHERE community_id = $1"),
    ("I15", f"UPDATE points.help_participant SET household_id = ({HELPER}) WHERE community_id = $1"),
]
# What was done with a gig or a request, done by somebody of the household or by kin of it.
WORKER = "(SELECT worker_account_id FROM points.gig_place WHERE community_id = $1 AND state = 'paid')"
ASKER = "(SELECT requester_account_id FROM points.help_request WHERE community_id = $1)"
SETTLED = "UPDATE points.gig_event SET action = 'settle' WHERE community_id = $1 AND action = 'verify' RETURNING account_id, household_id"
KIN_OF_WORKER = (
    "INSERT INTO points.kinship (community_id, id, account_id, household_id, relation, declared_by, declared_at)"
    " SELECT $1, gen_random_uuid(), account_id, household_id, '兄弟', account_id, '2020-01-01' FROM "
)
DAMAGE += [
    ("I15", f"UPDATE points.gig_event SET account_id = {WORKER} WHERE community_id = $1 AND action = 'verify'"),
    (
        "I15",
        f"UPDATE points.gig_event SET account_id = {WORKER}, action = 'settle' WHERE community_id = $1 AND action = 'verify'",
    ),
    ("I15", f"UPDATE points.help_event SET account_id = {ASKER} WHERE community_id = $1 AND action = 'approve'"),
    ("I15", "UPDATE points.help_event SET action = 'settle' WHERE community_id = $1 AND action = 'join_as_helper'"),
    ("I15", f"WITH settled AS ({SETTLED}) {KIN_OF_WORKER} settled"),
]
TABLES = ("gig", "gig_place", "gig_event", "help_request", "help_participant", "help_event", "kinship")


@pytest.mark.breaks_books
async def test_a_hand_in_the_database_is_named(market: Market, people: People, database_url: str, hear: Any) -> None:
    await ask_each_other_for_help(market.client_for, people, await market.open_household(), hear)
    poster, worker = await market.resident(), await market.resident()
    job = await market.work(worker, await market.take(worker, await market.post(poster)))
    await market.step(poster, job, "verifications")
    supervisor = market.staff(Role.SUPERVISOR)
    assert (await supervisor.get(f"{ROOT}/audit")).json()["is_clean"]

    superuser: Any = await asyncpg.connect(database_url)
    kin_of_verifier = KIN_OF_WORKER + "points.gig_event WHERE community_id = $1 AND action = 'verify'"
    async with damaged(superuser, people.community_id, TABLES, kin_of_verifier):
        assert (await supervisor.get(f"{ROOT}/audit")).json()["is_clean"], (
            "who pays with the own points verifies for kin, too"
        )
    for code, damage in DAMAGE:
        async with damaged(superuser, people.community_id, TABLES, damage):
            audit = (await supervisor.get(f"{ROOT}/audit")).json()
        assert code in {breach["code"] for breach in audit["breaches"]}, damage
    assert (await supervisor.get(f"{ROOT}/audit")).json()["is_clean"]
    await superuser.close()
