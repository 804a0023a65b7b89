"""The money behind the store: in, out, put right, never below zero, open to everybody."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from services.points.funds import usecases
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.store_kit import StoreKit

FUNDS = "/api/v1/points/funds"


@pytest.fixture
def treasurer(client_for: ClientFor, people: People) -> httpx2.AsyncClient:
    return client_for("points", people.staff(Role.COMMUNITY_ADMIN))


async def open_fund(treasurer: httpx2.AsyncClient, fen: int = 0, **facts: Any) -> str:
    opened = await treasurer.post(FUNDS, json={"name": "积分超市捐赠资金", "source": "donation"} | facts)
    assert opened.status_code == 201, opened.text
    fund_id: str = opened.json()["id"]
    if fen:
        income = {"amount_fen": fen, "donor": "王先生", "summary": "捐赠", "happened_on": "2026-05-08"}
        booked = await treasurer.post(f"{FUNDS}/{fund_id}/incomes", json=income)
        assert booked.status_code == 201, booked.text
    return fund_id


async def test_money_in_and_out_is_public(
    treasurer: httpx2.AsyncClient, store: StoreKit, client_for: ClientFor, people: People
) -> None:
    fund = await open_fund(treasurer, 100_000)
    product = await store.stock(quantity=0)
    batch = await store.receive(product, 10, unit_cost_fen=2590, fund_id=fund)
    resident = client_for("points", people.resident())

    (shown,) = (await resident.get(FUNDS)).json()["items"]
    rows = (await resident.get(f"{FUNDS}/{fund}/transfers")).json()["items"]

    assert (shown["income_fen"], shown["spending_fen"], shown["balance_fen"]) == (100_000, 25_900, 74_100)
    assert [(row["kind"], row["amount_fen"], row["counterparty"]) for row in rows] == [
        ("spending", 25_900, "城关粮油店"),
        ("income", 100_000, "王先生"),
    ]
    assert rows[0]["source_id"] == batch["id"]
    assert rows[0]["acting_account_id"] == batch["received_by"] != rows[1]["acting_account_id"]


async def test_a_fund_pays_no_more_than_it_has(treasurer: httpx2.AsyncClient, store: StoreKit) -> None:
    fund = await open_fund(treasurer, 10_000)
    product = await store.stock(quantity=0)
    batch = {
        "quantity": 10,
        "unit_cost_fen": 1_001,
        "fund_source": "donation",
        "supplier": "城关粮油店",
        "fund_id": fund,
    }

    refused = await store.keeper.post(f"/api/v1/points/products/{product}/batches", json=batch)

    assert (refused.status_code, refused.json()["code"]) == (409, "points.fund_exhausted")
    assert (refused.json()["needed_fen"], refused.json()["balance_fen"]) == (10_010, 10_000)
    assert await store.batches(product) == [], "goods that were not paid for are not on the shelf"


async def test_two_deliveries_cannot_spend_the_same_money(treasurer: httpx2.AsyncClient, store: StoreKit) -> None:
    fund = await open_fund(treasurer, 1_000)
    products = [await store.stock(quantity=0) for _ in range(4)]
    batch = {"quantity": 1, "unit_cost_fen": 400, "fund_source": "donation", "supplier": "城关粮油店", "fund_id": fund}

    answers = await asyncio.gather(
        *(store.keeper.post(f"/api/v1/points/products/{product}/batches", json=batch) for product in products)
    )

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert (await treasurer.get(f"{FUNDS}/{fund}")).json()["balance_fen"] == 200


async def test_goods_are_paid_from_the_kind_of_money_they_are_booked_under(
    treasurer: httpx2.AsyncClient, store: StoreKit
) -> None:
    fund = await open_fund(treasurer, 1_000, name="财政", source="fiscal")
    product = await store.stock(quantity=0)
    batch = {"quantity": 1, "unit_cost_fen": 1, "fund_source": "donation", "supplier": "城关粮油店", "fund_id": fund}

    refused = await store.keeper.post(f"/api/v1/points/products/{product}/batches", json=batch)

    assert (refused.status_code, refused.json()["code"]) == (422, "points.fund_source_mismatch")


async def test_a_wrong_booking_is_put_right_once_and_both_stay(treasurer: httpx2.AsyncClient) -> None:
    fund = await open_fund(treasurer, 100_000)
    (income,) = (await treasurer.get(f"{FUNDS}/{fund}/transfers")).json()["items"]
    path = f"{FUNDS}/transfers/{income['id']}/reversals"

    first = await treasurer.post(path, json={"reason": "金额录错"})
    second = await treasurer.post(path, json={"reason": "金额录错"})
    of_reversal = await treasurer.post(f"{FUNDS}/transfers/{first.json()['id']}/reversals", json={"reason": "再改"})

    assert (first.status_code, first.json()["reverses_id"]) == (201, income["id"])
    assert {second.json()["code"], of_reversal.json()["code"]} == {"points.fund_transfer_reversed"}
    shown = (await treasurer.get(f"{FUNDS}/{fund}")).json()
    assert (shown["income_fen"], shown["balance_fen"]) == (0, 0)
    assert len((await treasurer.get(f"{FUNDS}/{fund}/transfers")).json()["items"]) == 2


async def test_income_that_was_spent_cannot_be_taken_out(treasurer: httpx2.AsyncClient, store: StoreKit) -> None:
    fund = await open_fund(treasurer, 1_000)
    await store.receive(await store.stock(quantity=0), 1, unit_cost_fen=1, fund_id=fund)
    rows = (await treasurer.get(f"{FUNDS}/{fund}/transfers")).json()["items"]
    (income,) = [row for row in rows if row["kind"] == "income"]

    refused = await treasurer.post(f"{FUNDS}/transfers/{income['id']}/reversals", json={"reason": "退款"})

    assert (refused.status_code, refused.json()["code"]) == (409, "points.fund_exhausted")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"amount_fen": 0}, "validation_failed"),
        ({"amount_fen": -1}, "validation_failed"),
        ({"amount_fen": 1.5}, "validation_failed"),
        ({"amount_fen": 10**30}, "validation_failed"),
        ({"donor": ""}, "validation_failed"),
        ({"happened_on": "2026-05-12"}, "points.fund_date_invalid"),
    ],
)
async def test_bad_income_is_refused(treasurer: httpx2.AsyncClient, facts: dict[str, Any], code: str) -> None:
    fund = await open_fund(treasurer)
    income = {"amount_fen": 5, "donor": "王先生", "summary": "捐赠", "happened_on": "2026-05-11"}

    response = await treasurer.post(f"{FUNDS}/{fund}/incomes", json=income | facts)

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert (await treasurer.get(f"{FUNDS}/{fund}")).json()["balance_fen"] == 0


async def test_only_treasurers_book_and_names_are_unique(
    treasurer: httpx2.AsyncClient, client_for: ClientFor, people: People, strangers: People
) -> None:
    fund = await open_fund(treasurer, 500)
    body = {"name": "积分超市捐赠资金", "source": "fiscal"}

    assert (await treasurer.post(FUNDS, json=body)).json()["code"] == "points.fund_name_taken"
    for role in (Role.STOREKEEPER, Role.SUPERVISOR, Role.RESIDENT):
        assert (await client_for("points", people.staff(role)).post(FUNDS, json=body)).status_code == 403
    stranger = client_for("points", strangers.staff(Role.COMMUNITY_ADMIN))
    assert (await stranger.get(FUNDS)).json()["items"] == []
    assert (await stranger.get(f"{FUNDS}/{fund}/transfers")).status_code == 404


async def test_the_same_key_books_income_once(treasurer: httpx2.AsyncClient) -> None:
    fund = await open_fund(treasurer)
    income = {"amount_fen": 700, "donor": "王先生", "summary": "捐赠", "happened_on": "2026-05-11"}
    key = {"Idempotency-Key": new_id().hex}

    answers = [await treasurer.post(f"{FUNDS}/{fund}/incomes", json=income, headers=key) for _ in range(3)]

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await treasurer.get(f"{FUNDS}/{fund}")).json()["balance_fen"] == 700


async def test_lists_page_through_every_booking_once(treasurer: httpx2.AsyncClient, clock: Any) -> None:
    fund = await open_fund(treasurer)
    for amount in (1, 2, 3, 4, 5):
        clock.advance(timedelta(seconds=1))
        income = {"amount_fen": amount, "donor": "王先生", "summary": "捐赠", "happened_on": "2026-05-11"}
        await treasurer.post(f"{FUNDS}/{fund}/incomes", json=income)

    seen, path = [], f"{FUNDS}/{fund}/transfers?limit=2"
    while path:
        response = await treasurer.get(path)
        seen += [row["amount_fen"] for row in response.json()["items"]]
        path = response.links.get("next", {}).get("url", "")

    assert seen == [5, 4, 3, 2, 1]


async def test_public_pages_read_the_same_totals(treasurer: httpx2.AsyncClient, work_in: Any, people: People) -> None:
    await open_fund(treasurer, 900)
    async with work_in("points", people.community_id) as uow:
        (fund,) = await usecases.public_funds(uow=uow)
    assert (fund.income_fen, fund.spending_fen, fund.balance_fen) == (900, 0, 900)


async def test_half_a_booking_is_refused_by_the_database(
    treasurer: httpx2.AsyncClient, database_url: str, people: People
) -> None:
    fund = await open_fund(treasurer, 900)
    owner: Any = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.PostgresError, match="lines that sum to"):
        await owner.execute(
            "INSERT INTO points.fund_transfer SELECT community_id, $2, fund_id, kind, amount_fen, from_account_id, to_account_id, $2,"
            " counterparty, summary, happened_on, NULL, acting_account_id, created_at FROM points.fund_transfer WHERE fund_id = $1",
            fund,
            new_id(),
        )
    await owner.close()


async def test_funds_page_by_page(treasurer: httpx2.AsyncClient) -> None:
    made = [await open_fund(treasurer, name=f"第{number}号资金") for number in range(3)]

    first = (await treasurer.get(FUNDS, params={"limit": 2})).json()
    rest = (await treasurer.get(FUNDS, params={"limit": 2, "cursor": first["next_cursor"]})).json()

    assert [[fund["id"] for fund in page["items"]] for page in (first, rest)] == [made[:2], made[2:]]
    assert rest["next_cursor"] is None
    assert (await treasurer.get(FUNDS, params={"cursor": "x"})).json()["code"] == "cursor_invalid"
