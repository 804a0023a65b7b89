import asyncio
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from services.identity.bindings import usecases as bindings
from services.identity.rosters.columns import COLUMNS
from services.identity.rosters.workbook import MAX_FILE_BYTES
from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined, ResidentLeft
from shared.ids import new_id
from shared.kernel.principal import Role
from tests.identity.rosters.kit import LI, ROSTERS, ZHANG, Book, number


async def test_a_roster_is_checked_then_applied_and_the_services_hear_of_it(desk, people, facts_of):
    checked = await desk.upload(Book().bytes())
    assert checked["state"] == "checked"
    assert checked["problem_count"] == 0
    assert checked["row_counts"] == {"网格楼栋": 2, "房屋": 4, "户": 3, "居民": 5}
    assert checked["changes"]["residents"] == {"added": 5, "changed": 0, "removed": 0}
    assert await facts_of("identity", people.community_id) == []

    applied = await desk.apply(checked["id"])
    assert applied["state"] == "applied"
    assert applied["cards_waiting"] == 3

    facts = await facts_of("identity", people.community_id)
    registered = {fact.household_number: fact for fact in facts if isinstance(fact, HouseholdRegistered)}
    assert set(registered) == {"H1", "H2", "H3"}
    first = registered["H1"]
    assert (first.householder_name, first.area_cm2e2, first.resident_count) == ("张**", 12_500, 3)
    assert (first.grid_name, first.building_name, first.address) == ("第一网格", "1号楼", "1号楼1单元101")
    joined = [fact for fact in facts if isinstance(fact, ResidentJoined)]
    assert sorted(
        (fact.name, fact.is_householder, fact.is_adult, fact.is_party_member)
        for fact in joined
        if fact.household_id == first.household_id
    ) == [("张**", False, False, False), ("张**", True, True, True), ("李*", False, True, False)]
    assert [fact.name for fact in joined if fact.is_representative] == ["王*"]
    assert len(joined) == 5
    order = [type(fact) for fact in facts]
    assert order.index(ResidentJoined) > max(n for n, kind in enumerate(order) if kind is HouseholdRegistered)


async def test_the_households_are_listed_with_heads_and_areas(desk):
    await desk.bring_in()
    rows = await desk.items("/api/v1/identity/households?limit=2&include=members")
    assert [(row["number"], row["resident_count"], row["area_cm2e2"]) for row in rows] == [
        ("H1", 3, 12_500),
        ("H2", 1, 6_050),
        ("H3", 1, 10_000),
    ]
    assert rows[0]["householder_name"] == "张**"
    assert [member["relation"] for member in rows[0]["members"]] == ["householder", "spouse", "child"]
    assert [member["can_act"] for member in rows[0]["members"]] == [True, True, False]
    assert rows[1]["liaison_household_id"] == rows[0]["id"]
    assert rows[1]["tenure"] == "tenant"


async def test_a_bad_file_is_refused_with_a_report_and_nothing_is_imported(desk):
    book = Book()
    book.sheets["房屋"][1][4] = "很大"
    book.sheets["居民"][2][3] = ZHANG
    book.sheets["居民"][2][8] = "1987-06-02"
    for row, sex in zip(book.sheets["居民"], ("性别", "", "女", "", "", ""), strict=True):
        row.append(sex)
    body = await desk.upload(book.bytes())
    assert body["state"] == "refused"
    assert body["problem_count"] == 4
    problems = await desk.items(f"{ROSTERS}/{body['id']}/problems?limit=1")
    assert [(p["sheet"], p["row"], p["column"]) for p in problems] == [
        ("房屋", 2, "建筑面积"),
        ("居民", 3, "身份证号"),
        ("居民", 3, "出生日期"),
        ("居民", 3, "性别"),
    ]
    assert problems[0]["value"] == "很大"
    assert ZHANG not in str(problems)
    refused = await desk.client.post(f"{ROSTERS}/{body['id']}/applications", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert await desk.items("/api/v1/identity/households") == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "identity.roster_empty_file"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 100, "identity.roster_legacy_workbook"),
        (b"PK\x03\x04broken", "identity.roster_damaged_file"),
    ],
)
async def test_a_file_that_is_no_roster_says_why(desk, content, code):
    body = await desk.upload(content)
    assert (body["state"], body["refusal_code"]) == ("refused", code)
    assert body["refusal_detail"]


