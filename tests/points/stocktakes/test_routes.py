"""Counting the shelves over HTTP."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem, stock_of

COUNTS = "/api/v1/points/stocktakes"


@pytest.fixture
def supervisor(client_for: ClientFor, people: People) -> httpx2.AsyncClient:
    return client_for("points", people.staff(Role.SUPERVISOR))


async def start(store: StoreKit) -> str:
    started = await store.keeper.post(COUNTS, json={"title": "五月盘点"})
    assert started.status_code == 201, started.text
    path: str = started.headers["location"]
    return path


async def count(store: StoreKit, path: str, product: UUID, counted: int, explanation: str = "") -> httpx2.Response:
    (batch,) = await store.batches(product)
    body = {"batch_id": batch["id"], "counted": counted, "explanation": explanation}
    return await store.keeper.post(f"{path}/counts", json=body)


async def test_differences_are_explained_approved_by_another_and_posted_as_moves(
    store: StoreKit, supervisor: httpx2.AsyncClient, open_household: OpenHousehold
) -> None:
    short, over, right = [await store.stock(price=1) for _ in range(3)]
    client = store.household(await open_household())
    await redeem(client, short, quantity=2)
    path = await start(store)
    assert (await count(store, path, short, 7)).status_code == 200
    assert (await count(store, path, over, 11, "上次少记一件")).status_code == 200
    assert (await count(store, path, right, 10)).status_code == 200

    unexplained = await store.keeper.post(f"{path}/submissions")
    assert (unexplained.status_code, unexplained.json()["code"]) == (422, "points.difference_unexplained")
    sheet = (await count(store, path, short, 7, "三件受潮")).json()
    assert {line["counted"]: (line["expected"], line["difference"]) for line in sheet["lines"]} == {
        7: (10, -3), 11: (10, 1), 10: (10, 0),
    }  # fmt: skip
    assert (await store.keeper.post(f"{path}/submissions")).json()["state"] == "submitted"

    await redeem(client, short, quantity=1)  # Sold between count and approval: both numbers move alike.
    approved = await supervisor.post(f"{path}/approvals", json={"remark": "已复核"})

    assert (approved.status_code, approved.json()["state"]) == (200, "approved"), approved.text
    assert await stock_of(store.keeper, short) == (4, 3)
    assert await stock_of(store.keeper, over) == (11, 0)
    assert [(b["lost"], b["available"]) for p in (short, over, right) for b in await store.batches(p)] == [
        (3, 4), (-1, 11), (0, 10),
    ]  # fmt: skip
    moves = (await store.keeper.get("/api/v1/points/stock/moves", params={"product_id": str(short)})).json()["items"]
    (posted,) = [move for move in moves if move["destination"] == "loss"]
    assert (posted["reason"], posted["quantity"], posted["cause_id"]) == ("三件受潮", 3, approved.json()["id"])
    assert (await supervisor.post(f"{path}/approvals", json={})).json()["code"] == "wrong_state"


async def test_the_clerk_does_not_approve_and_others_do_not_count(
    store: StoreKit, client_for: ClientFor, people: People, strangers: People, supervisor: httpx2.AsyncClient
) -> None:
    both = people.staff(Role.STOREKEEPER, Role.SUPERVISOR)
    store.keeper = client_for("points", both)
    product = await store.stock()
    path = await start(store)
    await count(store, path, product, 10)
    assert (await store.keeper.get(f"{path}/actions")).json()["actions"] == ["count", "submit", "cancel"]
    await store.keeper.post(f"{path}/submissions")

    own = await store.keeper.post(f"{path}/approvals", json={})
    other_clerk = client_for("points", people.staff(Role.STOREKEEPER))
    resident = client_for("points", people.resident())
    stranger = client_for("points", strangers.staff(Role.SUPERVISOR))

    assert (own.status_code, own.json()["code"]) == (409, "points.own_count")
    assert (await other_clerk.post(f"{path}/approvals", json={})).status_code == 403
    assert (await resident.get(path)).status_code == 403
    assert (await stranger.get(path)).status_code == 404
    assert (await supervisor.get(f"{path}/actions")).json()["actions"] == ["approve", "send_back", "cancel"]
    assert (await supervisor.post(f"{path}/refusals", json={"remark": "再数一遍"})).json()["state"] == "counting"
    assert (await count(store, path, product, 10)).status_code == 200
    await store.keeper.post(f"{path}/submissions")
    await supervisor.post(f"{path}/approvals", json={"remark": "已复核"})
    told = (await store.keeper.get(f"{path}/steps")).json()["items"]
    assert [(one["action"], one["state"], one["reason"]) for one in told] == [
        ("start", "counting", ""),
        ("submit", "submitted", ""),
        ("send_back", "counting", "再数一遍"),
        ("submit", "submitted", ""),
        ("approve", "approved", "已复核"),
    ]
    clerk, judge = told[0]["account_id"], told[2]["account_id"]
    assert [one["account_id"] for one in told] == [clerk, clerk, judge, clerk, judge]
    assert clerk != judge


async def test_what_is_set_aside_cannot_be_missing_from_the_books(
    store: StoreKit, supervisor: httpx2.AsyncClient, open_household: OpenHousehold
) -> None:
    product = await store.stock(price=1, quantity=3)
    path = await start(store)
    await count(store, path, product, 0, "全找不到")
    await store.keeper.post(f"{path}/submissions")
    await redeem(store.household(await open_household()), product, quantity=2)

    refused = await supervisor.post(f"{path}/approvals", json={})

    assert (refused.status_code, refused.json()["code"]) == (409, "points.stock_short")
    assert await stock_of(store.keeper, product) == (1, 2)


async def test_two_approvals_at_once_post_once(store: StoreKit, client_for: ClientFor, people: People) -> None:
    product = await store.stock()
    path = await start(store)
    await count(store, path, product, 7, "三件受潮")
    await store.keeper.post(f"{path}/submissions")
    approvers = [client_for("points", people.staff(Role.SUPERVISOR)) for _ in range(4)]

    answers = await asyncio.gather(*(one.post(f"{path}/approvals", json={}) for one in approvers))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await stock_of(store.keeper, product) == (7, 0)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"counted": -1}, 422, "validation_failed"),
        ({"counted": 1.5}, 422, "validation_failed"),
        ({"counted": 10**30}, 422, "validation_failed"),
        ({"batch_id": str(new_id())}, 404, "points.batch_not_found"),
    ],
)
async def test_bad_counts(store: StoreKit, body: dict[str, Any], status: int, code: str) -> None:
    product = await store.stock()
    (batch,) = await store.batches(product)
    path = await start(store)

    response = await store.keeper.post(f"{path}/counts", json={"batch_id": batch["id"], "counted": 1} | body)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert (await store.keeper.post(f"{path}/submissions")).json()["code"] == "points.nothing_counted"


async def test_a_count_that_is_given_up_posts_nothing(store: StoreKit) -> None:
    product = await store.stock()
    path = await start(store)
    await count(store, path, product, 3, "没数完")

    assert (await store.keeper.post(f"{path}/cancellations", json={})).json()["state"] == "cancelled"
    assert await stock_of(store.keeper, product) == (10, 0)
    assert [one["state"] for one in (await store.keeper.get(COUNTS)).json()["items"]] == ["cancelled"]
