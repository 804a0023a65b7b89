"""Seals every night and on demand; made while points move, they still balance."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.domain import AccountKind, SystemAccount
from services.points.seals import usecases as seals
from services.points.seals.domain import Head, root_of
from services.points.worker import create_worker
from shared.contracts.events import BooksSealed
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from shared.uow import UnitOfWork
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books

PATH = "/api/v1/points/seals"


@pytest.fixture
def supervisor(client_for: ClientFor, people: People) -> Any:
    return client_for("points", people.staff(Role.SUPERVISOR))


async def test_a_seal_says_what_everybody_has(
    supervisor: Any, books: Books, open_household: OpenHousehold, people: People, facts_of: Any
) -> None:
    household, merchant = await open_household(), await books.open(AccountKind.MERCHANT, new_id())
    await books.post(await books.of(household), merchant, 30)
    await books.deduct(household, 90)

    made = (await supervisor.post(PATH)).json()

    assert made["totals"] == {
        "spendable": {"arrears": -20, "household": 0, "issuance": -10, "merchant": 30},
        "standing": {"household": 10, "issuance": -10},
    }
    assert (made["number"], made["accounts"], made["previous_hash"]) == (1, 4, "00" * 32)
    assert (await supervisor.get(f"{PATH}/1")).json() == made
    assert (await supervisor.get(PATH)).json()["items"] == [made]
    (told,) = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, BooksSealed)]
    assert (told.number, told.hash) == (1, made["hash"])


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.STOREKEEPER, Role.ASSESSOR, Role.GRID_WORKER])
async def test_others_read_seals_but_make_none(client_for: ClientFor, people: People, role: Role) -> None:
    client = client_for("points", people.staff(role))

    assert (await client.post(PATH)).json()["code"] == "forbidden"
    assert (await client.get(PATH)).json()["items"] == []
    missing = await client.get(f"{PATH}/1")
    assert (missing.status_code, missing.json()["code"]) == (404, "points.seal_not_found")


async def test_seals_of_another_community_do_not_exist(
    client_for: ClientFor, supervisor: Any, strangers: People, open_household: OpenHousehold
) -> None:
    await open_household()
    await supervisor.post(PATH)
    stranger = client_for("points", strangers.staff(Role.SUPERVISOR))

    assert (await stranger.get(f"{PATH}/1")).status_code == 404
    assert (await stranger.get(PATH)).json()["items"] == []


async def test_one_key_is_one_seal(supervisor: Any, open_household: OpenHousehold) -> None:
    await open_household()
    headers = {"Idempotency-Key": new_id().hex}

    first, again = await supervisor.post(PATH, headers=headers), await supervisor.post(PATH, headers=headers)

    assert first.json() == again.json()
    assert len((await supervisor.get(PATH)).json()["items"]) == 1


async def test_the_clock_seals_once_a_day(
    apps: Apps, people: People, open_household: OpenHousehold, clock: Any, books: Books
) -> None:
    """As the sweep does it, but for this community alone: every other test has left one that is due as well."""
    household = await open_household()
    runtime = apps.runtime("points")
    (sweep,) = (found for found in create_worker(runtime).sweeps if found.name == "seal_books")

    async def is_due() -> bool:
        async with AsyncSession(runtime.database.worker) as session:
            return (people.community_id,) * 2 in await sweep.find_due(session, clock.now(), 10_000)

    async def act(uow: UnitOfWork) -> int:
        await sweep.act(uow, people.community_id)
        made = await seals.latest_seal(uow=uow)
        return 0 if made is None else made.number

    assert (await is_due(), await books.work(act)) == (False, 0)
    for number in (1, 2, 3):
        clock.advance(timedelta(days=1))
        await books.earn(household, 5)
        assert await is_due()
        assert [await books.work(act), await books.work(act)] == [number, number]
        assert not await is_due()


async def test_seals_chain_and_page(supervisor: Any, open_household: OpenHousehold) -> None:
    await open_household()
    made = [(await supervisor.post(PATH)).json() for _ in range(3)]

    page = (await supervisor.get(f"{PATH}?limit=2")).json()
    rest = (await supervisor.get(f"{PATH}?limit=2&cursor={page['next_cursor']}")).json()

    assert [*page["items"], *rest["items"]] == made[::-1]
    assert [seal["previous_hash"] for seal in made[1:]] == [seal["hash"] for seal in made[:-1]]


async def test_many_asking_at_once_make_one_chain(supervisor: Any, open_household: OpenHousehold) -> None:
    await open_household()

    made = await asyncio.gather(*(supervisor.post(PATH) for _ in range(5)))

    by_number = {seal["number"]: seal for seal in (response.json() for response in made)}
    assert sorted(by_number) == [1, 2, 3, 4, 5]
    assert all(by_number[n]["previous_hash"] == by_number[n - 1]["hash"] for n in range(2, 6))


async def leaves_of(uow: UnitOfWork, *, number: int) -> list[Head]:
    return await seals.list_leaves(uow=uow, number=number)


async def test_sealed_while_entries_are_being_written(
    supervisor: Any, books: Books, open_household: OpenHousehold
) -> None:
    """Money in flight is on one side or the other, never on both or none: every total is zero and every old root can be computed again."""
    accounts = [await books.of(await open_household()) for _ in range(4)]
    store = await books.system(SystemAccount.STORE)
    is_done = asyncio.Event()

    async def trade(mine: int) -> None:
        while not is_done.is_set():
            await books.post(accounts[mine], accounts[(mine + 1) % 4], 1)
            await books.post(accounts[mine], store, 1)
            await books.post(store, accounts[mine], 1)

    async def seal() -> list[Any]:
        made = [(await supervisor.post(PATH)).json() for _ in range(6)]
        is_done.set()
        return made

    traders = [asyncio.create_task(trade(n)) for n in range(4)]
    made = await seal()
    await asyncio.gather(*traders)

    assert len({seal["root"] for seal in made}) > 1
    for seal_read in made:
        assert {asset: sum(owners.values()) for asset, owners in seal_read["totals"].items()} == {
            "spendable": 0,
            "standing": 0,
        }
        leaves = await books.work(partial(leaves_of, number=seal_read["number"]))
        assert root_of(leaves).hex() == seal_read["root"]
        assert (
            sum(leaf.amount for leaf in leaves if leaf.asset == "spendable")
            == seal_read["totals"]["spendable"]["household"]
        )


async def test_a_quiet_day_adds_no_leaves(supervisor: Any, books: Books, open_household: OpenHousehold) -> None:
    household = await open_household()
    await open_household()
    await supervisor.post(PATH)
    await supervisor.post(PATH)
    await books.earn(household, 5)
    await supervisor.post(PATH)

    async def count(uow: Any) -> list[int]:
        from sqlalchemy import text

        rows = await uow.session.execute(text("SELECT count(*) FROM points.seal_leaf GROUP BY number ORDER BY number"))
        return [row[0] for row in rows.all()]

    assert await books.work(count) == [4, 1]
