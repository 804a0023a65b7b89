"""A household's lines by period and by person, its balance at any moment, and the file of it all."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from services.points.ledger.domain import Asset, TransferKind
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from tests.points.claims_kit import ClaimsKit
from tests.points.conftest import OpenHousehold
from tests.points.histories.conftest import MoveIn
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit, redeem

DAY = timedelta(days=1)


@pytest.fixture
async def story(books: Books, open_household: OpenHousehold, clock: Any, move_in: MoveIn) -> Any:
    """A household: 100 on 11 May, mother earns 5 on the 12th and 7 on the 14th, father 3 on the 13th, 20 deducted on the 15th."""
    household, mother, father = await open_household(), new_id(), new_id()
    accounts = {}
    for resident, name in ((mother, "李**"), (father, "王**")):
        accounts[resident] = await move_in(household, resident, name)
    by_mother = {"kind": TransferKind.TIME_EXCHANGE, "acting_account_id": accounts[mother]}
    by_father = {"kind": TransferKind.TIME_EXCHANGE, "acting_account_id": accounts[father]}
    clock.advance(DAY)
    await books.earn(household, 5, summary="=清扫楼道", **by_mother)
    clock.advance(DAY)
    await books.earn(household, 3, **by_father)
    clock.advance(DAY)
    await books.earn(household, 7, lot_expires_at=clock.now() + 30 * DAY, **by_mother)
    clock.advance(DAY)
    await books.deduct(household, 20)
    return household, mother, father


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("", [(-20, 95), (7, 115), (3, 108), (5, 105), (100, 100)]),
        ("from_on=2026-05-12&to_on=2026-05-13", [(3, 108), (5, 105)]),
        ("from_on=2026-05-15", [(-20, 95)]),
        ("to_on=2026-05-11", [(100, 100)]),
        ("from_on=2026-05-16", []),
        ("resident_id={mother}", [(7, 115), (5, 105)]),
        ("resident_id={father}&to_on=2026-05-12", []),
        ("asset=standing", [(-20, 80), (100, 100)]),
    ],
)
async def test_lines_by_period_and_person(
    client_for: ClientFor, people: People, story: Any, query: str, lines: list[tuple[int, int]]
) -> None:
    household, mother, father = story
    client = client_for("points", people.resident(household))

    path = f"/api/v1/points/households/{household}/statement?{query.format(mother=mother, father=father)}"
    rows = (await client.get(path)).json()["items"]

    assert [(row["amount"], row["available_after"]) for row in rows] == lines


async def test_pages_keep_the_filters(client_for: ClientFor, people: People, story: Any) -> None:
    client = client_for("points", people.resident(story[0]))
    path = f"/api/v1/points/households/{story[0]}/statement?limit=1&from_on=2026-05-12&to_on=2026-05-13"
    first = (await client.get(path)).json()
    second = (await client.get(f"{path}&cursor={first['next_cursor']}")).json()

    assert [page["items"][0]["amount"] for page in (first, second)] == [3, 5]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("person", "limit", "pages"),
    [
        (None, 1, [([-20], 1), ([7], 1), ([3], 1), ([5], 1), ([100], 1)]),
        (1, 1, [([7], 2), ([5], 2)]),
        (1, 2, [([7, 5], 2)]),
        (2, 1, [([3], 2)]),
        (2, 20, [([3], 1)]),
    ],
)
async def test_a_persons_page_is_looked_for_only_as_far_back_as_it_must(
    client_for: ClientFor,
    people: People,
    story: Any,
    apps: Apps,
    person: int | None,
    limit: int,
    pages: list[tuple[list[int], int]],
) -> None:
    """Seen here: a page of one person read every line the household ever had."""
    looks: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "ORDER BY e.version DESC LIMIT" in statement:
            looks.append(statement)

    client = client_for("points", people.resident(story[0]))
    path = f"/api/v1/points/households/{story[0]}/statement?limit={limit}"
    path += "" if person is None else f"&resident_id={story[person]}"
    engine, cursor, read = apps.runtime("points").database.app.sync_engine, "", []
    event.listen(engine, "before_cursor_execute", note)
    try:
        while cursor is not None:
            page = (await client.get(f"{path}&cursor={cursor}" if cursor else path)).json()
            read.append(([row["amount"] for row in page["items"]], len(looks)))
            cursor = page["next_cursor"]
            looks.clear()
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert read == pages


@pytest.mark.parametrize(
    ("at", "balances"),
    [
        ("2026-05-10T00:00:00Z", {"standing": 0, "spendable": 0}),
        ("2026-05-11T01:00:00Z", {"standing": 100, "spendable": 100}),
        ("2026-05-13T00:59:59Z", {"standing": 100, "spendable": 105}),
        ("2026-05-15T09:00:00%2B08:00", {"standing": 80, "spendable": 95}),
    ],
)
async def test_balance_at_a_moment(
    client_for: ClientFor, people: People, story: Any, at: str, balances: dict[str, int]
) -> None:
    account = (await client_for("points", people.resident(story[0])).get(f"/api/v1/points/account?at={at}")).json()

    assert {b["asset"]: b["available"] for b in account["balances"]} == balances


async def test_who_earned_how_much(client_for: ClientFor, people: People, story: Any) -> None:
    household, mother, father = story
    client = client_for("points", people.resident(household))

    items = (await client.get(f"/api/v1/points/households/{household}/earners?from_on=2026-05-12")).json()["items"]

    assert [(i["resident_id"], i["name"], i["received"], i["spent"], i["lines"]) for i in items] == [
        (str(mother), "李**", 12, 0, 2),
        (str(father), "王**", 3, 0, 1),
        (None, "全家", 0, 20, 1),
    ]


async def test_claims_are_earned_by_who_took_part(
    client_for: ClientFor,
    people: People,
    hear: Any,
    open_household: OpenHousehold,
    move_in: MoveIn,
    clock: Any,
    sweep: Any,
) -> None:
    """Whoever entered it, on behalf or at the own phone: what counts is who took part, each in equal parts."""
    begin = clock.now()
    household, neighbour = await open_household(), await open_household()
    kit, path = ClaimsKit(client_for, people, hear), f"/api/v1/points/households/{household}"
    claimant = people.resident(household)
    mother, father, other = claimant.resident_id, new_id(), new_id()
    assert mother is not None
    for resident, home, name in (
        (mother, household, "李**"),
        (father, household, "王**"),
        (other, neighbour, "赵**"),
    ):
        await move_in(home, resident, name)
    await kit.adopt()
    worker, mine = kit.staff(Role.GRID_WORKER), kit.client(claimant)
    both = [str(father), str(mother)]

    entered = [
        await kit.enter(mine),
        await kit.enter(worker, household_id=str(household), member_ids=both),
        await kit.enter(worker, "chaotic_parking", household_id=str(household)),
    ]
    for answer in entered:
        assert answer.status_code == 201, answer.text
        await kit.publicise(answer.json()["id"])
    for stranger in (str(other), str(new_id())):
        refused = await kit.enter(mine, member_ids=[str(mother), stranger])
        assert (refused.status_code, refused.json()["code"]) == (404, "points.member_not_found")
    assert entered[0].json()["member_ids"] == [str(mother)], "nobody named: the claimant"
    clock.advance(3 * DAY)
    await sweep("points", "post_claims")
    clock.set(begin)

    items = (await mine.get(f"{path}/earners?asset=standing")).json()["items"]
    rows = (await mine.get(f"{path}/statement?asset=standing")).json()["items"]
    fathers = (await mine.get(f"{path}/statement?resident_id={father}")).json()["items"]
    as_csv = (await mine.get(f"{path}/statement/file?asset=standing&format=csv")).text

    # Of five points done by two, the odd one goes to who is named first.
    assert [(i["name"], i["received"], i["spent"], i["lines"]) for i in items] == [
        ("全家", 100, 3, 2),
        ("李**", 7, 0, 2),
        ("王**", 3, 0, 1),
    ]
    assert sorted((row["amount"], row["people"]) for row in rows) == [
        (-3, "全家"),
        (5, "李**"),
        (5, "王**、李**"),
        (100, "全家"),
    ]
    assert [(row["amount"], row["people"]) for row in fathers] == [(5, "王**、李**")]
    table = list(csv.reader(io.StringIO(as_csv.removeprefix("\ufeff"))))
    assert (table[0][8], sorted(row[8] for row in table[1:])) == ("谁挣谁用", ["全家", "全家", "李**", "王**、李**"])


async def test_what_was_redeemed_is_spent_by_who_asked_for_it(
    client_for: ClientFor, people: People, open_household: OpenHousehold, move_in: MoveIn, store: StoreKit
) -> None:
    household = await open_household()
    resident = new_id()
    account = await move_in(household, resident, "李**")
    mine = client_for("points", replace(people.resident(household), account_id=account, resident_id=resident))
    code = (await redeem(mine, await store.stock(price=30))).json()["pickup_code"]
    assert (await store.pick_up(code)).status_code == 200

    items = (await mine.get(f"/api/v1/points/households/{household}/earners")).json()["items"]

    assert [(i["name"], i["received"], i["spent"]) for i in items] == [("全家", 100, 0), ("李**", 0, 30)]


async def test_every_coming_expiry_and_what_is_owed(
    client_for: ClientFor, people: People, story: Any, books: Books, clock: Any
) -> None:
    await books.earn(story[0], 4, lot_expires_at=clock.now() + 2 * DAY)
    client = client_for("points", people.resident(story[0]))

    account = (await client.get("/api/v1/points/account")).json()

    # Twenty were deducted, and took the seven that would have expired first.
    assert [(e["points"], e["expires_at"][:10]) for e in account["expiries"]] == [(4, "2026-05-17")]
    await books.deduct(story[0], 200)
    assert (await client.get("/api/v1/points/account")).json()["arrears"] == 101


async def test_the_file_says_the_same(client_for: ClientFor, people: People, story: Any) -> None:
    client = client_for("points", people.staff(Role.SUPERVISOR))
    path = f"/api/v1/points/households/{story[0]}/statement/file"

    as_csv = await client.get(f"{path}?format=csv&from_on=2026-05-12")
    as_xlsx = await client.get(path)

    rows = list(csv.reader(io.StringIO(as_csv.text.removeprefix("\ufeff"))))
    assert rows[0][:6] == ["序号", "入账时间", "发生时间", "类别", "事由", "变动"]
    assert [(row[3], row[4], row[5], row[6]) for row in rows[1:3]] == [
        ("时间兑换", "'=清扫楼道", "5", "105"),
        ("时间兑换", "楼道清扫", "3", "108"),
    ]
    sheet = load_workbook(io.BytesIO(as_xlsx.content), read_only=True).active
    assert sheet is not None
    assert [row[6] for row in sheet.iter_rows(min_row=2, values_only=True)] == [100, 105, 108, 115, 95]


@pytest.mark.parametrize("query", ["from_on=2026-05-02&to_on=2026-05-01"])
@pytest.mark.parametrize("path", ["statement", "statement/file", "earners"])
async def test_days_in_the_wrong_order(
    client_for: ClientFor, people: People, story: Any, path: str, query: str
) -> None:
    client = client_for("points", people.resident(story[0]))

    response = await client.get(f"/api/v1/points/households/{story[0]}/{path}?{query}")

    assert (response.status_code, response.json()["code"]) == (422, "points.days_reversed")


@pytest.mark.parametrize("path", ["account", "statement", "statement/file", "earners", "verification"])
async def test_neighbours_see_nothing(client_for: ClientFor, people: People, story: Any, path: str) -> None:
    response = await client_for("points", people.resident()).get(f"/api/v1/points/households/{story[0]}/{path}")

    assert (response.status_code, response.json()["code"]) == (404, "points.account_not_found")


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("damage", "line"),
    [
        ("UPDATE points.transfer SET summary = '植树' WHERE community_id = $1 AND amount = 3", 3),
        ("UPDATE points.entry SET amount = 8 WHERE community_id = $1 AND version = 2 AND amount = 5", 2),
        ("UPDATE points.transfer SET acting_account_id = NULL WHERE community_id = $1 AND amount = 7", 4),
    ],
)
async def test_an_altered_line_is_named(
    client_for: ClientFor, people: People, story: Any, database_url: str, damage: str, line: int
) -> None:
    import asyncpg

    superuser: Any = await asyncpg.connect(database_url)
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        await superuser.execute(damage, people.community_id)
    await superuser.close()
    client = client_for("points", people.resident(story[0]))

    checked = (await client.get(f"/api/v1/points/households/{story[0]}/verification")).json()

    assert checked == {"is_sound": False, "broken_version": line}
    assert (await client.get(f"/api/v1/points/households/{story[0]}/verification?asset={Asset.STANDING}")).json()[
        "is_sound"
    ]
