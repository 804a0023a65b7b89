"""What officials ask the lists of the store, the money and the judging for: a state, a person, a product, some days."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Principal, Role
from shared.sheets import write_csv
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem

ROOT = "/api/v1/points"
OFFICES = (Role.COMMUNITY_ADMIN, Role.SUPERVISOR, Role.STOREKEEPER, Role.ASSESSOR)


@dataclass
class Office:
    """An official who holds every office, and the names under which a test keeps what it made."""

    client_for: ClientFor
    people: People
    clock: FixedClock
    open_household: OpenHousehold
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = StoreKit(self.client_for, self.people)
        self.person: Principal = self.people.staff(*OFFICES)

    @property
    def client(self) -> httpx2.AsyncClient:
        """The official, signed in today."""
        return self.client_for("points", self.person)

    async def post(self, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """Do something that must succeed."""
        answer = await self.client.post(f"{ROOT}{path}", json=body, **more)
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    def next_day(self) -> None:
        """Let a day go by, and sign in again."""
        self.clock.advance(timedelta(days=1))
        self.store = StoreKit(self.client_for, self.people)


Made = Callable[[Office], Awaitable[str]]


async def kinships(office: Office) -> str:
    """Two declarations about two people, one of them taken back."""
    for name in ("kept", "ended"):
        who, home = new_id(), await office.open_household()
        body = {"account_id": str(who), "household_id": str(home), "relation": "兄弟"}
        office.names[name] = (await office.post("/kinships", body))["id"]
        office.names |= {f"who_{name}": str(who), f"home_{name}": str(home)}
    assert (await office.client.delete(f"{ROOT}/kinships/{office.names['ended']}")).status_code == 204
    return "/kinships"


async def stocktakes(office: Office) -> str:
    """A count of rice on Monday that was given up, and one of nothing on Tuesday."""
    rice = await office.store.stock()
    office.names |= {"rice": str(rice), "oil": str(await office.store.stock())}
    (batch,) = await office.store.batches(rice)
    office.names["monday"] = (await office.post("/stocktakes", {"title": "周一"}))["id"]
    monday = f"/stocktakes/{office.names['monday']}"
    await office.post(f"{monday}/counts", {"batch_id": batch["id"], "counted": 10, "explanation": ""})
    await office.post(f"{monday}/cancellations", {"remark": "改天再盘"})
    office.next_day()
    office.names["tuesday"] = (await office.post("/stocktakes", {"title": "周二"}))["id"]
    return "/stocktakes"


async def suppliers(office: Office) -> str:
    """Three who deliver, one no longer; the name of one holds a sign that stands for anything in the database's language."""
    for name, facts in {"town": {"name": "城关粮油店"}, "half": {"name": "城%店"}, "old": {"name": "老城关店"}}.items():
        office.names[name] = (await office.post("/suppliers", facts | {"is_active": name != "old"}))["id"]
    return "/suppliers"


async def transfers(office: Office) -> str:
    """A gift of the eighth, one of the ninth, and the first put right on Monday the eleventh."""
    fund = (await office.post("/funds", {"name": "捐赠资金", "source": "donation"}))["id"]
    for day in ("8", "9"):
        body = {"amount_fen": 100, "donor": "王先生", "summary": "捐赠", "happened_on": f"2026-05-0{day}"}
        office.names[f"may_{day}"] = (await office.post(f"/funds/{fund}/incomes", body))["id"]
    reversed_ = await office.post(f"/funds/transfers/{office.names['may_8']}/reversals", {"reason": "金额录错"})
    office.names["reversed"] = reversed_["id"]
    return f"/funds/{fund}/transfers"


async def prices(office: Office) -> str:
    """Thirty points on Monday, forty from Tuesday on."""
    product = await office.store.stock(price=30)
    office.next_day()
    path = f"{ROOT}/products/{product}"
    body = {"name": "油", "category": "粮油", "price_points": 40}
    seen = {"If-Match": (await office.client.get(path)).headers["etag"]}
    assert (await office.client.put(path, json=body, headers=seen)).status_code == 200
    office.names |= {"monday": "30", "tuesday": "40"}
    return f"/products/{product}/prices"


