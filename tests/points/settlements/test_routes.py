"""A month of a shop over HTTP: drafted, disputed, confirmed by both sides, paid, and in step with the ledger all the way."""

import asyncio
import io
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from openpyxl import load_workbook

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, SystemAccount, TransferKind
from shared.contracts.events import SettlementMoved
from shared.ids import new_id
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.shop_kit import DISCOUNT, ROOT, Shop, ShopKit, take

PATH = f"{ROOT}/settlements"
JUNE = datetime(2026, 6, 1, 0, 30, tzinfo=CHINA)


class Month:
    """A shop with used vouchers, in the month after."""

    def __init__(self, shops: ShopKit, shop: Shop, open_household: OpenHousehold, clock: Any, work_in: WorkIn):
        self.shops, self.shop, self.open_household, self.clock, self.work_in = (
            shops,
            shop,
            open_household,
            clock,
            work_in,
        )

    async def use(self, count: int, **facts: Any) -> list[str]:
        offer = await self.shop.offer(**facts)
        used = []
        for _ in range(count):
            client = self.shops.client_for("points", self.shops.people.resident(await self.open_household()))
            voucher = (await take(client, offer)).json()
            assert (await self.shop.verify(voucher)).status_code == 200
            used.append(voucher["id"])
        return used

    async def payable(self) -> int:
        async with self.work_in("points", self.shops.people.community_id) as uow:
            account = await ledger.account_of(
                uow=uow, kind=AccountKind.MERCHANT, owner_id=self.shop.id, asset=Asset.SPENDABLE
            )
            available, held = await ledger.balance_of(uow=uow, account_id=account)
            assert held == 0
            return available

    def staff(self, *roles: Role) -> httpx2.AsyncClient:
        return self.shops.staff(*roles)

    async def draft(self, month: str = "2026-05-01") -> httpx2.Response:
        return await self.staff(Role.COMMUNITY_ADMIN).post(
            PATH, json={"merchant_id": str(self.shop.id), "month": month}
        )

    async def step(self, who: httpx2.AsyncClient, settlement: str, name: str, **body: Any) -> httpx2.Response:
        return await who.post(f"{PATH}/{settlement}/{name}", json=body or None)


@pytest.fixture
async def month(
    client_for: ClientFor, people: People, open_household: OpenHousehold, clock: Any, work_in: WorkIn
) -> Month:
    shops = ShopKit(client_for, people)
    return Month(shops, await shops.open(), open_household, clock, work_in)


async def test_a_month_from_the_clock_to_the_payment(
    month: Month, clock: Any, sweep: Any, people: People, facts_of: Any
) -> None:
    await month.use(3)
    await month.use(1, **DISCOUNT)
    await sweep("points", "draft_settlements")
    assert (await month.staff(Role.SUPERVISOR).get(PATH)).json()["items"] == [], "the month is not over"
    clock.set(JUNE)
    await asyncio.gather(*(sweep("points", "draft_settlements") for _ in range(3)))

    (drafted,) = (await month.shop.client.get(PATH)).json()["items"]
    assert (drafted["state"], drafted["month"], drafted["drafted_by"]) == ("drafted", "2026-05-01", None)
    assert (drafted["vouchers"], drafted["points"], drafted["value_fen"]) == (4, 60, 6000)
    assert await month.payable() == 60
    one = drafted["id"]
    assert (await month.shop.client.get(f"{PATH}/{one}/actions")).json()["actions"] == ["confirm", "dispute"]

    confirmed = await month.step(month.shop.client, one, "confirmations")
    countersigned = await month.step(month.staff(Role.SUPERVISOR), one, "countersignatures")
    treasurer = month.staff(Role.COMMUNITY_ADMIN)
    paid = await month.step(treasurer, one, "payments", reference="转账 20260603-017")
    again = await month.step(treasurer, one, "payments", reference="转账 20260603-017")

    states = [response.json()["state"] for response in (confirmed, countersigned, paid)]
    assert states == ["merchant_confirmed", "community_confirmed", "paid"], paid.text
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert await month.payable() == 0
    for state, found in (("paid", [one]), ("community_confirmed", [])):
        listed = (await treasurer.get(PATH, params={"state": state})).json()["items"]
        assert [row["id"] for row in listed] == found
    told = [fact.state for fact in await facts_of("points", people.community_id) if isinstance(fact, SettlementMoved)]
    assert told == ["drafted", *states]
    steps = (await treasurer.get(f"{PATH}/{one}/steps")).json()["items"]
    assert [step["action"] for step in steps] == ["draft", "confirm", "countersign", "pay"]


async def test_the_sheet_adds_up_to_the_ledger(month: Month, clock: Any, work_in: WorkIn, people: People) -> None:
    await month.use(2)
    clock.set(JUNE)
    one = (await month.draft()).json()["id"]
    supervisor = month.staff(Role.SUPERVISOR)

    content = (await supervisor.get(f"{PATH}/{one}/export")).content
    csv = await supervisor.get(f"{PATH}/{one}/export", params={"format": "csv"})

    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    *lines, total = list(sheet.values)[1:]
    assert [line[3] for line in lines] == [20, 20]
    assert (total[0], total[3], total[4]) == ("合计", 40, "40.00")
    assert sum(int(str(line[3])) for line in lines) == await month.payable()
    assert csv.headers["content-type"].startswith("text/csv")