async def test_a_file_too_large_is_refused_at_the_door(desk):
    response = await desk.client.post(ROSTERS, files={"file": ("x.xlsx", b"x" * (MAX_FILE_BYTES + 1))})
    assert (response.status_code, response.json()["code"]) == (422, "identity.roster_file_too_large")


async def test_the_same_roster_again_changes_nothing(desk, people, facts_of):
    await desk.bring_in()
    before = await facts_of("identity", people.community_id)
    again = await desk.bring_in()
    assert all(counts == {"added": 0, "changed": 0, "removed": 0} for counts in again["changes"].values())
    assert await facts_of("identity", people.community_id) == before
    assert again["cards_waiting"] == 0


async def test_a_changed_roster_shows_and_tells_the_differences(desk, people, facts_of):
    await desk.bring_in()
    known = len(await facts_of("identity", people.community_id))
    book = Book().drop("户", "H3").drop("居民", "H3")
    book.sheets["居民"][2][4] = "19400000002"
    book.sheets["居民"].append(["H2", "王小妹", "子女", "", "", "", "", "", "2018-01-01"])
    checked = await desk.upload(book.bytes())
    assert checked["changes"]["residents"] == {"added": 1, "changed": 1, "removed": 1}
    assert checked["changes"]["households"] == {"added": 0, "changed": 0, "removed": 1}
    lines = await desk.items(f"{ROSTERS}/{checked['id']}/changes?limit=2")
    assert [(line["kind"], line["change"], line["label"], line["fields"]) for line in lines] == [
        ("households", "removed", "H3", []),
        ("residents", "removed", "H3 赵*", []),
        ("residents", "changed", "H1 李*", ["phone_index"]),
        ("residents", "added", "H2 王**", []),
    ]
    await desk.apply(checked["id"], "apply")
    told = (await facts_of("identity", people.community_id))[known:]
    changed = {fact.household_number: fact for fact in told if isinstance(fact, HouseholdChanged)}
    assert {number: (fact.status, fact.resident_count) for number, fact in changed.items()} == {
        "H1": ("active", 3),
        "H2": ("active", 2),
        "H3": ("moved_out", 0),
    }
    assert [fact.reason for fact in told if isinstance(fact, ResidentLeft)] == ["roster"]
    assert [row["number"] for row in await desk.items("/api/v1/identity/households")] == ["H1", "H2"]


async def test_what_the_roster_omits_stays_unless_removal_is_asked_for(desk):
    await desk.bring_in()
    await desk.bring_in(Book().drop("户", "H3").drop("居民", "H3"), "keep")
    assert [row["number"] for row in await desk.items("/api/v1/identity/households")] == ["H1", "H2", "H3"]


async def test_a_household_that_moved_out_can_return(desk, people, facts_of):
    await desk.bring_in()
    await desk.bring_in(Book().drop("户", "H3").drop("居民", "H3"), "apply")
    await desk.bring_in()
    rows = {row["number"]: row for row in await desk.items("/api/v1/identity/households")}
    assert (rows["H3"]["status"], rows["H3"]["resident_count"], rows["H3"]["householder_name"]) == ("active", 1, "赵*")
    registered = [f for f in await facts_of("identity", people.community_id) if isinstance(f, HouseholdRegistered)]
    assert len(registered) == 3


async def test_two_people_may_change_places(desk):
    """The householder changes, and two people of two households swap, in one import."""
    book = Book()
    residents = book.sheets["居民"]
    residents[5][3], residents[5][8] = number("00000019600101003"), ""
    await desk.bring_in(book)
    residents[1][2], residents[2][2] = "配偶", "户主"
    residents[4][0], residents[5][0] = "H3", "H2"
    await desk.bring_in(book)
    rows = {row["number"]: row["householder_name"] for row in await desk.items("/api/v1/identity/households")}
    assert rows == {"H1": "李*", "H2": "赵*", "H3": "王*"}


