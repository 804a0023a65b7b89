"""Whoever deletes an account is named nowhere any more; the books of the community stay as they are."""

from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import AutoString

from services.points.families.domain import FORGOTTEN
from services.points.families.repository import NAMES
from services.points.registry import Table
from shared.contracts.events import AccountBound, AccountDeleted, ResidentJoined
from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People
from tests.points.adoption_kit import ROOT, AdoptionKit
from tests.points.conftest import OpenHousehold
from tests.points.minutes_kit import minutes_arrive
from tests.points.store_kit import StoreKit, redeem

NAME = "欧**"
PASSING = {
    ("outbox", "payload"): "what was told, purged after 14 days",
    ("idempotency", "body"): "what was answered, purged after 7 days",
}
"""Where a name stays for a while, and until when; the README says so, too."""

NOT_OF_A_PERSON = {
    "budget.name": "a budget",
    "claim.item_name": "an item",
    "claim_sheet.file_name": "a file",
    "claim_sheet.name": "a sheet",
    "community.name": "a community",
    "fund_account.name": "a fund",
    "help_kind.name": "a kind of help",
    "help_request.kind_name": "a kind of help",
    "merchant.name": "a shop",
    "period.name": "a round",
    "product.name": "goods",
    "adoption.asset_name": "a thing",
    "adoption_asset.name": "a thing",
    "rule_item.name": "an item",
    "statement_edition.name": "a round",
    "supplier.name": "a business",
    "household.householder_name": "the household's own, from the roster: it changes when identity tells of another householder",
    "ranking_row.householder_name": "the household's own, drawn up anew every hour",
    "statement_total.householder_name": "the household's own, under the hash of a sealed round",
    "redemption.proxy_for": "the household's own, on the receipt",
    "redemption.proxy_name": "whom the storekeeper saw, on the receipt; it belongs to no account",
    "offline_pickup.proxy_name": "whom the storekeeper saw, on the receipt; it belongs to no account",
    "installation.worker_name": "a worker of property's, as property tells it",
    "voucher.merchant_name": "a shop",
    "settlement.merchant_name": "a shop",
}
"""Columns that are called a name and are none of a person with an account, or stay with the books."""


def test_every_column_of_a_name_is_forgotten_or_said_not_to_be() -> None:
    for path in sorted(Path("services/points").glob("*/models.py")):
        import_module(f"services.points.{path.parent.name}.models")
    named = {
        f"{table.name}.{column.name}"
        for table in Table.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, AutoString) and (column.name.endswith("name") or column.name.endswith("_for"))
    }
    places = {"grid_name", "building_name", "product_name"}
    named = {name for name in named if name.partition(".")[2] not in places}
    forgotten = {f"{table}.{column}" for table, column, _ in NAMES}
    assert named == forgotten | NOT_OF_A_PERSON.keys()


async def columns_with(work_in: Any, community_id: UUID, name: str) -> set[tuple[str, str]]:
    """Return where in the books of a community a text is found."""
    columns = text(
        "SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'points' AND table_type = 'BASE TABLE'"
        " AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea', 'ARRAY')"
    )
    found = set()
    async with work_in("points", community_id) as uow:
        for table, column, kind in (await uow.session.execute(columns)).all():
            value = f"""encode("{column}", 'escape')""" if kind == "bytea" else f'CAST("{column}" AS text)'
            needle = name if kind != "bytea" else "".join(f"\\{byte:03o}" for byte in name.encode())
            query = text(f"SELECT EXISTS (SELECT 1 FROM points.{table} WHERE strpos({value}, :needle) > 0)")
            if (await uow.session.execute(query, {"needle": needle})).scalar_one():
                found.add((table, column))
    return found


@dataclass
class Life:
    """A person who did something of everything, and the ids it is known by."""

    person: Principal
    award: str


async def ok(request: Any) -> Any:
    answer = await request
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


@pytest.fixture
async def life(
    client_for: ClientFor,
    people: People,
    open_household: OpenHousehold,
    hear: Any,
    clock: Any,
    sweep: Any,
    store: StoreKit,
) -> Any:
    begin = clock.now()
    home, neighbour = await open_household(), people.resident(await open_household())
    person = replace(people.resident(home, Role.STOREKEEPER), name=NAME)
    relative = people.resident(home)
    for one in (person, relative):
        assert one.resident_id is not None
        await hear(
            "points",
            people.community_id,
            ResidentJoined(
                resident_id=one.resident_id,
                household_id=home,
                name=one.name,
                is_householder=False,
                is_adult=True,
            ),
        )
    me, other = client_for("points", person), client_for("points", neighbour)
    admin = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    await _fill_pool(admin, hear, people)
    await _help(me, other, admin, person, relative)
    kit = AdoptionKit(client_for, people)
    await kit.active(me, await kit.offer(), adopter_kind="resident")
    await _store(me, other, store)
    award = await _award(client_for, people, other, person, clock, sweep)
    yield Life(person, award)
    clock.set(begin)


