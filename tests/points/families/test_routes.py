"""Families that join or part: everything stays accounted for, and points keep their expiry."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.points.ledger.domain import Asset
from shared.contracts.events import HouseholdChanged, HouseholdsMerged, HouseholdSplit
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books

DAY = timedelta(days=1)


@pytest.fixture
def admin(client_for: ClientFor, people: People) -> Any:
    return client_for("points", people.staff(Role.COMMUNITY_ADMIN))


def merge(client: Any, household: UUID, into: UUID, reason: str = "老人搬来同住", **headers: str) -> Any:
    body = {"into_household_id": str(into), "reason": reason}
    return client.post(f"/api/v1/points/households/{household}/mergers", json=body, headers=headers)


def split(client: Any, household: UUID, new: UUID, **given: Any) -> Any:
    body = {"new_household_id": str(new), "reason": "女儿成家"} | given
    return client.post(f"/api/v1/points/households/{household}/splits", json=body)


async def test_two_become_one(
    admin: Any, books: Books, open_household: OpenHousehold, clock: Any, facts_of: Any, people: People
) -> None:
    old, into = await open_household(), await open_household()
    ends = clock.now() + 10 * DAY
    await books.earn(old, 8, lot_expires_at=ends)
    await books.earn(old, 35, asset=Asset.STANDING)

    moved = await merge(admin, old, into)

    assert (moved.status_code, moved.json()) == (
        201,
        {"standing": 35, "spendable": 8, "arrears": 0, "base": 100},
    )
    assert (await books.has(old), await books.has(old, Asset.STANDING)) == (0, 100)
    assert (await books.has(into), await books.has(into, Asset.STANDING)) == (108, 135)
    assert sorted(await books.lots(into), key=str) == [(None, 100, 100), (ends, 8, 8)]
    (told,) = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, HouseholdsMerged)]
    assert (told.household_id, told.into_household_id, told.spendable) == (old, into, 8)


async def test_debts_move_too_and_are_repaid(admin: Any, books: Books, open_household: OpenHousehold) -> None:
    old, into = await open_household(), await open_household()
    await books.deduct(old, 130)

    assert (await merge(admin, old, into)).json() == {"standing": -130, "spendable": 0, "arrears": 30, "base": 0}

    assert (await books.owes(old), await books.owes(into)) == (0, 30)
    assert await books.has(into, Asset.STANDING) == -30
    await books.earn(into, 40)
    assert (await books.owes(into), await books.has(into)) == (0, 110)


async def test_what_comes_in_late_moves_by_merging_again(
    admin: Any, books: Books, open_household: OpenHousehold
) -> None:
    old, into, other = await open_household(), await open_household(), await open_household()
    await merge(admin, old, into)
    await books.earn(old, 5)

    assert (await merge(admin, old, into)).json()["spendable"] == 5
    for refused in (await merge(admin, old, other), await merge(admin, other, old), await split(admin, old, other)):
        assert (refused.status_code, refused.json()["code"]) == (409, "points.household_merged")


async def test_one_becomes_two(
    admin: Any, books: Books, open_household: OpenHousehold, clock: Any, facts_of: Any, people: People
) -> None:
    family, daughter = await open_household(), await open_household()
    ends = clock.now() + 10 * DAY
    await books.earn(family, 8, lot_expires_at=ends)

    moved = await split(admin, family, daughter, standing=20, spendable=50)

    assert (moved.status_code, moved.json()) == (
        201,
        {"standing": 20, "spendable": 50, "arrears": 0, "base": 0},
    )
    assert (await books.has(family), await books.has(daughter)) == (58, 150)
    assert (ends, 8, 8) in await books.lots(daughter)
    assert (await books.has(family, Asset.STANDING), await books.has(daughter, Asset.STANDING)) == (80, 120)
    assert any(isinstance(fact, HouseholdSplit) for fact in await facts_of("points", people.community_id))


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"spendable": 101}, 409, "points.insufficient_balance"),
        ({"standing": 101}, 409, "points.standing_missing"),
        ({"spendable": -1}, 422, "validation_failed"),
        ({"spendable": 1.5}, 422, "validation_failed"),
        ({"spendable": 10**12}, 422, "validation_failed"),
        ({"reason": " "}, 422, "points.merge_reason_missing"),
        ({"new_household_id": str(UUID(int=1))}, 404, "points.account_not_found"),
    ],
)
async def test_what_cannot_be_split(
    admin: Any, books: Books, open_household: OpenHousehold, given: dict[str, Any], status: int, code: str
) -> None:
    family, daughter = await open_household(), await open_household()

    refused = await split(admin, family, daughter, **{"standing": 5} | given)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await books.has(family), await books.has(family, Asset.STANDING)) == (100, 100)


async def test_what_is_held_is_settled_first(
    admin: Any, books: Books, open_household: OpenHousehold, clock: Any
) -> None:
    old, into = await open_household(), await open_household()
    hold = await books.hold(old, 30, clock.now() + DAY)

    refused = await merge(admin, old, into)

    assert (refused.json()["code"], refused.json()["held"]) == ("points.open_holds", 30)
    await books.release(hold)
    assert (await merge(admin, old, into)).status_code == 201
    assert (await merge(admin, into, into)).json()["code"] == "points.same_household"


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.STOREKEEPER, Role.SUPERVISOR, Role.GRID_WORKER])
async def test_only_administrators(
    client_for: ClientFor, people: People, open_household: OpenHousehold, role: Role
) -> None:
    client = client_for("points", people.staff(role))
    one, other = await open_household(), await open_household()

    assert [(await act).status_code for act in (merge(client, one, other), split(client, one, other))] == [403, 403]


async def test_nobody_moves_points_to_or_from_the_own_household_or_kin(
    client_for: ClientFor, people: People, open_household: OpenHousehold, books: Books
) -> None:
    """Seen here: an administrator could split a neighbour's points off into the own file."""
    home, neighbour = await open_household(), await open_household()
    own = client_for("points", people.staff(Role.COMMUNITY_ADMIN, household_id=home))
    kin = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    declared = {"household_id": str(home), "relation": "父母"}
    assert (await kin.post("/api/v1/points/kinships", json=declared)).status_code == 201

    for client in (own, kin):
        for refused in (
            await split(client, neighbour, home, standing=1, spendable=99),
            await split(client, home, neighbour, standing=1, spendable=1),
            await merge(client, neighbour, home),
            await merge(client, home, neighbour),
        ):
            assert (refused.status_code, refused.json()["code"]) == (403, "points.family_recused")
    assert (await books.has(home), await books.has(neighbour)) == (100, 100)