async def test_a_dispute_leaves_out_what_was_wrong(month: Month, clock: Any) -> None:
    wrong, _ = await month.use(2)
    clock.set(JUNE)
    one = (await month.draft()).json()["id"]
    shop, committee = month.shop.client, month.staff(Role.COMMITTEE_MEMBER)
    settled = await shop.post(f"{ROOT}/vouchers/{wrong}/returns", json={"reason": "退货"})
    assert settled.json()["code"] == "points.voucher_settled"

    disputed = await month.step(shop, one, "disputes", reason="有一张当天退货了")
    early = await month.step(committee, one, "countersignatures")
    stray = await month.step(committee, one, "answers", answer="剔除", without=[wrong, str(new_id())])
    answered = await month.step(committee, one, "answers", answer="属实，已剔除", without=[wrong])
    returned = await shop.post(f"{ROOT}/vouchers/{wrong}/returns", json={"reason": "退货"})

    assert (disputed.json()["state"], early.json()["code"]) == ("disputed", "wrong_state")
    assert stray.json()["code"] == "points.voucher_not_in_settlement"
    assert (answered.json()["state"], answered.json()["vouchers"], answered.json()["points"]) == ("drafted", 1, 20)
    assert returned.json()["state"] == "refunded"
    assert await month.payable() == 20


async def test_vouchers_of_the_new_month_wait_for_it(month: Month, clock: Any, sweep: Any) -> None:
    await month.use(1)
    clock.set(JUNE)
    month.shop = Shop(month.shop.id, month.shop.owner, month.shops)
    await month.use(1)
    first = (await month.draft()).json()
    assert (first["vouchers"], first["points"], await month.payable()) == (1, 20, 40)

    clock.set(JUNE + timedelta(days=30))
    await sweep("points", "draft_settlements")
    second, _ = (await month.staff(Role.SUPERVISOR).get(PATH)).json()["items"]
    assert (second["month"], second["vouchers"], second["points"]) == ("2026-06-01", 1, 20)


@pytest.mark.breaks_books
async def test_books_that_differ_are_not_settled(month: Month, clock: Any, work_in: WorkIn, people: People) -> None:
    await month.use(1)
    clock.set(JUNE)
    async with work_in("points", people.community_id) as uow:
        account = await ledger.account_of(
            uow=uow, kind=AccountKind.MERCHANT, owner_id=month.shop.id, asset=Asset.SPENDABLE
        )
        await ledger.post(
            uow=uow,
            asset=Asset.SPENDABLE,
            amount=1,
            from_account_id=await ledger.system_account(uow=uow, name=SystemAccount.ISSUANCE, asset=Asset.SPENDABLE),
            to_account_id=account,
            kind=TransferKind.BUDGET,
            source_id=new_id(),
            summary="记错的一分",
        )

    refused = await month.draft()

    assert (refused.status_code, refused.json()["code"]) == (409, "points.settlement_mismatch")
    assert (refused.json()["vouchers"], refused.json()["ledger"]) == (20, 21)


async def test_drafting_and_verifying_at_once_lose_no_voucher(
    month: Month, clock: Any, open_household: OpenHousehold
) -> None:
    await month.use(1)
    clock.set(JUNE)
    shop = Shop(month.shop.id, month.shop.owner, month.shops)
    offer = await shop.offer(points=5, value_fen=500)
    vouchers = []
    for _ in range(4):
        client = month.shops.client_for("points", month.shops.people.resident(await open_household()))
        vouchers.append((await take(client, offer)).json())

    drafts, *used = await asyncio.gather(
        asyncio.gather(*(month.draft() for _ in range(3))), *(shop.verify(voucher) for voucher in vouchers)
    )

    assert sorted(r.status_code for r in drafts) == [201, 409, 409]
    assert {r.json()["code"] for r in drafts if not r.is_success} == {"points.settlement_exists"}
    assert all(r.is_success for r in used)
    assert await month.payable() == 40


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"month": "2026-05-01"}, 422, "points.month_invalid"),
        ({"month": "2026-04-02"}, 422, "points.month_invalid"),
        ({"month": "2199-12-01"}, 422, "points.month_invalid"),
        ({"month": "x"}, 422, "validation_failed"),
        ({"merchant_id": str(new_id())}, 404, "points.merchant_not_found"),
        ({}, 409, "points.nothing_to_settle"),
    ],
)
async def test_bad_drafts(month: Month, body: dict[str, Any], status: int, code: str) -> None:
    good = {"merchant_id": str(month.shop.id), "month": "2026-04-01"}

    response = await month.staff(Role.COMMUNITY_ADMIN).post(PATH, json=good | body)

    assert (response.status_code, response.json()["code"]) == (status, code), response.text


async def test_doors_are_closed_to_others(
    month: Month, clock: Any, client_for: ClientFor, people: People, strangers: People
) -> None:
    await month.use(1)
    clock.set(JUNE)
    one = (await month.draft()).json()["id"]
    path = f"{PATH}/{one}"
    chair: Principal = people.staff(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)

    assert (await client_for("points").get(path)).status_code == 401
    assert (await client_for("points", people.resident()).get(path)).json()["code"] == "points.settlement_not_found"
    assert (await client_for("points", people.resident()).get(f"{path}/export")).status_code == 404
    assert (await client_for("points", strangers.staff(*Role)).get(path)).status_code == 404
    assert (await month.step(month.staff(Role.SUPERVISOR), one, "confirmations")).status_code == 403
    assert (await month.step(month.shop.client, one, "countersignatures")).status_code == 403
    assert (await month.step(month.shop.client, one, "payments", reference="x")).status_code == 403
    await month.step(month.shop.client, one, "confirmations")
    await month.step(client_for("points", chair), one, "countersignatures")
    same = await month.step(client_for("points", chair), one, "payments", reference="x")
    assert same.json()["code"] == "points.settlement_recused"
    assert (await month.shop.client.get(PATH, params={"cursor": "x"})).json()["code"] == "cursor_invalid"