async def claim_sheets(office: Office) -> str:
    """A sheet of the ninth that was dropped, and one of the tenth that waits."""
    for day in ("9", "10"):
        data = {"name": f"{day} 日考评", "assessed_on": f"2026-05-{int(day):02}"}
        files = {"file": ("表.csv", write_csv(("户号",), [("QLQ-0001",)]))}
        answer = await office.client.post(f"{ROOT}/claim_sheets", data=data, files=files)
        assert answer.status_code == 202, answer.text
        office.names[f"may_{day}"] = answer.json()["id"]
    await office.post(f"/claim_sheets/{office.names['may_9']}/discards")
    return "/claim_sheets"


async def budgets(office: Office) -> str:
    """One of May and one of June, each with a fund of its own."""
    for month, first, last in ((5, 12, 31), (6, 1, 30)):
        fund = (await office.post("/funds", {"name": f"{month} 月资金", "source": "fiscal"}))["id"]
        income = {"amount_fen": 10_000, "donor": "财政局", "summary": "补助", "happened_on": "2026-05-08"}
        await office.post(f"/funds/{fund}/incomes", income)
        body = {"name": f"{month} 月", "fund_id": fund, "point_value_fen": 100, "amount": 100, "decision": "会议"}
        days = {"starts_on": f"2026-0{month}-{first:02}", "ends_on": f"2026-0{month}-{last}"}
        office.names |= {f"month_{month}": (await office.post("/budgets", body | days))["id"], f"fund_{month}": fund}
    return "/budgets"


async def conflicts(office: Office) -> str:
    """A hand-over that fitted no list, told on Monday and settled, and one told on Tuesday that waits."""
    for name in ("monday", "tuesday"):
        device = {"device": "一号平板"}
        offline = (await office.store.keeper.post(f"{ROOT}/offline/lists", json=device)).json()
        told = {"redemption_id": str(new_id()), "code": "123456", "handed_over_at": "2026-05-11T01:05:00Z"}
        body = device | {"list_id": offline["id"], "ticket": offline["ticket"], "hand_overs": [told]}
        assert (await office.store.keeper.post(f"{ROOT}/offline/uploads", json=body)).status_code == 200
        row = (await office.client.get(f"{ROOT}/offline/conflicts")).json()["items"][0]
        office.names[name] = row["id"]
        if name == "monday":
            await office.post(f"/offline/conflicts/{row['id']}/settlements", {"reason": "已当面核对"})
            office.next_day()
    return "/offline/conflicts"


async def moves(office: Office) -> str:
    """Ten pieces that came on Monday, one of them broken on Tuesday."""
    product = await office.store.stock()
    office.names["rice"] = str(product)
    (batch,) = await office.store.batches(product)
    office.next_day()
    loss = {"quantity": 1, "kind": "damaged", "note": "压坏了"}
    await office.post(f"/products/{product}/batches/{batch['id']}/losses", loss)
    office.names |= {"monday": "10", "tuesday": "1"}
    return "/stock/moves"


async def redemptions(office: Office) -> str:
    """One of rice on Monday and one of oil on Tuesday."""
    for name, goods in (("monday", "rice"), ("tuesday", "oil")):
        product = await office.store.stock(hold_hours=720)
        (batch,) = await office.store.batches(product)
        office.names |= {goods: str(product), f"{goods}_batch": batch["id"]}
        home = await office.open_household()
        office.names[name] = (await redeem(office.store.household(home), product)).json()["id"]
        office.next_day()
    return "/redemptions"


