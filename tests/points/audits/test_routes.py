"""The audit finds what a hand in the database changed, and only those who watch may ask."""

import json
import re
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.points.audits.domain import Invariant
from services.points.audits.repository import CHECKS
from services.points.audits.usecases import SECONDS_ASKED
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.store_kit import StoreKit, redeem

PATH = "/api/v1/points/audit"


async def test_clean_books(
    client_for: ClientFor, people: People, store: StoreKit, open_household: OpenHousehold
) -> None:
    await redeem(store.household(await open_household()), await store.stock())

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    assert (audit["is_clean"], audit["breaches"]) == (True, [])
    assert all(invariant["is_kept"] for invariant in audit["invariants"])
    assert audit["last_night"] is None


async def test_books_of_many_years_are_given_more_time(
    client_for: ClientFor, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = "SELECT 1 AS subject, (SELECT setting FROM pg_settings WHERE name = 'statement_timeout') AS found"
    monkeypatch.setattr("services.points.audits.repository.CHECKS", {Invariant.I1: allowed})

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    assert [one["found"] for one in audit["breaches"]] == [str(SECONDS_ASKED * 1000)]


@pytest.mark.parametrize("role", [Role.STOREKEEPER, Role.ASSESSOR, Role.RESIDENT])
async def test_others_may_not_ask(client_for: ClientFor, people: People, role: Role) -> None:
    assert (await client_for("points", people.staff(role)).get(PATH)).status_code == 403


ROW = "INSERT INTO points.{0} SELECT (jsonb_populate_record(NULL::points.{0}, '{1}'::jsonb || jsonb_build_object('community_id', $1::uuid))).*"
NOW = "2026-05-11T01:00:00Z"


def row(table: str, **facts: Any) -> str:
    """Return the statement that puts a row of a test's making into a table."""
    ids = {name: str(UUID(int=7)) for name in ("id", "period_id", "source_id", "budget_id") if name not in facts}
    return ROW.format(table, json.dumps(ids | facts, ensure_ascii=False))


def claim(**facts: Any) -> str:
    """Return the statement that puts a claim where nobody claimed anything."""
    given = {
        **dict.fromkeys(("household_id", "grid_id", "building_id", "account_id"), str(UUID(int=8))),
        **dict.fromkeys(("item_code", "item_name", "verifier", "place", "note", "reason"), "x"),
        **dict.fromkeys(("rulebook_version", "quantity", "points", "panel_quorum", "notice_days", "appeal_days"), 1),
        "is_on_behalf": False,
        "member_ids": [],
        "photo_ids": [],
        "group": "plus",
        "happened_on": "2026-05-10",
        "state": "posted",
        "created_at": NOW,
        "posted_at": NOW,
        "notice_ends_at": NOW,
    }
    return row("claim", **given | facts)


PERIOD = row(
    "period",
    **dict.fromkeys(("opened_by", "reviewed_by", "sealed_by"), str(UUID(int=8))),
    **dict.fromkeys(("opened_at", "reviewed_at", "publicised_at", "sealed_at", "objections_until"), NOW),
    number=1,
    name="五六月",
    begins_on="2026-05-01",
    ends_on="2026-06-30",
    notice_days=5,
    edition=1,
    state="sealed",
    root="x",
    reason="",
    publicised_by=str(UUID(int=9)),
)
EDITION = row(
    "statement_edition",
    edition=1,
    name="五六月",
    begins_on="2026-05-01",
    ends_on="2026-06-30",
    households=1,
    root="x",
    begins_at="2026-04-30T16:00:00Z",
    ends_at="2026-06-30T16:00:00Z",
    made_at=NOW,
)
TOTALS = (
    "INSERT INTO points.statement_total SELECT (jsonb_populate_record(NULL::points.statement_total, to_jsonb(n) || jsonb_build_object("
    f"'community_id', $1::uuid, 'period_id', '{UUID(int=7)}', 'edition', 1, 'spendable_closing', n.spendable_closing + 5,"
    " 'spendable_opening', n.spendable_opening + 5))).*"
    " FROM points.period_totals($1, '2026-04-30T16:00:00Z', '2026-06-30T16:00:00Z', NULL, NULL) n"
)
BOUGHT = "UPDATE points.redemption SET state = 'picked_up', handed_over_by = account_id, ended_at = created_at WHERE community_id = $1"

DAMAGE: dict[str, tuple[str, ...]] = {
    "I1": ("UPDATE points.entry SET amount = amount + 5 WHERE community_id = $1 AND version IS NULL",),
    "I2": (
        "UPDATE points.account SET available = available + 5 WHERE community_id = $1 AND asset = 'standing' AND kind = 'household'",
    ),
    "I3": (
        (
            "UPDATE points.account SET held = held + 5, available = available - 5 WHERE community_id = $1 AND asset = 'spendable'"
            " AND kind = 'household'"
        ),
    ),
    "I4": ("UPDATE points.lot SET remaining = remaining - 1 WHERE community_id = $1",),
    "I5": ("UPDATE points.lot SET remaining = amount WHERE community_id = $1",),
    "I6": ("UPDATE points.hold SET expires_at = expires_at - interval '30 days' WHERE community_id = $1",),
    "I7": (
        (
            "INSERT INTO points.transfer SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'reverses_id', t.id,"
            " 'source_id', gen_random_uuid(), 'amount', t.amount + 1))).* FROM points.transfer t WHERE t.community_id = $1 AND asset = 'spendable'"
        ),
    ),
    "I8": ("UPDATE points.stock_bucket SET available = available - 1 WHERE community_id = $1",),
    "I9": ("UPDATE points.redemption SET state = 'cancelled' WHERE community_id = $1",),
    "I10": ("UPDATE points.idempotency SET body = NULL WHERE community_id = $1",),
    "I11": ("UPDATE points.quota SET used = 0 WHERE community_id = $1",),
    "I12": (
        "UPDATE points.entry SET created_at = created_at - interval '1 day' WHERE community_id = $1 AND version = 1",
    ),
    "I13": (PERIOD, EDITION, TOTALS),
    "I14": ("UPDATE points.seal SET totals = jsonb_set(totals, '{spendable,household}', '1') WHERE community_id = $1",),
    "I15": (BOUGHT,),
    "I16": (claim(notice_ends_at="2026-05-11T01:00:01Z"),),
    "I17": (
        row(
            "fund_account",
            fund_id=str(UUID(int=7)),
            kind="fund",
            name="没有来路的钱",
            source="donation",
            balance_fen=500,
            opened_at=NOW,
        ),
    ),
}

MORE_DAMAGE = {
    "I12": ("UPDATE points.transfer SET summary = summary || '。' WHERE community_id = $1 AND kind = 'opening'",),
    "I14": (
        row(
            "budget",
            name="x",
            fund_id=str(UUID(int=8)),
            amount=10,
            charged=4,
            decision="x",
            revision=1,
            starts_on="2026-01-01",
            ends_on="2026-12-31",
            created_at=NOW,
            changed_at=NOW,
            **dict.fromkeys(("created_by", "changed_by"), str(UUID(int=8))),
        ),
    ),
    "I15": (
        claim(),
        row(
            "claim_vote",
            claim_id=str(UUID(int=7)),
            account_id=str(UUID(int=8)),
            is_approved=True,
            reason="",
            cast_at=NOW,
        ),
    ),
    "I16": (claim(notice_ends_at=None),),
}
PROPOSED_AND_VOTED = (
    row(
        "board_entry",
        board="honour",
        state="proposed",
        proposed_at=NOW,
        **dict.fromkeys(("household_id", "proposed_by"), str(UUID(int=8))),
        tone="needs_help",
        **dict.fromkeys(("title", "reason", "objection", "answer"), "x"),
        **dict.fromkeys(("panel_quorum", "cure_days", "listing_days"), 3),
    ),
    row(
        "board_vote",
        entry_id=str(UUID(int=7)),
        account_id=str(UUID(int=8)),
        is_approved=True,
        reason="",
        cast_at=NOW,
    ),
)
OTHER_JUDGES = {
    "an objection answered": row(
        "claim_objection",
        claim_id=str(UUID(int=42)),
        made_at=NOW,
        answered_at=NOW,
        is_upheld=False,
        **dict.fromkeys(("reason", "answer"), "x"),
        **dict.fromkeys(("account_id", "household_id"), str(UUID(int=8))),
        answered_by=str(UUID(int=30)),
    ),
    "an objection of one's own answered": row(
        "claim_objection",
        claim_id=str(UUID(int=43)),
        made_at=NOW,
        answered_at=NOW,
        is_upheld=True,
        **dict.fromkeys(("reason", "answer"), "x"),
        account_id=str(UUID(int=8)),
        household_id=str(UUID(int=31)),
        answered_by=str(UUID(int=30)),
    ),
    "an appeal answered": row(
        "claim_appeal",
        claim_id=str(UUID(int=42)),
        made_at=NOW,
        ended_at=NOW,
        state="upheld",
        **dict.fromkeys(("reason", "answer"), "x"),
        **dict.fromkeys(("account_id", "household_id"), str(UUID(int=8))),
        answered_by=str(UUID(int=30)),
    ),
    "a round's objection answered": row(
        "period_objection",
        made_at=NOW,
        answered_at=NOW,
        is_upheld=True,
        **dict.fromkeys(("reason", "answer"), "x"),
        account_id=str(UUID(int=8)),
        household_id=str(UUID(int=31)),
        answered_by=str(UUID(int=30)),
    ),
}
NOTHING_CAME = {"state": "withdrawn", "posted_at": None, "notice_ends_at": None}
EARLIER = "2026-05-10T01:00:00Z"
OWN = {"account_id": str(UUID(int=30)), "household_id": str(UUID(int=31))}
KIN = OWN | {"relation": "兄弟", "declared_by": str(UUID(int=30)), "declared_at": EARLIER}
TIES = {
    "own household": (True, claim(id=str(UUID(int=40)), created_at=EARLIER, **OWN, **NOTHING_CAME)),
    "declared kin": (True, row("kinship", **KIN)),
    "kin no more": (False, row("kinship", **KIN, ended_at="2026-05-10T02:00:00Z", ended_by=str(UUID(int=30)))),
    "kin declared afterwards": (False, row("kinship", **KIN | {"declared_at": NOW})),
}
MORE_DAMAGE_OF_I15 = {
    "a later act for another household frees": (0, "2026-05-10T01:00:00Z", "2026-05-10T02:00:00Z"),
    "an act for another household before says nothing": (1, "2026-05-10T02:00:00Z", "2026-05-10T01:00:00Z"),
    "an act afterwards says nothing": (0, "2026-05-12T01:00:00Z", "2026-05-12T02:00:00Z"),
}


def test_every_invariant_is_broken_by_a_test() -> None:
    assert list(DAMAGE) == [invariant.name for invariant in Invariant] == [f"I{n}" for n in range(1, 18)]
    assert set(CHECKS) == set(Invariant)


@pytest.mark.breaks_books
@pytest.mark.parametrize(("code", "damage"), [*DAMAGE.items(), *MORE_DAMAGE.items(), ("I15", PROPOSED_AND_VOTED)])
async def test_a_hand_in_the_database_is_named(
    client_for: ClientFor,
    people: People,
    store: StoreKit,
    open_household: OpenHousehold,
    database_url: str,
    code: str,
    damage: tuple[str, ...],
) -> None:
    await redeem(store.household(await open_household()), await store.stock(), key="once")
    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    assert (await supervisor.post("/api/v1/points/seals")).status_code == 201
    superuser: Any = await asyncpg.connect(database_url)
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        for statement in damage:
            assert (await superuser.execute(statement, people.community_id)).rpartition(" ")[2] != "0"
    await superuser.close()

    audit = (await supervisor.get(PATH)).json()

    assert audit["is_clean"] is False
    (told,) = {breach["code"]: breach for breach in audit["breaches"] if breach["code"] == code}.values()
    assert told["subject"]
    assert re.search("[\u4e00-\u9fff]", told["found"])
    assert not next(i for i in audit["invariants"] if i["code"] == code)["is_kept"]


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("breaches", "for_own", "for_other"), MORE_DAMAGE_OF_I15.values(), ids=MORE_DAMAGE_OF_I15.keys()
)
async def test_whose_an_account_is_shows_in_its_last_act(
    client_for: ClientFor, people: People, database_url: str, breaches: int, for_own: str, for_other: str
) -> None:
    """A judge who once lived there and has acted for another household since judges for nobody's own."""
    judge, home, other = (str(UUID(int=n)) for n in (30, 31, 32))
    nothing = {"state": "withdrawn", "posted_at": None, "notice_ends_at": None}
    acts = [
        claim(id=str(UUID(int=40)), household_id=home, account_id=judge, created_at=for_own, **nothing),
        claim(id=str(UUID(int=41)), household_id=other, account_id=judge, created_at=for_other, **nothing),
        claim(id=str(UUID(int=42)), household_id=home, account_id=str(UUID(int=33)), **nothing),
        row("claim_vote", claim_id=str(UUID(int=42)), account_id=judge, is_approved=True, reason="", cast_at=NOW),
    ]
    superuser: Any = await asyncpg.connect(database_url)
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        for act in acts:
            await superuser.execute(act, people.community_id)
    await superuser.close()

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    assert len([one for one in audit["breaches"] if one["code"] == "I15"]) == breaches