async def test_a_person_who_moved_is_the_same_person(desk, people, facts_of):
    await desk.bring_in()
    before = {row["name"]: row["id"] for row in await desk.items("/api/v1/identity/residents")}
    book = Book()
    book.sheets["居民"][2][:3] = ["H3", "李四", "其他"]
    await desk.bring_in(book)
    (li,) = [row for row in await desk.items("/api/v1/identity/residents") if row["name"] == "李*"]
    assert (li["id"], li["household_number"]) == (before["李*"], "H3")
    told = await facts_of("identity", people.community_id)
    assert [fact.reason for fact in told if isinstance(fact, ResidentLeft)] == ["moved"]
    counts = {row["number"]: row["resident_count"] for row in await desk.items("/api/v1/identity/households")}
    assert counts == {"H1": 2, "H2": 1, "H3": 2}


async def test_a_building_that_is_renamed_or_regridded_moves_its_households(desk, people, facts_of):
    await desk.bring_in()
    book = Book()
    book.sheets["网格楼栋"][1][:4] = ["W02", "第二网格", "L1", "甲栋"]
    applied = await desk.bring_in(book)
    assert applied["changes"]["buildings"]["changed"] == 1
    rows = {row["number"]: row for row in await desk.items("/api/v1/identity/households")}
    assert (rows["H1"]["grid_name"], rows["H1"]["address"]) == ("第二网格", "甲栋1单元101")
    residents = await desk.items(f"/api/v1/identity/residents?grid_id={rows['H1']['grid_id']}")
    assert len(residents) == 5
    assert {row["address"] for row in residents if row["household_number"] == "H2"} == {"甲栋2单元102"}


async def test_a_householder_that_stays_beside_a_new_one_refuses_the_whole_import(desk, people, facts_of):
    await desk.bring_in()
    told = await facts_of("identity", people.community_id)
    book = Book()
    book.sheets["居民"][5] = ["H3", "孙七", "户主", "", "", "", "", "", "1970-01-01"]
    book.sheets["居民"][1][4] = "19400000009"
    checked = await desk.upload(book.bytes())
    refused = await desk.apply(checked["id"], "keep")
    assert (refused["state"], refused["refusal_code"]) == ("refused", "identity.second_householder")
    assert await facts_of("identity", people.community_id) == told
    assert {row["phone"] for row in await desk.items("/api/v1/identity/residents?is_party_member=true")} == {
        "194****0001"
    }


async def test_a_check_that_time_overtook_is_not_applied(desk):
    stale = await desk.upload(Book().bytes())
    await desk.bring_in()
    outdated = await desk.apply(stale["id"])
    assert (outdated["state"], outdated["refusal_code"]) == ("outdated", "identity.roster_outdated")
    assert len(await desk.items("/api/v1/identity/households")) == 3


async def test_an_import_is_applied_once(desk):
    applied = await desk.bring_in()
    again = await desk.client.post(f"{ROSTERS}/{applied['id']}/applications", json={})
    assert again.status_code == 409
    assert again.json()["allowed"] == []


async def test_an_upload_can_be_discarded(desk):
    checked = await desk.upload(Book().bytes())
    discarded = await desk.client.post(f"{ROSTERS}/{checked['id']}/discards")
    assert discarded.json()["state"] == "discarded"


async def test_a_checked_roster_nobody_applies_is_forgotten(desk, sweep, clock):
    checked = await desk.upload(Book().bytes())
    await sweep("identity", "discard_stale_rosters")
    assert (await desk.work(checked["id"]))["state"] == "checked"
    clock.advance(timedelta(days=7, minutes=1))
    await sweep("identity", "discard_stale_rosters")
    clock.advance(-timedelta(days=7, minutes=1))
    assert (await desk.work(checked["id"]))["state"] == "discarded"


