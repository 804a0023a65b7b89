"""Every night the books are audited by themselves: what was found is kept, and told when something is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.audits.domain import Invariant, next_due_at
from services.points.audits.usecases import SECONDS_AT_NIGHT
from services.points.worker import SWEEPS
from shared.contracts.events import BreachesFound
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.damage import damaged

PATH = "/api/v1/points/audit"
(SWEEP,) = (sweep for sweep in SWEEPS if sweep.name == "audit_books")


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


class Nights:
    """The sweep, for the test's community alone: every other test has left one that is due as well."""

    def __init__(self, apps: Apps, people: People, work_in: WorkIn, clock: FixedClock) -> None:
        self.apps, self.people, self.work_in, self.clock = apps, people, work_in, clock

    async def is_due(self) -> bool:
        async with AsyncSession(self.apps.runtime("points").database.worker) as session:
            return (self.people.community_id,) * 2 in await SWEEP.find_due(session, self.clock.now(), 10_000)

    async def pass_one(self) -> None:
        """Let the next night come; the sweep comes twice."""
        self.clock.advance(timedelta(days=1))
        assert await self.is_due()
        for _ in range(2):
            async with self.work_in("points", self.people.community_id) as uow:
                await SWEEP.act(uow, self.people.community_id)
        assert not await self.is_due()


@pytest.fixture
def nights(apps: Apps, people: People, work_in: WorkIn, clock: FixedClock) -> Nights:
    return Nights(apps, people, work_in, clock)


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