async def _fill_pool(admin: Any, hear: Any, people: People) -> None:
    issue = {"minutes": 600, "reason": "会议", "minutes_asset_id": await minutes_arrive(hear, people.community_id)}
    await ok(admin.post(f"{ROOT}/time-bank/pool/issues", json=issue))


async def _help(me: Any, other: Any, admin: Any, person: Principal, relative: Principal) -> None:
    """Take a gig, be granted minutes, give some to the family, and ask for help."""
    times = {"apply_until": "2099-05-12T01:00:00Z"}
    times |= {"work_from": "2099-05-12T01:00:00Z", "work_until": "2099-05-12T04:00:00Z"}
    gig = await ok(other.post(f"{ROOT}/gigs", json={"title": "擦玻璃", "location": "3栋", "points": 5} | times))
    await ok(me.post(f"{ROOT}/jobs", json={"gig_id": gig["id"]}))
    bank = f"{ROOT}/time-bank"
    await ok(admin.post(f"{bank}/kinds", json={"code": "escort", "name": "陪同就医", "decision": "会议"}))
    grant = {"to_resident_id": str(person.resident_id), "minutes": 300, "reason": "起步"}
    await ok(admin.post(f"{bank}/grants", json=grant))
    gift = {"to_resident_id": str(relative.resident_id), "minutes": 30, "reason": "给奶奶"}
    await ok(me.post(f"{bank}/gifts", json=gift))
    wanted = {"wanted_from": "2026-05-11T01:00:00Z", "wanted_until": "2099-05-11T05:00:00Z"}
    await ok(me.post(f"{bank}/requests", json={"kind_code": "escort", "location": "3栋", "minutes": 120} | wanted))


async def _store(me: Any, other: Any, store: StoreKit) -> None:
    """Bring a neighbour's goods home, and count the shelf."""
    redeemed = (await redeem(other, await store.stock())).json()
    delivery = await ok(other.post(f"{ROOT}/deliveries", json={"redemption_id": redeemed["id"]}))
    await ok(me.post(f"{ROOT}/deliveries/{delivery['id']}/takings"))
    await ok(me.post(f"{ROOT}/stocktakes", json={"title": "五月盘点"}))


async def _award(client_for: ClientFor, people: People, other: Any, person: Principal, clock: Any, sweep: Any) -> str:
    """Be honoured, once by id and once by name alone."""
    deed = {"household_id": str(person.household_id), "deed": "给老人送饭", "talent": "助老", "person_name": "欧小明"}
    first = await ok(
        other.post(f"{ROOT}/awards", json=deed | {"category": "身边好人", "resident_id": str(person.resident_id)})
    )
    await ok(other.post(f"{ROOT}/awards", json=deed | {"category": "互助邻居"}))
    path = f"{ROOT}/awards/{first['id']}"
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    vote = {"is_approved": True, "decision": "评议小组会议", "votes_for": 3, "votes_against": 0}
    await ok(committee.post(f"{path}/decisions", json=vote))
    await ok(committee.post(f"{path}/publications"))
    clock.advance(timedelta(days=6))
    await sweep("points", "grant_awards")
    return str(first["id"])


def deleted(person: Principal) -> AccountDeleted:
    return AccountDeleted(
        account_id=person.account_id, resident_id=person.resident_id, household_id=person.household_id
    )


async def test_the_name_goes_from_everything_that_is_kept(
    life: Life, client_for: ClientFor, people: People, hear: Any, work_in: Any
) -> None:
    known = await columns_with(work_in, people.community_id, NAME)
    assert known - PASSING.keys() == {(table, column) for table, column, _ in NAMES}, "the test is to try each of them"
    assert ("transfer", "summary") not in known, "what lies under the hash of the ledger can never be taken back"

    await hear("points", people.community_id, deleted(life.person))

    assert await columns_with(work_in, people.community_id, NAME) - PASSING.keys() == set()
    official = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    award = (await official.get(f"{ROOT}/awards/{life.award}")).json()
    assert (award["state"], award["person_name"]) == ("granted", FORGOTTEN)
    jobs = (await official.get(f"{ROOT}/jobs?mine=false")).json()["items"]
    assert [job["worker_name"] for job in jobs] == [FORGOTTEN]


async def test_others_keep_their_names_and_whoever_comes_back_has_one_again(
    life: Life, people: People, hear: Any, work_in: Any
) -> None:
    somebody = replace(life.person, account_id=new_id(), resident_id=new_id())
    before = await columns_with(work_in, people.community_id, NAME)
    await hear("points", people.community_id, deleted(replace(somebody, resident_id=None, household_id=None)))
    await hear("points", people.community_id, deleted(somebody))
    assert await columns_with(work_in, people.community_id, NAME) == before

    await hear("points", people.community_id, deleted(life.person))
    bound = AccountBound(
        account_id=new_id(),
        kind="resident",
        resident_id=life.person.resident_id,
        household_id=life.person.household_id,
        name="诸葛亮",
    )
    await hear("points", people.community_id, bound)
    assert await columns_with(work_in, people.community_id, "诸**") == {("member", "name")}
