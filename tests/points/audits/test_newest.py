"""Books that are too long to read while somebody waits: what came after the last clean night is read, and the answer says so."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from services.points.audits import repository, usecases
from services.points.audits.domain import Invariant
from services.points.audits.longest import TAILS
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.audits.test_routes import EDITION, PERIOD, TOTALS
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.nights import Nights

PATH = "/api/v1/points/audit"
OF_HOUSEHOLD = """
    community_id = $1 AND account_id = (
        SELECT id FROM points.account WHERE community_id = $1 AND kind = 'household' AND asset = 'spendable')
"""
OLD_LINE = f"UPDATE points.entry SET created_at = created_at - interval '1 hour' WHERE {OF_HOUSEHOLD} AND version = 2"


@contextmanager
def long_books() -> Iterator[None]:
    """Have the two invariants of all the books take longer than anybody waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usecases, "SECONDS_WHOLE", 0.05)
        sleeping = dict.fromkeys(TAILS, "SELECT pg_sleep(30)::text AS subject, '' AS found")
        patch.setattr(repository, "CHECKS", {**repository.CHECKS, **sleeping})
        yield


class Town:
    """A community whose books were sealed, then read by a clean night, and went on afterwards."""

    def __init__(self, people: People, client_for: ClientFor, books: Books, nights: Nights, database_url: str) -> None:
        self.people, self.client_for, self.books, self.nights, self.url = (
            people,
            client_for,
            books,
            nights,
            database_url,
        )

    async def begin(self, household: Any) -> None:
        """Write four lines, seal them, and let a night find them clean."""
        self.household = household
        for _ in range(3):
            await self.books.earn(household, 5)
        assert (await self.supervisor().post("/api/v1/points/seals")).status_code == 201
        await self.nights.pass_one()

    def supervisor(self) -> Any:
        return self.client_for("points", self.people.staff(Role.SUPERVISOR))

    async def ask(self, *, is_long: bool = True) -> Any:
        """Audit while somebody waits; `is_long`: there are more books than can be read meanwhile."""
        with long_books() if is_long else nullcontext():
            response = await self.supervisor().get(PATH)
        assert response.status_code == 200, response.text
        return response.json()

    async def damage(self, *statements: str) -> None:
        """Change rows behind everybody's back."""
        superuser: Any = await asyncpg.connect(self.url)
        async with superuser.transaction():
            await superuser.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                assert not (await superuser.execute(statement, self.people.community_id)).endswith(" 0"), statement
        await superuser.close()


@pytest.fixture
async def town(
    people: People,
    client_for: ClientFor,
    work_in: WorkIn,
    nights: Nights,
    open_household: OpenHousehold,
    database_url: str,
) -> Town:
    built = Town(people, client_for, Books(work_in, people.community_id), nights, database_url)
    await built.begin(await open_household())
    return built


def broken(audit: Any) -> set[str]:
    return {breach["code"] for breach in audit["breaches"]}


def in_part(audit: Any) -> set[str]:
    return {one["code"] for one in audit["invariants"] if not one["is_whole"]}


async def test_books_too_long_are_read_from_the_last_clean_night_and_that_is_told(town: Town) -> None:
    await town.books.earn(town.household, 7)

    audit = await town.ask()

    assert (audit["is_clean"], audit["breaches"]) == (True, [])
    assert in_part(audit) == {"I12", "I13"} == {invariant.name for invariant in TAILS}


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    "damage",
    [
        f"UPDATE points.entry SET created_at = created_at - interval '1 hour' WHERE {OF_HOUSEHOLD} AND version = 5",
        f"UPDATE points.entry SET previous_hash = hash WHERE {OF_HOUSEHOLD} AND version = 6",
        f"DELETE FROM points.entry WHERE {OF_HOUSEHOLD} AND version = 5",
        f"DELETE FROM points.entry WHERE {OF_HOUSEHOLD} AND version = 6",
        "UPDATE points.transfer SET summary = '改过' WHERE community_id = $1 AND amount = 7",
        f"UPDATE points.seal_leaf SET head = sha256('x') WHERE {OF_HOUSEHOLD}",
    ],
)
async def test_what_is_new_and_where_it_joins_the_old_is_read(town: Town, damage: str) -> None:
    """The last is what a hand leaves that writes old lines and all hashes after them anew: they no longer join what was sealed."""
    for _ in range(2):
        await town.books.earn(town.household, 7)
    await town.damage(damage)
    assert "I12" in broken(await town.ask())


@pytest.mark.breaks_books
async def test_all_the_books_are_read_when_there_is_time(town: Town) -> None:
    await town.damage(OLD_LINE)
    audit = await town.ask(is_long=False)
    assert "I12" in broken(audit), "a clean night is no excuse"
    assert in_part(audit) == set()


@pytest.mark.breaks_books
async def test_an_old_line_is_found_by_the_next_night_however_long_the_books_are(town: Town) -> None:
    await town.damage(OLD_LINE)
    audit = await town.ask()
    assert (broken(audit), in_part(audit)) == (set(), {"I12", "I13"}), "not read, and told as not read"
    await town.nights.pass_one()
    night = (await town.ask())["last_night"]
    assert "I12" in {breach["code"] for breach in night["breaches"]}


async def test_without_a_clean_night_there_is_nothing_to_go_by(
    open_household: OpenHousehold, people: People, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_household()
    monkeypatch.setattr(usecases, "SECONDS_ASKED", 0.5)
    with long_books():
        refused = await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)
    assert refused.status_code == 503


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("sealed_at", "is_entered", "is_found"),
    [
        ("2026-05-11T01:00:00Z", False, False),
        ("2026-05-11T01:00:00Z", True, True),
        ("2026-05-12T02:00:00Z", False, True),
    ],
    ids=["read by the night", "entered since", "sealed since"],
)
async def test_rounds_are_counted_again_when_something_touched_them_since(
    town: Town, sealed_at: str, is_entered: bool, is_found: bool
) -> None:
    await town.damage(PERIOD, EDITION, TOTALS)
    await town.damage(f"UPDATE points.period SET sealed_at = '{sealed_at}' WHERE community_id = $1")
    if is_entered:
        await town.books.earn(town.household, 7)
    assert ("I13" in broken(await town.ask())) is is_found


def reads(plan: Any, table: str) -> int:
    """Return how many rows of a table a plan that was carried out has looked at."""
    seen = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    own = round(seen * plan["Actual Loops"]) if plan.get("Relation Name") == table else 0
    return own + sum(reads(one, table) for one in plan.get("Plans", ()))


@pytest.mark.parametrize(("invariant", "lines"), [(Invariant.I12, 2), (Invariant.I13, 0)], ids=["chains", "no rounds"])
async def test_nothing_that_was_sealed_and_found_clean_is_read(town: Town, invariant: Invariant, lines: int) -> None:
    """By the rows the server has looked at: two new lines, of six that the household has."""
    for _ in range(2):
        await town.books.earn(town.household, 7)
    async with town.books.work_in("points", town.people.community_id) as uow:
        night = await repository.find_clean_night(uow.session)
        assert night is not None
        values = {"seal": night.seal_number, "night": night.audited_at}
        statement = TAILS[invariant]
        await uow.session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        told = (
            await uow.session.execute(explain, {name: one for name, one in values.items() if f":{name}" in statement})
        ).scalar_one()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    assert reads(plan, "entry") == lines
    assert reads(plan, "transfer") == lines
