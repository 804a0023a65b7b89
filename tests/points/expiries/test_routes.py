"""Terms by decision, points that end by them, and households that are told in time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.points.ledger.domain import AccountKind, Asset, SystemAccount
from shared.contracts.events import PointsExpired, PointsExpiring
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit, redeem

POLICY = "/api/v1/points/policy"
DAY = timedelta(days=1)
DECISION = "2026 年 5 月 10 日居民代表会议决议第 3 号"


def adopt(client: Any, replaces_version: int = 0, **terms: Any) -> Any:
    body = {"replaces_version": replaces_version, "decision": DECISION} | terms
    return client.post(f"{POLICY}/versions", json=body)


@pytest.fixture
def committee(client_for: ClientFor, people: People) -> Any:
    return client_for("points", people.staff(Role.COMMITTEE_MEMBER))


async def test_before_any_decision_everything_is_spendable_and_lasts(client_for: ClientFor, people: People) -> None:
    policy = (await client_for("points", people.resident()).get(POLICY)).json()

    assert (policy["version"], policy["opening_standing"], policy["is_base_spendable"], policy["expiry_mode"]) == (
        0,
        100,
        True,
        "none",
    )


async def test_versions_follow_one_another(committee: Any) -> None:
    first = await adopt(committee, expiry_mode="months", expiry_months=24)
    late = await adopt(committee, opening_standing=50)
    second = await adopt(committee, 1, opening_standing=50)

    assert (first.status_code, second.status_code) == (201, 201)
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "points.policy_changed", 1)
    assert (await committee.get(POLICY)).json() == second.json()
    page = (await committee.get(f"{POLICY}/versions?limit=1")).json()
    rest = (await committee.get(f"{POLICY}/versions?limit=1&cursor={page['next_cursor']}")).json()
    assert [page["items"][0], rest["items"][0]] == [second.json(), first.json()]


async def test_of_two_at_once_one_is_adopted(committee: Any) -> None:
    answers = await asyncio.gather(*(adopt(committee, opening_standing=n) for n in range(5)))

    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"expiry_mode": "months"}, "points.expiry_rule_invalid"),
        ({"expiry_mode": "yearly", "expiry_month": 2, "expiry_day": 30}, "points.expiry_rule_invalid"),
        ({"decision": " "}, "points.decision_missing"),
        ({"opening_standing": -1}, "validation_failed"),
        ({"expiry_months": 1.5}, "validation_failed"),
        ({"expiry_mode": "soon"}, "validation_failed"),
    ],
)
async def test_bad_terms(committee: Any, terms: dict[str, Any], code: str) -> None:
    refused = await adopt(committee, **terms)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await committee.get(POLICY)).json()["version"] == 0


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.STOREKEEPER, Role.SUPERVISOR, Role.ASSESSOR])
async def test_who_may_not_decide(client_for: ClientFor, people: People, role: Role) -> None:
    assert (await adopt(client_for("points", people.staff(role)))).status_code == 403


async def test_a_base_that_cannot_be_spent(committee: Any, books: Books, open_household: OpenHousehold) -> None:
    await adopt(committee, opening_standing=60, is_base_spendable=False)

    household = await open_household()

    assert (await books.has(household, Asset.STANDING), await books.has(household)) == (60, 0)


@pytest.mark.parametrize(
    ("terms", "expires_at"),
    [
        ({"expiry_mode": "none"}, None),
        ({"expiry_mode": "months", "expiry_months": 12}, datetime(2027, 5, 11, 16, tzinfo=UTC)),
        ({"expiry_mode": "months", "expiry_months": 9}, datetime(2027, 2, 11, 16, tzinfo=UTC)),
        ({"expiry_mode": "yearly"}, datetime(2026, 12, 31, 16, tzinfo=UTC)),
        ({"expiry_mode": "yearly", "expiry_month": 5, "expiry_day": 11}, datetime(2026, 5, 11, 16, tzinfo=UTC)),
        ({"expiry_mode": "yearly", "expiry_month": 5, "expiry_day": 10}, datetime(2027, 5, 10, 16, tzinfo=UTC)),
        ({"expiry_mode": "yearly", "expiry_months": 12}, datetime(2027, 12, 31, 16, tzinfo=UTC)),
    ],
)
async def test_when_points_that_come_in_expire(
    committee: Any, books: Books, open_household: OpenHousehold, terms: dict[str, Any], expires_at: datetime | None
) -> None:
    household, purse = await open_household(), await books.open(AccountKind.ESCROW, new_id())
    await adopt(committee, **terms)

    await books.earn(household, 5)
    await books.post(await books.of(household), purse, 5)
    await books.post(purse, await books.of(household), 5)

    assert {(lot[0], lot[1]) for lot in await books.lots(household)} == {(None, 100), (expires_at, 5)}


async def test_points_past_their_time_are_gone_but_not_what_is_held(
    committee: Any,
    books: Books,
    store: StoreKit,
    open_household: OpenHousehold,
    clock: Any,
    sweep: Any,
    facts_of: Any,
    people: People,
) -> None:
    household, product = await open_household(), await store.stock(price=20)
    await adopt(committee, expiry_mode="months", expiry_months=1)
    await books.earn(household, 30)
    clock.advance(timedelta(days=31))
    bought = await redeem(store.household(household), product)
    assert bought.status_code == 201, bought.text
    clock.advance(DAY)

    await sweep("points", "expire_points")
    await sweep("points", "expire_points")

    assert await books.balance(await books.of(household)) == (100, 20)
    assert (await books.lines(household))[-1] == ("expiry", -10, 100)
    told = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, PointsExpired)]
    assert [(fact.household_id, fact.points) for fact in told] == [(household, 10)]
    # Cancelled after its time: the points come back to a lot that is over, and the next sweep takes them.
    path = f"/api/v1/points/redemptions/{bought.json()['id']}/cancellations"
    assert (await store.household(household).post(path, json={})).status_code == 200
    await sweep("points", "expire_points")
    assert await books.balance(await books.of(household)) == (100, 0)


async def test_an_expiry_racing_a_payment(books: Books, open_household: OpenHousehold, clock: Any, sweep: Any) -> None:
    for _ in range(5):
        household = await open_household()
        store = await books.system(SystemAccount.STORE)
        await books.earn(household, 10, lot_expires_at=clock.now() + DAY)
        clock.advance(DAY)

        await asyncio.gather(
            books.post(await books.of(household), store, 100),
            *(sweep("points", "expire_points") for _ in range(3)),
            return_exceptions=True,
        )
        await sweep("points", "expire_points")

        assert await books.has(household) == 0


async def test_a_household_is_told_30_7_and_1_days_before(
    books: Books, open_household: OpenHousehold, clock: Any, sweep: Any, facts_of: Any, people: People
) -> None:
    household = await open_household()
    ends = clock.now() + 40 * DAY
    await books.earn(household, 8, lot_expires_at=ends)
    await books.earn(household, 4, lot_expires_at=ends)
    await books.earn(household, 3, lot_expires_at=clock.now() + 5 * DAY)
    for days in (4, 6, 23, 6, 1):
        clock.advance(days * DAY)
        await sweep("points", "remind_of_expiry")
        await sweep("points", "expire_points")

    told = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, PointsExpiring)]

    assert [(fact.days_left, fact.points) for fact in told] == [(1, 3), (30, 12), (7, 12), (1, 12)]
    assert await books.has(household) == 100


async def test_what_is_spent_is_not_told_of(
    books: Books, open_household: OpenHousehold, clock: Any, sweep: Any, facts_of: Any, people: People
) -> None:
    household = await open_household()
    await books.earn(household, 8, lot_expires_at=clock.now() + 8 * DAY)
    await books.post(await books.of(household), await books.system(SystemAccount.STORE), 8)
    clock.advance(2 * DAY)

    await sweep("points", "remind_of_expiry")

    assert not [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, PointsExpiring)]


async def test_every_coming_expiry_is_listed(
    client_for: ClientFor, people: People, strangers: People, books: Books, open_household: OpenHousehold, clock: Any
) -> None:
    one, other = await open_household(), await open_household()
    for household, points, days in ((one, 5, 10), (one, 6, 10), (other, 7, 3), (other, 9, 31)):
        await books.earn(household, points, lot_expires_at=clock.now() + days * DAY)
    keeper = client_for("points", people.staff(Role.STOREKEEPER))

    first = (await keeper.get("/api/v1/points/expiries?limit=1")).json()
    rest = (await keeper.get(f"/api/v1/points/expiries?limit=5&cursor={first['next_cursor']}")).json()

    listed = [(item["household_id"], item["points"]) for item in [*first["items"], *rest["items"]]]
    assert listed == [(str(other), 7), (str(one), 11)]
    assert len((await keeper.get("/api/v1/points/expiries?days=32")).json()["items"]) == 3
    stranger = client_for("points", strangers.staff(Role.STOREKEEPER))
    assert (await stranger.get("/api/v1/points/expiries?days=3650")).json()["items"] == []
    assert (await client_for("points", people.resident(one)).get("/api/v1/points/expiries")).status_code == 403
