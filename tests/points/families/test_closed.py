"""A household that went up in another earns and spends there; what was under way in its own file still ends, and moves on."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from services.points.ledger.domain import AccountKind, Asset, SystemAccount, TransferKind
from services.points.ledger.errors import HouseholdClosedError
from shared.contracts.events import HouseholdRegistered
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.uow import UnitOfWork
from tests.points.adoption_kit import AdoptionKit
from tests.points.claims_kit import CLAIMS, ClaimsKit, balances
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.shop_kit import DISCOUNT, ShopKit, take
from tests.points.store_kit import StoreKit, redeem

ROOT = "/api/v1/points"
TIMES = {
    "apply_until": "2099-05-12T01:00:00Z",
    "work_from": "2099-05-12T01:00:00Z",
    "work_until": "2099-05-12T04:00:00Z",
}
GIG = {"title": "擦玻璃", "location": "3栋", "points": 5} | TIMES
HELP = {"kind_code": "escort", "location": "3栋", "minutes": 120}
HELP |= {"wanted_from": "2026-05-11T01:00:00Z", "wanted_until": "2099-05-11T05:00:00Z"}


@pytest.fixture
def kit(client_for: ClientFor, people: People, hear: Any) -> ClaimsKit:
    return ClaimsKit(client_for, people, hear)


@pytest.fixture
def merge(kit: ClaimsKit) -> Callable[[UUID, UUID], Awaitable[httpx2.Response]]:
    async def merge(household: UUID, into: UUID) -> httpx2.Response:
        body = {"into_household_id": str(into), "reason": "老人搬来同住"}
        return await kit.staff(Role.COMMUNITY_ADMIN).post(f"{ROOT}/households/{household}/mergers", json=body)

    return merge


def registered(household_id: UUID, **facts: Any) -> HouseholdRegistered:
    return HouseholdRegistered(
        household_id=household_id,
        household_number=household_id.hex,
        grid_id=new_id(),
        grid_name="第一网格",
        building_id=new_id(),
        building_name="1栋",
        householder_name="王**",
        area_cm2e2=8_800,
        resident_count=1,
        **facts,
    )


async def issued_points(books: Books) -> int:
    account = await books.system(SystemAccount.ISSUANCE)

    async def read(uow: UnitOfWork) -> int:
        lines = text("SELECT coalesce(-sum(amount), 0) FROM points.entry WHERE account_id = :id")
        return int((await uow.session.execute(lines, {"id": account})).scalar_one())

    return await books.work(read)


async def test_it_neither_earns_nor_spends(
    kit: ClaimsKit, store: StoreKit, open_household: OpenHousehold, merge: Any
) -> None:
    gone, into, neighbour = [await open_household() for _ in range(3)]
    await kit.adopt()
    product = await store.stock(price=10)
    gig = (await kit.home(neighbour).post(f"{ROOT}/gigs", json=GIG)).json()
    alliance = await ShopKit(kit.client_for, kit.people).open()
    offer, discount = await alliance.offer(), await alliance.offer(**DISCOUNT)
    adoptions = AdoptionKit(kit.client_for, kit.people)
    tree = await adoptions.offer()
    home, worker = kit.home(gone), kit.staff(Role.GRID_WORKER)
    draft = (await kit.enter(home, is_draft=True)).json()
    assert (await merge(gone, into)).status_code == 201

    refused = [
        await kit.enter(home),
        await kit.enter(home, is_draft=True),
        await kit.enter(worker, household_id=str(gone)),
        await kit.enter(worker, "chaotic_parking", household_id=str(gone)),
        await home.put(f"{CLAIMS}/{draft['id']}", json={"item_code": "x", "happened_on": "2026-05-10", "place": "x"}),
        await home.post(f"{CLAIMS}/{draft['id']}/submissions"),
        await home.post(f"{ROOT}/gigs", json=GIG),
        await home.post(f"{ROOT}/jobs", json={"gig_id": gig["id"]}),
        await home.post(f"{ROOT}/time-bank/requests", json=HELP),
        await home.post(f"{ROOT}/time-bank/requests/{new_id()}/participants", json={"side": "helper"}),
        await home.post(f"{ROOT}/time-bank/exchanges", json={"minutes": 60}),
        await adoptions.apply(home, tree, adopter_kind="household"),
        await take(home, offer),
        await take(home, discount),
        await home.post(f"{ROOT}/deliveries/{new_id()}/takings"),
        await redeem(home, product),
        await home.post(f"{ROOT}/baskets", json={"lines": [{"product_id": str(product), "quantity": 1}]}),
        await home.post(
            f"{ROOT}/awards",
            json={"household_id": str(gone), "category": "身边好人", "deed": "助老", "person_name": "王小明"},
        ),
    ]

    assert [answer.json().get("code") for answer in refused] == ["points.household_merged"] * len(refused)
    assert {answer.status_code for answer in refused} == {409}
    assert (await redeem(kit.home(into), product)).status_code == 201, "the household it went up in goes on"


async def test_the_ledger_refuses_under_lock(
    books: Books, open_household: OpenHousehold, clock: Any, merge: Any
) -> None:
    """What no command asks for at its beginning, the account itself refuses, however much has come in late."""
    gone, into, other = [await open_household() for _ in range(3)]
    await merge(gone, into)
    await books.earn(gone, 30)
    account, escrow = await books.of(gone), await books.open(AccountKind.ESCROW, new_id())
    store, theirs = await books.system(SystemAccount.STORE), await books.of(other)

    with pytest.raises(HouseholdClosedError):
        await books.hold(gone, 5, clock.now() + timedelta(days=1))
    spending = {TransferKind.GIG_ESCROW: escrow, TransferKind.SPLIT: theirs, TransferKind.REDEMPTION: store}
    for kind, to in spending.items():
        with pytest.raises(HouseholdClosedError):
            await books.post(account, to, 5, kind=kind)
    assert await books.has(gone) == 30


async def test_what_was_under_way_ends_and_moves_on(
    kit: ClaimsKit, open_household: OpenHousehold, clock: Any, sweep: Any, books: Books, merge: Any
) -> None:
    begin = clock.now()
    gone, into, third = [await open_household() for _ in range(3)]
    await kit.adopt()
    earned = (await kit.enter(kit.home(gone))).json()
    taken = (await kit.enter(kit.staff(Role.GRID_WORKER), "chaotic_parking", household_id=str(gone))).json()
    await kit.publicise(earned["id"])
    had = await books.has(into, Asset.STANDING)
    assert (await merge(gone, into)).status_code == 201
    assert (await merge(into, third)).status_code == 201, "and that one goes up in a third"
    await kit.publicise(taken["id"])
    clock.advance(timedelta(days=3))
    await sweep("points", "post_claims")
    clock.set(begin)

    assert await books.has(gone, Asset.STANDING) == 100 + 5 - 3
    assert (await merge(gone, third)).json()["standing"] == 2
    assert await books.has(third, Asset.STANDING) == had + 2
    assert (await books.has(gone), await books.owes(gone)) == (0, 0)


async def test_a_redemption_and_a_merger_at_once(
    kit: ClaimsKit, store: StoreKit, open_household: OpenHousehold, merge: Any, books: Books
) -> None:
    """Whoever comes first decides: what is held must be settled before a merger, and after it nothing is held."""
    product = await store.stock(price=10, quantity=50)
    for _ in range(5):
        gone, into = await open_household(), await open_household()
        redeemed, merged = await asyncio.gather(redeem(kit.home(gone), product), merge(gone, into))
        outcome = (redeemed.status_code, merged.status_code)
        assert outcome in {(201, 409), (409, 201)}, (redeemed.text, merged.text)
        if merged.status_code == 201:
            assert redeemed.json()["code"] == "points.household_merged"
            assert await books.balance(await books.of(gone)) == (0, 0)
        else:
            assert merged.json()["code"] == "points.open_holds"
            given_up = await kit.home(gone).post(
                f"{ROOT}/redemptions/{redeemed.json()['id']}/cancellations", json={"reason": "搬家"}
            )
            assert given_up.status_code == 200
            assert (await merge(gone, into)).status_code == 201


async def test_a_posting_and_a_merger_at_once(
    kit: ClaimsKit, open_household: OpenHousehold, clock: Any, sweep: Any, merge: Any, books: Books
) -> None:
    """A claim posted first moves along; one posted after comes in late, and merging again moves it. Nothing is lost or made."""
    begin = clock.now()
    await kit.adopt()
    for _ in range(3):
        gone, into = await open_household(), await open_household()
        claim = (await kit.enter(kit.home(gone))).json()
        await kit.publicise(claim["id"])
        clock.advance(timedelta(days=3))
        merged, _ = await asyncio.gather(merge(gone, into), sweep("points", "post_claims"))
        assert merged.status_code == 201
        # The sweep leaves out what somebody is at; by now nobody is.
        await sweep("points", "post_claims")
        clock.set(begin)
        late = await merge(gone, into)
        assert late.json()["standing"] in {0, 5}
        assert merged.json()["standing"] + late.json()["standing"] == 5
        assert (await balances(kit.home(into)))["standing"] == 105
        assert await books.has(gone) == 0


async def test_parting_and_joining_makes_no_points(
    books: Books, open_household: OpenHousehold, hear: Any, kit: ClaimsKit, merge: Any
) -> None:
    """However often a family parts and joins again, with or without a share, and whatever the roster calls it: one file, one base."""
    family = await open_household()
    await books.earn(family, 20, kind=TransferKind.CLAIM)
    issued = await issued_points(books)
    admin = kit.staff(Role.COMMUNITY_ADMIN)

    for share in (0, 60, 120):
        daughter = new_id()
        await hear("points", kit.people.community_id, registered(daughter, formed_from_id=family))
        assert (await books.has(daughter), await books.has(daughter, Asset.STANDING)) == (0, 100)
        body = {"new_household_id": str(daughter), "reason": "女儿成家", "spendable": share}
        assert (await admin.post(f"{ROOT}/households/{family}/splits", json=body)).status_code == 201
        assert (await merge(daughter, family)).json()["spendable"] == share
        await merge(newcomer := await open_household(), family)
        assert await books.has(newcomer) == 0

    assert await books.has(family) == 120
    assert await books.has(family, Asset.STANDING) == 100
    assert await issued_points(books) == issued


async def test_a_base_is_spent_before_what_was_earned(
    books: Books, open_household: OpenHousehold, merge: Any, clock: Any
) -> None:
    """What a household spent is taken for its base, so that what it earned moves; goods brought back late bring the base back."""
    gone, into = await open_household(), await open_household()
    await books.earn(gone, 50)
    hold = await books.hold(gone, 60, clock.now() + timedelta(days=1))
    spent = await books.capture(hold, SystemAccount.STORE)

    moved = (await merge(gone, into)).json()
    assert (moved["spendable"], moved["base"]) == (50, 40)
    await books.reverse(spent)
    moved = (await merge(gone, into)).json()
    assert (moved["spendable"], moved["base"]) == (0, 60)
    assert (await books.has(gone), await books.has(into)) == (0, 150)
