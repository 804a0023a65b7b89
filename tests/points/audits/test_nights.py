"""Every night the books are audited by themselves: what was found is kept, and told when something is wrong."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from services.points.audits.domain import Invariant, next_due_at
from services.points.audits.usecases import SECONDS_AT_NIGHT
from shared.contracts.events import BreachesFound
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.damage import damaged
from tests.points.nights import Nights

PATH = "/api/v1/points/audit"


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-05-11T01:00:00Z", "2026-05-11T18:00:00Z"),
        ("2026-05-11T17:59:59Z", "2026-05-11T18:00:00Z"),
        ("2026-05-11T18:00:00Z", "2026-05-12T18:00:00Z"),
        ("2026-05-11T16:00:00Z", "2026-05-11T18:00:00Z"),
    ],
)
def test_the_next_night(now: str, due: str) -> None:
    assert next_due_at(datetime.fromisoformat(now)) == datetime.fromisoformat(due)


async def test_a_clean_night_is_remembered_and_nobody_is_told(
    nights: Nights, people: People, open_household: OpenHousehold, client_for: ClientFor, facts_of: Any
) -> None:
    await open_household()
    assert not await nights.is_due(), "the first audit comes in the night after the first day"
    for _ in range(2):
        await nights.pass_one()

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    assert audit["last_night"] == {"is_clean": True, "audited_at": "2026-05-13T01:00:00Z", "breaches": []}
    assert not [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, BreachesFound)]


@pytest.mark.breaks_books
async def test_what_a_night_finds_is_kept_and_told(
    nights: Nights,
    people: People,
    open_household: OpenHousehold,
    client_for: ClientFor,
    facts_of: Any,
    database_url: str,
) -> None:
    await open_household()
    damage = "UPDATE points.account SET available = available + 5 WHERE community_id = $1 AND asset = 'standing' AND kind = 'household'"
    superuser: Any = await asyncpg.connect(database_url)
    async with damaged(superuser, people.community_id, ("account",), damage):
        await nights.pass_one()
    await superuser.close()

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    assert audit["is_clean"], "put right in the morning"
    night = audit["last_night"]
    assert (night["is_clean"], night["audited_at"]) == (False, "2026-05-12T01:00:00Z")
    assert "I2" in {breach["code"] for breach in night["breaches"]}
    (told,) = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, BreachesFound)]
    assert told.community_id == people.community_id
    assert told.audited_at == datetime(2026, 5, 12, 1, tzinfo=UTC)
    assert told.breaches == len(night["breaches"])
    assert told.invariants == tuple(
        sorted({breach["code"] for breach in night["breaches"]}, key=lambda code: int(code[1:]))
    )


async def test_the_night_takes_its_time(
    nights: Nights,
    people: People,
    open_household: OpenHousehold,
    client_for: ClientFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await open_household()
    allowed = "SELECT 1 AS subject, (SELECT setting FROM pg_settings WHERE name = 'statement_timeout') AS found"
    with monkeypatch.context() as patch:
        patch.setattr("services.points.audits.repository.CHECKS", {Invariant.I1: allowed})
        await nights.pass_one()

    night = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()["last_night"]

    assert [one["found"] for one in night["breaches"]] == [str(SECONDS_AT_NIGHT * 1000)]
