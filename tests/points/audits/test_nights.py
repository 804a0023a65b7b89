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


@pytest.mark.breaks_books
async def test_every_night_stays_listed_with_what_was_wrong_in_words(
    nights: Nights,
    people: People,
    open_household: OpenHousehold,
    client_for: ClientFor,
    database_url: str,
) -> None:
    await open_household()
    damage = "UPDATE points.account SET available = available + 5 WHERE community_id = $1 AND asset = 'standing' AND kind = 'household'"
    await nights.pass_one()
    superuser: Any = await asyncpg.connect(database_url)
    async with damaged(superuser, people.community_id, ("account",), damage):
        await nights.pass_one()
    await superuser.close()
    await nights.pass_one()
    supervisor = client_for("points", people.staff(Role.SUPERVISOR))

    async def ask(**params: Any) -> list[str]:
        answer = await supervisor.get(f"{PATH}s", params=params)
        assert answer.status_code == 200, answer.text
        return [row["audited_at"][:10] for row in answer.json()["items"]]

    assert await ask() == ["2026-05-14", "2026-05-13", "2026-05-12"]
    assert await ask(is_clean=True) == ["2026-05-14", "2026-05-12"]
    assert await ask(is_clean=False) == ["2026-05-13"]
    assert await ask(from_on="2026-05-13") == ["2026-05-14", "2026-05-13"]
    assert await ask(from_on="2026-05-12", to_on="2026-05-12") == ["2026-05-12"]
    first = await supervisor.get(f"{PATH}s", params={"limit": 2})
    assert await ask(limit=2, cursor=first.json()["next_cursor"]) == ["2026-05-12"]
    (night,) = (await supervisor.get(f"{PATH}s", params={"is_clean": False})).json()["items"]
    (breach,) = [one for one in night["breaches"] if one["code"] == "I2"]
    assert breach["meaning"] == Invariant.I2.value
    assert breach["found"] == "余额 105，流水合计 100"
    wrong = await supervisor.get(f"{PATH}s", params={"from_on": "2026-05-13", "to_on": "2026-05-12"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "points.days_reversed")


async def test_nights_are_for_those_who_watch_and_of_their_own_community(
    nights: Nights, people: People, strangers: People, open_household: OpenHousehold, client_for: ClientFor
) -> None:
    await open_household()
    await nights.pass_one()
    for role in (Role.STOREKEEPER, Role.RESIDENT):
        assert (await client_for("points", people.staff(role)).get(f"{PATH}s")).status_code == 403
    elsewhere = await client_for("points", strangers.staff(Role.SUPERVISOR)).get(f"{PATH}s")
    assert elsewhere.json()["items"] == []