@pytest.mark.breaks_books
@pytest.mark.parametrize(("is_told", "tie"), TIES.values(), ids=TIES.keys())
@pytest.mark.parametrize("answer", OTHER_JUDGES.values(), ids=OTHER_JUDGES.keys())
async def test_who_answers_for_the_own_household_or_kin_is_named(
    client_for: ClientFor, people: People, database_url: str, answer: str, is_told: bool, tie: str
) -> None:
    acts = [
        tie,
        claim(id=str(UUID(int=43)), account_id=str(UUID(int=33)), **NOTHING_CAME),
        claim(id=str(UUID(int=42)), household_id=str(UUID(int=31)), account_id=str(UUID(int=33)), **NOTHING_CAME),
        answer,
    ]
    superuser: Any = await asyncpg.connect(database_url)
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        for act in acts:
            await superuser.execute(act, people.community_id)
    await superuser.close()

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    told = [one["found"] for one in audit["breaches"] if one["code"] == "I15"]
    assert [str(UUID(int=30)) in found for found in told] == [True] * is_told


@pytest.mark.breaks_books
async def test_who_parted_the_own_household_is_named(
    client_for: ClientFor, people: People, open_household: OpenHousehold, database_url: str
) -> None:
    """The token named no household when it was done; an act of the account shows afterwards whose it was."""
    home, new = await open_household(), await open_household()
    person = people.staff(Role.COMMUNITY_ADMIN)
    parted = {"new_household_id": str(new), "standing": 0, "spendable": 9, "reason": "分户"}
    path = f"/api/v1/points/households/{home}/splits"
    assert (await client_for("points", person).post(path, json=parted)).status_code == 201
    nothing = {"state": "withdrawn", "posted_at": None, "notice_ends_at": None}
    act = claim(household_id=str(new), account_id=str(person.account_id), created_at="2026-05-10T01:00:00Z", **nothing)
    superuser: Any = await asyncpg.connect(database_url)
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        await superuser.execute(act, people.community_id)
    await superuser.close()

    audit = (await client_for("points", people.staff(Role.SUPERVISOR)).get(PATH)).json()

    (told,) = [one for one in audit["breaches"] if one["code"] == "I15"]
    assert told["found"] == f"管理员 {person.account_id} 给自家办了合户或分户"


async def test_the_service_itself_cannot_change_a_line(
    store: StoreKit, open_household: OpenHousehold, people: People, apps: Any
) -> None:
    await open_household()
    async with apps.runtime("points").database.worker.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await raw.execute("UPDATE points.entry SET amount = 0")


async def test_not_even_the_owner_changes_a_line_by_mistake(
    store: StoreKit, open_household: OpenHousehold, database_url: str
) -> None:
    await open_household()
    superuser: Any = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.PostgresError, match="never changed"):
        await superuser.execute("DELETE FROM points.entry")
    await superuser.close()
