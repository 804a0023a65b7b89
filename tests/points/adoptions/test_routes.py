"""An adoption over HTTP: offered, applied for, agreed, signed, renewed, released, and the clock's part in it."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from shared.contracts.events import AdoptionDutyOverdue, AdoptionMoved
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.adoption_kit import ROOT, TERMS, TREE, AdoptionKit
from tests.points.conftest import OpenHousehold
from tests.points.shop_kit import ShopKit, take

ASSETS, PATH = f"{ROOT}/adoption-assets", f"{ROOT}/adoptions"


@pytest.fixture
def kit(client_for: ClientFor, people: People) -> AdoptionKit:
    return AdoptionKit(client_for, people)


async def test_a_tree_finds_a_family_and_is_free_again(
    kit: AdoptionKit, open_household: OpenHousehold, people: People, facts_of: Any
) -> None:
    client = kit.household(await open_household())
    asset = await kit.offer(latitude_e6=32_834_567, longitude_e6=110_812_345)
    assert (await client.get(f"{ASSETS}/{asset}/actions")).json() == {"state": "offered", "actions": ["apply"]}

    adoption = await kit.active(client, asset, motive="就在我家窗前")

    shown = (await client.get(f"{ASSETS}/{asset}")).json()
    assert (shown["state"], shown["adopter_name"], shown["plaque"]) == ("active", "王**家", "王家认领")
    assert (await client.get(f"{ASSETS}/{asset}/actions")).json()["actions"] == []
    assert (await client.get(f"{PATH}/{adoption}/actions")).json()["actions"] == ["ask_renewal", "release"]
    neighbour = kit.household(await open_household())
    assert (await kit.apply(neighbour, asset)).json()["code"] == "points.already_adopted"
    retired = await kit.staff(Role.COMMUNITY_ADMIN).post(f"{ASSETS}/{asset}/retirements", json={"reason": "移栽"})
    assert retired.json()["code"] == "points.adoption_asset_retired"

    released = await client.post(f"{PATH}/{adoption}/releases", json={"reason": "要搬走了"})

    assert released.json()["state"] == "released"
    free = (await client.get(ASSETS, params={"is_free": True, "kind": "tree"})).json()["items"]
    assert [(one["id"], one["state"], one["adopter_name"]) for one in free] == [(asset, "offered", None)]
    assert (await kit.apply(neighbour, asset)).status_code == 201
    told = [fact.action for fact in await facts_of("points", people.community_id) if isinstance(fact, AdoptionMoved)]
    assert told == ["apply", "agree", "sign", "release", "apply"]
    steps = (await client.get(f"{PATH}/{adoption}/steps")).json()["items"]
    assert [step["state"] for step in steps] == ["applied", "agreed", "active", "released"]


async def test_of_many_who_want_the_same_tree_one_has_it(kit: AdoptionKit, open_household: OpenHousehold) -> None:
    clients = [kit.household(await open_household()) for _ in range(6)]
    for _ in range(3):
        asset = await kit.offer()

        tried = await asyncio.gather(*(kit.apply(client, asset) for client in clients))

        assert sorted(r.status_code for r in tried) == [201] + [409] * 5
        assert {r.json()["code"] for r in tried if not r.is_success} == {"points.already_adopted"}


async def test_retired_while_it_is_applied_for(kit: AdoptionKit, open_household: OpenHousehold) -> None:
    client, admin = kit.household(await open_household()), kit.staff(Role.COMMUNITY_ADMIN)
    for _ in range(3):
        asset = await kit.offer()

        applied, retired = await asyncio.gather(
            kit.apply(client, asset), admin.post(f"{ASSETS}/{asset}/retirements", json={"reason": "移栽"})
        )

        assert sorted([applied.is_success, retired.is_success]) == [False, True]


@pytest.mark.parametrize(("kind", "name"), [("firm", "城关粮油店"), ("association", "太极拳协会 🌳")])
async def test_firms_and_associations_adopt_by_name(kit: AdoptionKit, kind: str, name: str) -> None:
    client = kit.household(new_id())
    asset = await kit.offer()

    adoption = await kit.active(client, asset, adopter_kind=kind, adopter_name=name)

    assert (await client.get(f"{ASSETS}/{asset}")).json()["adopter_name"] == name
    await client.post(f"{PATH}/{adoption}/releases", json={"reason": "店搬走了"})
    outsider = kit.staff(Role.STOREKEEPER)
    assert (await outsider.get(f"{PATH}/{adoption}")).status_code == 404, "who has no household is not the firm's"


async def test_a_resident_adopts_under_a_masked_name(kit: AdoptionKit, open_household: OpenHousehold) -> None:
    client = kit.household(await open_household())
    asset = await kit.offer()

    await kit.active(client, asset, adopter_kind="resident")

    assert (await client.get(f"{ASSETS}/{asset}")).json()["adopter_name"] == "王**"


async def test_a_term_is_renewed_or_ends(
    kit: AdoptionKit, open_household: OpenHousehold, clock: Any, sweep: Any, people: People
) -> None:
    family = await open_household()
    client, committee = kit.household(family), kit.staff(Role.COMMITTEE_MEMBER)
    kept, let_go = await kit.active(client, await kit.offer()), await kit.active(client, await kit.offer())
    early = await committee.post(f"{PATH}/{kept}/renewals", json={"ends_on": "2026-07-10"})
    assert early.json()["code"] == "wrong_state"

    asked = await client.post(f"{PATH}/{kept}/renewal-requests", json={"reason": "想接着管"})
    short = await committee.post(f"{PATH}/{kept}/renewals", json={"ends_on": "2026-06-10"})
    renewed = await committee.post(f"{PATH}/{kept}/renewals", json={"ends_on": "2026-07-10"})
    assert (asked.json()["state"], short.json()["code"]) == ("renewing", "points.adoption_term_invalid")
    assert (renewed.json()["state"], renewed.json()["term"], renewed.json()["ends_on"]) == ("active", 2, "2026-07-10")

    clock.advance(timedelta(days=31))
    await sweep("points", "end_adoptions")
    await sweep("points", "end_adoptions")

    client = kit.household(family)
    ended = (await client.get(f"{PATH}/{let_go}")).json()
    assert (ended["state"], ended["reason"]) == ("released", "认领期满")
    assert (await client.get(f"{PATH}/{kept}")).json()["state"] == "active"


async def test_another_term_may_be_declined(kit: AdoptionKit, open_household: OpenHousehold) -> None:
    client = kit.household(await open_household())
    adoption = await kit.active(client, await kit.offer())
    await client.post(f"{PATH}/{adoption}/renewal-requests", json={"reason": "想接着管"})

    declined = await kit.staff(Role.COMMUNITY_ADMIN).post(
        f"{PATH}/{adoption}/renewal-refusals", json={"reason": "树要移栽"}
    )

    assert (declined.json()["state"], declined.json()["ends_on"]) == ("active", "2026-06-10")


async def test_an_unsigned_agreement_lapses(
    kit: AdoptionKit, open_household: OpenHousehold, clock: Any, sweep: Any
) -> None:
    family = await open_household()
    asset = await kit.offer()
    adoption = (await kit.apply(kit.household(family), asset)).json()["id"]
    await kit.staff(Role.COMMITTEE_MEMBER).post(f"{PATH}/{adoption}/agreements", json=TERMS)
    clock.advance(timedelta(days=14))
    await sweep("points", "end_adoptions")

    client = kit.household(family)
    lapsed = (await client.get(f"{PATH}/{adoption}")).json()
    assert (lapsed["state"], lapsed["reason"]) == ("withdrawn", "没有按时签字")
    assert (await client.post(f"{PATH}/{adoption}/signatures")).json()["code"] == "wrong_state"
    assert (await client.get(f"{ASSETS}/{asset}")).json()["state"] == "offered"


async def test_overdue_care_is_told_once_in_each_interval(
    kit: AdoptionKit, open_household: OpenHousehold, clock: Any, sweep: Any, people: People, facts_of: Any
) -> None:
    adoption = await kit.active(kit.household(await open_household()), await kit.offer())

    async def told() -> list[str]:
        facts = await facts_of("points", people.community_id)
        return [str(fact.due_on) for fact in facts if isinstance(fact, AdoptionDutyOverdue)]

    clock.advance(timedelta(days=7))
    await sweep("points", "remind_duties")
    assert await told() == [], "the day itself is not over"
    clock.advance(timedelta(days=1))
    await asyncio.gather(*(sweep("points", "remind_duties") for _ in range(3)))
    assert await told() == ["2026-05-18"]
    clock.advance(timedelta(days=8))
    await sweep("points", "remind_duties")
    assert await told() == ["2026-05-18", "2026-05-18"], f"{adoption} still waits for care"


async def test_adopters_get_what_shops_offer_them(
    kit: AdoptionKit, client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    shop = await ShopKit(client_for, people).open()
    offer = await shop.offer(is_for_adopters=True)
    client = kit.household(await open_household())
    adoption = await kit.active(client, await kit.offer())

    assert (await take(client, offer)).status_code == 201
    await client.post(f"{PATH}/{adoption}/releases", json={"reason": "搬走"})
    assert (await take(client, offer)).json()["code"] == "points.adopters_only"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"latitude_e6": 1}, "points.place_invalid"),
        ({"latitude_e6": 90_000_001, "longitude_e6": 0}, "validation_failed"),
        ({"latitude_e6": 32.8, "longitude_e6": 110.8}, "validation_failed"),
        ({"duty_days": 0}, "validation_failed"),
        ({"kind": "car"}, "validation_failed"),
        ({"name": " "}, "validation_failed"),
        ({"item_code": "'; DROP TABLE"}, "validation_failed"),
    ],
)
async def test_bad_offers(kit: AdoptionKit, body: dict[str, Any], code: str) -> None:
    response = await kit.staff(Role.COMMITTEE_MEMBER).post(ASSETS, json=TREE | body)

    assert (response.status_code, response.json()["code"]) == (422, code), response.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"adopter_kind": "firm"}, 422, "points.adopter_invalid"),
        ({"adopter_name": "王家"}, 422, "points.adopter_invalid"),
        ({"adopter_kind": "cat"}, 422, "validation_failed"),
        ({}, 404, "points.account_not_found"),
    ],
)
async def test_bad_applications(kit: AdoptionKit, body: dict[str, Any], status: int, code: str) -> None:
    response = await kit.apply(kit.household(new_id()), await kit.offer(), **body)

    assert (response.status_code, response.json()["code"]) == (status, code), response.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ends_on": "2026-05-11"}, "points.adoption_term_invalid"),
        ({"ends_on": "2031-05-11"}, "points.adoption_term_invalid"),
        ({"agreement": ""}, "validation_failed"),
        ({"starts_on": "yesterday"}, "validation_failed"),
    ],
)
async def test_bad_terms(kit: AdoptionKit, open_household: OpenHousehold, body: dict[str, Any], code: str) -> None:
    adoption = (await kit.apply(kit.household(await open_household()), await kit.offer())).json()["id"]

    response = await kit.staff(Role.COMMITTEE_MEMBER).post(f"{PATH}/{adoption}/agreements", json=TERMS | body)

    assert (response.status_code, response.json()["code"]) == (422, code), response.text


async def test_doors_are_closed_to_others(
    kit: AdoptionKit, open_household: OpenHousehold, client_for: ClientFor, people: People, strangers: People
) -> None:
    family = await open_household()
    asset = await kit.offer()
    adoption = (await kit.apply(kit.household(family), asset)).json()["id"]
    path = f"{PATH}/{adoption}"
    neighbour = kit.household(new_id())

    assert (await client_for("points").get(path)).status_code == 401
    assert (await neighbour.get(path)).json()["code"] == "points.adoption_not_found"
    assert (await client_for("points", strangers.staff(*Role)).get(path)).status_code == 404
    assert (await client_for("points", strangers.staff(*Role)).get(f"{ASSETS}/{asset}")).status_code == 404
    assert (await neighbour.post(ASSETS, json=TREE)).status_code == 403
    assert (await neighbour.post(f"{ASSETS}/{asset}/retirements", json={"reason": "x"})).status_code == 403
    assert (await kit.household(family).post(f"{path}/agreements", json=TERMS)).status_code == 403
    assert (await kit.staff(Role.COMMITTEE_MEMBER).post(f"{path}/signatures")).status_code == 403
    assert (await neighbour.get(f"{PATH}/export")).status_code == 403
    own = client_for("points", people.staff(Role.COMMITTEE_MEMBER, household_id=family))
    assert (await own.post(f"{path}/agreements", json=TERMS)).json()["code"] == "points.adoption_recused"
    refused = await kit.staff(Role.COMMITTEE_MEMBER).post(f"{path}/refusals", json={"reason": "树要移栽"})
    assert refused.json()["state"] == "refused"
    withdrawn = await kit.household(family).post(f"{path}/withdrawals", json={"reason": "算了"})
    assert withdrawn.json()["code"] == "wrong_state"


async def test_lists_page_and_export(kit: AdoptionKit, open_household: OpenHousehold, clock: Any) -> None:
    client = kit.household(await open_household())
    for name in ("=1+1", "槐树", "樟树"):
        clock.advance(timedelta(seconds=1))
        await kit.active(client, await kit.offer(name=name))
    supervisor = kit.staff(Role.SUPERVISOR)

    for base in (f"{ASSETS}?limit=2", f"{PATH}?limit=2&state=active"):
        seen, url = [], base
        while url:
            response = await supervisor.get(url)
            seen += [row["id"] for row in response.json()["items"]]
            url = response.links.get("next", {}).get("url")
        assert (len(seen), len(set(seen))) == (3, 3)
        assert (await supervisor.get(base, params={"cursor": "x"})).json()["code"] == "cursor_invalid"

    sheet = load_workbook(io.BytesIO((await supervisor.get(f"{PATH}/export")).content)).active
    assert sheet is not None
    assert [row[0] for row in list(sheet.values)[1:]] == ["樟树", "槐树", "'=1+1"]
    assert "槐树" in (await supervisor.get(f"{PATH}/export", params={"format": "csv"})).text