async def test_strangers_households_do_not_exist(
    client_for: ClientFor, strangers: People, admin: Any, open_household: OpenHousehold
) -> None:
    mine, theirs = await open_household(), await open_household(strangers.community_id)

    for refused in (
        await merge(admin, theirs, mine),
        await merge(admin, mine, theirs),
        await split(admin, mine, theirs),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, "points.account_not_found")


async def test_the_same_key_merges_once(admin: Any, books: Books, open_household: OpenHousehold) -> None:
    old, into = await open_household(), await open_household()
    key = {"Idempotency-Key": new_id().hex}

    first, again = await merge(admin, old, into, **key), await merge(admin, old, into, **key)

    assert first.json() == again.json()
    assert await books.has(into) == 100
    assert [amount for kind, amount, _ in await books.lines(old) if kind == "merge"] == [-100]


async def test_each_merges_into_the_other_at_once(admin: Any, books: Books, open_household: OpenHousehold) -> None:
    for _ in range(4):
        one, other = await open_household(), await open_household()

        answers = await asyncio.gather(merge(admin, one, other), merge(admin, other, one), books.earn(one, 5))

        assert sorted(answer.status_code for answer in answers[:2]) == [201, 409]
        # One base is left, and the five points wherever they came in.
        assert await books.has(one) + await books.has(other) == 105


async def test_a_household_is_known_as_the_roster_tells_it(
    hear: Any, client_for: ClientFor, people: People, admin: Any, open_household: OpenHousehold
) -> None:
    household, into = await open_household(), await open_household()
    grid = new_id()
    told = HouseholdChanged(
        household_id=household,
        household_number="QLQ-7777",
        grid_id=grid,
        grid_name="第七网格",
        building_id=new_id(),
        building_name="7栋",
        householder_name="李**",
        area_cm2e2=9_000,
        resident_count=2,
        status="active",
    )
    await hear("points", people.community_id, told)
    await merge(admin, household, into)
    await hear("points", people.community_id, HouseholdChanged(**asdict(told) | {"householder_name": "张**"}))

    account = (await admin.get(f"/api/v1/points/households/{household}/account")).json()

    assert (account["number"], account["grid_name"], account["householder_name"]) == ("QLQ-7777", "第七网格", "张**")
    assert (await merge(admin, into, household)).json()["code"] == "points.household_merged"