ALL_DAYS = {"from_on": "2026-05-01", "to_on": "2026-06-30"}
MONDAY, TUESDAY = {"to_on": "2026-05-11"}, {"from_on": "2026-05-12"}
LISTS: dict[Made, list[tuple[dict[str, str], str]]] = {
    kinships: [
        ({}, "kept"),
        ({"is_ended": "true"}, "ended"),
        ({"account_id": "who_kept"}, "kept"),
        ({"account_id": "who_ended"}, ""),
        ({"household_id": "home_kept"}, "kept"),
        ({"household_id": "home_ended", "is_ended": "true"}, "ended"),
    ],
    stocktakes: [
        ({}, "tuesday monday"),
        ({"state": "cancelled"}, "monday"),
        ({"state": "approved"}, ""),
        ({"product_id": "rice"}, "monday"),
        ({"product_id": "oil"}, ""),
        (MONDAY, "monday"),
        (TUESDAY, "tuesday"),
        (ALL_DAYS | {"state": "counting"}, "tuesday"),
    ],
    suppliers: [
        ({}, "town half old"),
        ({"name": "城"}, "town half"),
        ({"name": "城%"}, "half"),
        ({"name": "关"}, ""),
        ({"is_active": "true"}, "town half"),
        ({"is_active": "false"}, "old"),
    ],
    transfers: [
        ({}, "reversed may_9 may_8"),
        ({"kind": "income"}, "may_9 may_8"),
        ({"kind": "reversal"}, "reversed"),
        ({"kind": "spending"}, ""),
        ({"to_on": "2026-05-08"}, "may_8"),
        ({"from_on": "2026-05-09", "to_on": "2026-05-10"}, "may_9"),
        ({"from_on": "2026-05-12"}, ""),
    ],
    prices: [({}, "tuesday monday"), (MONDAY, "monday"), (TUESDAY, "tuesday"), ({"to_on": "2026-05-10"}, "")],
    claim_sheets: [
        ({}, "may_10 may_9"),
        ({"state": "discarded"}, "may_9"),
        ({"state": "applied"}, ""),
        ({"from_on": "2026-05-10"}, "may_10"),
        ({"to_on": "2026-05-09"}, "may_9"),
    ],
    budgets: [
        ({}, "month_6 month_5"),
        ({"fund_id": "fund_5"}, "month_5"),
        ({"from_on": "2026-06-01", "to_on": "2026-06-01"}, "month_6"),
        ({"from_on": "2026-05-31", "to_on": "2026-06-01"}, "month_6 month_5"),
        ({"to_on": "2026-05-11"}, ""),
        ({"from_on": "2026-07-01"}, ""),
    ],
    conflicts: [
        ({}, "tuesday monday"),
        ({"is_settled": "true"}, "monday"),
        ({"is_settled": "false"}, "tuesday"),
        (MONDAY, "monday"),
        (TUESDAY | {"is_settled": "true"}, ""),
    ],
    moves: [
        ({}, "tuesday monday"),
        ({"destination": "loss"}, "tuesday"),
        ({"destination": "household"}, ""),
        ({"product_id": "rice"} | MONDAY, "monday"),
        (TUESDAY, "tuesday"),
    ],
    redemptions: [
        ({}, "tuesday monday"),
        (MONDAY, "monday"),
        (TUESDAY, "tuesday"),
        ({"from_on": "2026-05-13"}, ""),
        ({"product_id": "rice"}, "monday"),
        ({"batch_id": "oil_batch"}, "tuesday"),
        ({"product_id": "rice", "batch_id": "oil_batch"}, ""),
    ],
}
SHOWN = {prices: "price_points", moves: "quantity"}
"""By what a row is known that has no id of its own, or one that nobody learns otherwise."""


@pytest.fixture
def office(client_for: ClientFor, people: People, clock: FixedClock, open_household: OpenHousehold) -> Office:
    return Office(client_for, people, clock, open_household)


@pytest.mark.parametrize("made", LISTS, ids=lambda made: made.__name__)
async def test_a_list_answers_what_it_is_asked_for(made: Made, office: Office, strangers: People) -> None:
    path = f"{ROOT}{await made(office)}"
    key, ids = SHOWN.get(made, "id"), {value: name for name, value in office.names.items()}
    for asked, expected in LISTS[made]:
        answer = await office.client.get(path, params={k: office.names.get(v, v) for k, v in asked.items()})
        assert answer.status_code == 200, answer.text
        assert " ".join(ids[str(row[key])] for row in answer.json()["items"]) == expected, asked
    elsewhere = await office.client_for("points", strangers.staff(*OFFICES)).get(path)
    assert elsewhere.json().get("items", []) == [], "another community has a list of its own"


@pytest.mark.parametrize(
    "path",
    [
        "/stocktakes",
        "/claim_sheets",
        "/budgets",
        "/offline/conflicts",
        "/stock/moves",
        "/redemptions",
        "/funds/{id}/transfers",
        "/products/{id}/prices",
    ],
)
async def test_days_the_wrong_way_round_are_told(office: Office, path: str) -> None:
    address = f"{ROOT}{path.replace('{id}', str(UUID(int=1)))}"
    answer = await office.client.get(address, params={"from_on": "2026-05-12", "to_on": "2026-05-11"})
    assert (answer.status_code, answer.json()["code"]) == (422, "points.days_reversed")