async def test_the_cards_are_handed_out_once(desk):
    applied = await desk.bring_in()
    taken = await desk.client.post(f"{ROSTERS}/{applied['id']}/card_lists")
    cards = taken.json()["cards"]
    assert [card["household_number"] for card in cards] == ["H1", "H2", "H3"]
    assert len({card["code"] for card in cards}) == 3
    assert all(len(card["code"].replace(" ", "")) == 12 for card in cards)
    again = await desk.client.post(f"{ROSTERS}/{applied['id']}/card_lists")
    assert (again.status_code, again.json()["code"]) == (410, "identity.cards_already_taken")


async def test_the_same_key_uploads_once(desk):
    headers = {"Idempotency-Key": "upload-1"}
    first = await desk.client.post(ROSTERS, files={"file": ("a.xlsx", Book().bytes())}, headers=headers)
    second = await desk.client.post(ROSTERS, files={"file": ("a.xlsx", Book().bytes())}, headers=headers)
    assert second.json()["id"] == first.json()["id"]
    assert len(await desk.items(ROSTERS)) == 1


async def test_the_template_and_the_columns_are_offered(desk):
    template = await desk.client.get(f"{ROSTERS}/template")
    assert load_workbook(io.BytesIO(template.content)).sheetnames[1:] == [sheet.value for sheet in COLUMNS]
    columns = (await desk.client.get(f"{ROSTERS}/columns")).json()
    assert len(columns) == sum(map(len, COLUMNS.values()))
    assert {"sheet", "title", "help", "is_required"} <= columns[0].keys()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COMMUNITY_ADMIN])
async def test_only_the_administrator_imports(role, client_for, people):
    client = client_for("identity", people.staff(role))
    missing = f"{ROSTERS}/{new_id()}"
    for response in (
        await client.post(ROSTERS, files={"file": ("a.xlsx", b"x")}),
        await client.get(ROSTERS),
        await client.get(missing),
        await client.post(f"{missing}/applications", json={}),
        await client.post(f"{missing}/discards"),
        await client.post(f"{missing}/card_lists"),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "forbidden")


async def test_a_visitor_gets_nothing(client_for):
    assert (await client_for("identity").get(ROSTERS)).status_code == 401
    assert (await client_for("identity").get(f"{ROSTERS}/template")).status_code == 401


async def test_another_community_does_not_exist(desk, client_for, strangers):
    applied = await desk.bring_in()
    rows = await desk.items("/api/v1/identity/households")
    residents = await desk.items("/api/v1/identity/residents")
    stranger = client_for("identity", strangers.staff(Role.COMMUNITY_ADMIN))
    own = f"{ROSTERS}/{applied['id']}"
    for response in (
        await stranger.get(own),
        await stranger.get(f"{own}/problems"),
        await stranger.get(f"{own}/changes"),
        await stranger.post(f"{own}/applications", json={}),
        await stranger.post(f"{own}/discards"),
        await stranger.post(f"{own}/card_lists"),
        await stranger.get(f"/api/v1/identity/households/{rows[0]['id']}"),
        await stranger.get(f"/api/v1/identity/households/{rows[0]['id']}/entries"),
        await stranger.get(f"/api/v1/identity/residents/{residents[0]['id']}"),
    ):
        assert response.status_code == 404
    for path in (
        ROSTERS,
        "/api/v1/identity/households",
        "/api/v1/identity/residents",
        "/api/v1/identity/buildings",
        "/api/v1/identity/units",
    ):
        assert (await stranger.get(path)).json()["items"] == []
    assert (await stranger.get("/api/v1/identity/grids")).json() == []


async def test_nothing_personal_lies_readable_in_the_database(desk, apps, people):
    await desk.bring_in()
    async with apps.runtime("identity").database.worker.connect() as connection:
        for table in (
            "resident",
            "household",
            "household_entry",
            "outbox",
            "roster_change",
            "roster_import",
            "roster_card",
        ):
            rows = await connection.execute(
                text(f"SELECT t::text FROM identity.{table} t WHERE community_id = :id"), {"id": people.community_id}
            )
            dumped = "\n".join(row[0] for row in rows)
            assert dumped
            for secret in (ZHANG, LI, "19400000001", "19400000003"):
                assert secret not in dumped


