"""Something of everything in one community, for the proof that another one cannot reach it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contracts.events import AssetPassed, DecisionPublished, HouseholdRegistered
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.sheets import write_xlsx
from shared.testing.clients import ClientFor, People
from tests.points.adoption_kit import ROOT, AdoptionKit
from tests.points.budget_kit import backing
from tests.points.claims_kit import PARKING, SWEEP, ClaimsKit
from tests.points.help_kit import ask_each_other_for_help
from tests.points.round_kit import RoundKit
from tests.points.shop_kit import ShopKit, take
from tests.points.store_kit import StoreKit, redeem


async def seed(client_for: ClientFor, people: People, hear: Any, clock: Any, sweep: Any) -> None:
    """Open a household, stock a product and redeem it."""
    household_id = new_id()
    await hear(
        "points",
        people.community_id,
        HouseholdRegistered(
            household_id=household_id,
            household_number="QLQ-9001",
            grid_id=new_id(),
            grid_name="第一网格",
            building_id=new_id(),
            building_name="1栋",
            householder_name="王**",
            area_cm2e2=8_800,
            resident_count=3,
        ),
    )
    store = StoreKit(client_for, people)
    product = await store.stock()
    redeemed = await redeem(store.household(household_id), product)
    assert redeemed.status_code == 201, redeemed.text
    await _publish_a_round(client_for, people, clock, household_id)
    await _stock_and_deliver(store, client_for, people, household_id)
    await _adopt_ally_and_honour(client_for, people, household_id)
    await _settle(clock, sweep)
    await ask_each_other_for_help(client_for, people, household_id, hear)
    await _claim_and_appeal(ClaimsKit(client_for, people, hear), household_id, hear, clock, sweep)


async def _publish_a_round(client_for: ClientFor, people: People, clock: Any, household_id: UUID) -> None:
    """Hang out a round that is over, object to it, and propose the household for a board."""
    kit = RoundKit(client_for, people, clock)
    path = await kit.open("2026年3—4月", begins_on="2026-03-01", ends_on="2026-04-30")
    await kit.publicise(path)
    objected = await client_for("points", people.resident(household_id)).post(
        f"{path}/objections", json={"reason": "漏记一次"}
    )
    assert objected.status_code == 201, objected.text
    entry = {"board": "honour", "household_id": str(household_id), "title": "互助邻居", "reason": "照顾老人"}
    proposed = await kit.organiser.post(f"{ROOT}/boards/entries", json=entry)
    assert proposed.status_code == 201, proposed.text


async def _stock_and_deliver(store: StoreKit, client_for: ClientFor, people: People, household_id: UUID) -> None:
    """Open a fund and pay goods from it, note a supplier, count the shelf, fill a basket, ask for delivery and for fitting.

    A device without network tells of a redemption that nobody knows.
    """
    treasurer = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    fund = (await treasurer.post(f"{ROOT}/funds", json={"name": "捐赠资金", "source": "donation"})).json()
    income = {"amount_fen": 100_000, "donor": "匿名", "summary": "捐赠", "happened_on": "2026-05-11"}
    assert (await treasurer.post(f"{ROOT}/funds/{fund['id']}/incomes", json=income)).status_code == 201
    supplier = (await store.keeper.post(f"{ROOT}/suppliers", json={"name": "城关粮油店"})).json()
    products = [await store.stock(price=1, quantity=0, kind=kind) for kind in ("goods", "installation")]
    for product in products:
        await store.receive(product, 5, supplier=None, supplier_id=supplier["id"], fund_id=fund["id"])
    count = await store.keeper.post(f"{ROOT}/stocktakes", json={"title": "五月盘点"})
    assert count.status_code == 201, count.text
    client = store.household(household_id)
    lines = [{"product_id": str(product), "quantity": 1} for product in products]
    basket = await client.post(f"{ROOT}/baskets", json={"lines": lines})
    assert basket.status_code == 201, basket.text
    goods = next(one for one in basket.json()["redemptions"] if one["product_id"] == str(products[0]))
    delivery = await client.post(f"{ROOT}/deliveries", json={"redemption_id": goods["id"]})
    assert delivery.status_code == 201, delivery.text
    listed = (await store.keeper.post(f"{ROOT}/offline/lists", json={"device": "一号平板"})).json()
    told = {"redemption_id": str(new_id()), "code": "123456", "handed_over_at": "2026-05-11T01:00:00Z"}
    upload = {"list_id": listed["id"], "device": "一号平板", "ticket": listed["ticket"], "hand_overs": [told]}
    uploaded = await store.keeper.post(f"{ROOT}/offline/uploads", json=upload)
    assert uploaded.status_code == 200, uploaded.text


async def _adopt_ally_and_honour(client_for: ClientFor, people: People, household_id: UUID) -> None:
    """Adopt a tree, open a shop of the alliance, take and use a voucher, and nominate a neighbour."""
    kit = AdoptionKit(client_for, people)
    client = kit.household(household_id)
    adoption = await kit.active(client, await kit.offer())
    care = {"done_on": "2026-05-11", "photo_ids": [str(new_id())]}
    logged = await client.post(f"{ROOT}/adoptions/{adoption}/duties", json=care)
    assert logged.status_code == 201, logged.text
    shop = await ShopKit(client_for, people).open()
    voucher = (await take(client, await shop.offer())).json()
    used = await shop.verify(voucher)
    assert used.status_code == 200, used.text
    nomination = {"household_id": str(household_id), "category": "身边好人", "deed": "给老人送饭", "talent": "助老"}
    nominated = await client.post(f"{ROOT}/awards", json=nomination)
    assert nominated.status_code == 201, nominated.text


async def _settle(clock: Any, sweep: Any) -> None:
    """Let the month of the shop pass, and come back."""
    today = clock.now()
    clock.advance(timedelta(days=31))
    await sweep("points", "draft_settlements")
    clock.set(today)


async def _claim_and_appeal(kit: ClaimsKit, household_id: UUID, hear: Any, clock: Any, sweep: Any) -> None:
    """Discuss and adopt a list by a decision, set a budget, declare kin, claim, deduct, object, appeal, and enter a sheet."""
    today = clock.now()
    committee, assessor = kit.staff(Role.COMMITTEE_MEMBER), kit.staff(Role.ASSESSOR)
    proposal = new_id()
    listed = {"title": "细则（草案）", "effective_on": "2026-05-11", "items": [SWEEP, PARKING]}
    draft = (await committee.post(f"{ROOT}/rulebook_drafts", json=listed)).json()
    await committee.post(f"{ROOT}/rulebook_drafts/{draft['id']}/proposals", json={"proposal_id": str(proposal)})
    decided = DecisionPublished(
        proposal_id=proposal,
        process_id=new_id(),
        round_id=None,
        title="关于积分细则的提案",
        text_hash="a" * 64,
        result_hash=None,
        scope_kind="community",
        scope_id=None,
        scope_name="青龙泉社区",
    )
    await hear("points", kit.people.community_id, decided)
    days = {"starts_on": "2026-05-01", "ends_on": "2026-06-30"}
    budget = {"name": "额度", "amount": 1000, "decision": "会议"} | await backing(committee)
    assert (await committee.post(f"{ROOT}/budgets", json=budget | days)).status_code == 201
    kin = {"household_id": str(household_id), "relation": "兄弟"}
    assert (await assessor.post(f"{ROOT}/kinships", json=kin)).status_code == 201
    photo = new_id()
    passed = AssetPassed(asset_id=photo, owner_account_id=new_id(), media_type="image/jpeg", dhash="0123456789abcdef")
    await hear("points", kit.people.community_id, passed)
    home = kit.home(household_id)
    await kit.enter(home, photo_ids=[str(photo)])
    fined = (await kit.enter(kit.staff(Role.GRID_WORKER), "chaotic_parking", household_id=str(household_id))).json()
    await kit.publicise(fined["id"])
    objected = await home.post(f"{ROOT}/claims/{fined['id']}/objections", json={"reason": "不是我家的车"})
    assert objected.status_code == 200, objected.text
    answer = {"is_upheld": False, "answer": "核对过车牌"}
    await kit.staff(Role.SUPERVISOR).post(f"{ROOT}/claims/{fined['id']}/answers", json=answer)
    clock.advance(timedelta(days=3))
    await sweep("points", "post_claims")
    appeal = await kit.home(household_id).post(f"{ROOT}/appeals", json={"claim_id": fined["id"], "reason": "不对"})
    assert appeal.status_code == 201, appeal.text
    sheet = await kit.staff(Role.ASSESSOR).post(
        f"{ROOT}/claim_sheets",
        files={"file": ("考评.xlsx", write_xlsx("考评", ["户号", "项目"], [("QLQ-0000", "清扫楼道")]))},
        data={"name": "双月考评", "assessed_on": "2026-05-11"},
    )
    assert sheet.status_code == 202, sheet.text
    clock.set(today)