async def test_the_file_is_gone_when_the_import_has_ended(desk, apps, people):
    checked = await desk.upload(Book().bytes())
    count = text("SELECT count(*) FROM identity.roster_file WHERE community_id = :id")
    async with apps.runtime("identity").database.worker.connect() as connection:
        assert (await connection.execute(count, {"id": people.community_id})).scalar_one() == 1
    await desk.apply(checked["id"])
    async with apps.runtime("identity").database.worker.connect() as connection:
        assert (await connection.execute(count, {"id": people.community_id})).scalar_one() == 0


async def test_an_identity_number_filled_in_later_names_the_same_person(desk):
    await desk.bring_in()
    before = {row["name"]: row["id"] for row in await desk.items("/api/v1/identity/residents")}
    book = Book()
    book.sheets["居民"][5][3] = number("00000019600101003")
    book.sheets["居民"][5][8] = ""
    applied = await desk.bring_in(book)
    assert applied["changes"]["residents"] == {"added": 0, "changed": 1, "removed": 0}
    after = {row["name"]: (row["id"], row["identity_number"]) for row in await desk.items("/api/v1/identity/residents")}
    assert after["赵*"][0] == before["赵*"]
    assert after["赵*"][1].startswith("000")


async def test_a_worker_that_dies_leaves_nothing_half_applied(desk, people, facts_of, monkeypatch):
    checked = await desk.upload(Book().bytes())
    issue = bindings.issue_card_codes

    async def die(**_: object) -> None:
        raise OSError

    monkeypatch.setattr(bindings, "issue_card_codes", die)
    applying = await desk.apply(checked["id"])
    assert (applying["state"], applying["is_stuck"]) == ("applying", False)
    assert applying["progress"]["phase"] == "making_cards"
    assert await desk.items("/api/v1/identity/households") == []
    assert await facts_of("identity", people.community_id) == []
    monkeypatch.setattr(bindings, "issue_card_codes", issue)
    assert (await desk.work(checked["id"]))["state"] == "applied"
    assert len(await desk.items("/api/v1/identity/households")) == 3


async def test_after_three_failures_a_person_is_asked(desk, monkeypatch):
    checked = await desk.upload(Book().bytes())
    tried = 0

    async def die(**_: object) -> None:
        nonlocal tried
        tried += 1
        raise OSError

    monkeypatch.setattr(bindings, "issue_card_codes", die)
    body = await desk.apply(checked["id"])
    for _ in range(3):
        body = await desk.work(checked["id"])
    assert (body["state"], body["is_stuck"], tried) == ("applying", True, 3)


async def test_the_codes_are_not_kept_for_a_replay(desk, apps, people):
    applied = await desk.bring_in()
    url, headers = f"{ROSTERS}/{applied['id']}/card_lists", {"Idempotency-Key": "cards-1"}
    first = await desk.client.post(url, headers=headers)
    code = first.json()["cards"][0]["code"]
    async with apps.runtime("identity").database.worker.connect() as connection:
        rows = await connection.execute(
            text("SELECT body FROM identity.idempotency WHERE community_id = :id AND body IS NOT NULL"),
            {"id": people.community_id},
        )
        assert not any(code.encode() in row.body for row in rows)
    again = await desk.client.post(url, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "identity.secret_shown_once")
    other = await desk.client.post(f"{ROSTERS}/{new_id()}/card_lists", headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_two_workers_apply_an_import_once(desk, sweep, people, facts_of):
    checked = await desk.upload(Book().bytes())
    await desk.client.post(f"{ROSTERS}/{checked['id']}/applications", json={})
    await asyncio.gather(*(sweep("identity", "work_on_rosters") for _ in range(3)))
    assert (await desk.work(checked["id"]))["state"] == "applied"
    facts = await facts_of("identity", people.community_id)
    assert sum(isinstance(fact, HouseholdRegistered) for fact in facts) == 3
    assert sum(isinstance(fact, ResidentJoined) for fact in facts) == 5
