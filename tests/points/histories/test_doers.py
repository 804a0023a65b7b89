"""Whose doing a line is, for every kind of line and everything that tells it."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Integer, Uuid

from services.points.histories.domain import EVERYBODY, ORIGINS, Origin
from services.points.ledger.domain import TransferKind
from services.points.registry import registry
from shared.ids import new_id
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.histories.conftest import MoveIn
from tests.points.ledger.books import Books

RECORDS: Mapping[TransferKind, tuple[str, dict[str, Any]]] = {
    TransferKind.CLAIM: ("claim", {"state": "verified", "group": "plus", "member_ids": ["{resident}"]}),
    TransferKind.REDEMPTION: ("redemption", {"state": "reserved", "cash_received_fen": 0, "account_id": "{account}"}),
    TransferKind.VOUCHER: ("voucher", {"state": "issued", "account_id": "{account}", "hold_id": str(new_id())}),
    TransferKind.GIG_PAY: (
        "gig_place",
        {"state": "paid", "worker_account_id": "{account}", "worker_household_id": str(new_id())},
    ),
    TransferKind.ADOPTION: ("adoption_duty", {"result": "logged", "points": 0, "account_id": "{account}"}),
    TransferKind.DELIVERY: ("delivery", {"state": "delivered", "volunteer_account_id": "{account}"}),
    TransferKind.AWARD: ("award", {"state": "nominated", "resident_id": "{resident}", "waiver_state": "none"}),
}
"""A kind of transfer for every record that tells whose doing it is: its table, and who stands in it."""


def plain(column: Column[Any]) -> Any:
    """Return what stands in a column that says nothing about whose doing it is."""
    values: dict[type[Any], Any] = {
        Uuid: str(new_id()),
        Integer: 3,
        Boolean: False,
        DateTime: "2026-05-11T01:00:00Z",
        Date: "2026-05-11",
        ARRAY: [],
    }
    return None if column.nullable else next((v for kind, v in values.items() if isinstance(column.type, kind)), "x")


async def enter(database_url: str, table: str, facts: dict[str, Any], **people: UUID) -> None:
    """Enter a record as its slice would have, without what it refers to; `people` stand where the facts name them in braces."""
    columns = registry.metadata.tables[f"points.{table}"].columns
    row = json.dumps({column.name: plain(column) for column in columns} | facts, default=str)
    for name, person in people.items():
        row = row.replace("{" + name + "}", str(person))
    superuser: Any = await asyncpg.connect(database_url)
    try:
        await superuser.execute("SET session_replication_role = replica")
        await superuser.execute(
            f"INSERT INTO points.{table} SELECT (jsonb_populate_record(NULL::points.{table}, $1)).*", row
        )
    finally:
        await superuser.close()


def test_every_record_is_tried() -> None:
    assert {ORIGINS[kind] for kind in RECORDS} == {*Origin} - {Origin.ACCOUNT}


@pytest.mark.breaks_books
@pytest.mark.parametrize("kind", RECORDS)
async def test_a_record_tells_it_and_of_its_reversal_too(
    client_for: ClientFor,
    people: People,
    open_household: OpenHousehold,
    move_in: MoveIn,
    books: Books,
    database_url: str,
    kind: TransferKind,
) -> None:
    household, resident, source = await open_household(), new_id(), new_id()
    account = await move_in(household, resident, "李**")
    table, facts = RECORDS[kind]
    ids = {"community_id": people.community_id, "id": source}
    await enter(database_url, table, ids | facts, resident=resident, account=account)
    earned = await books.earn(household, 5, kind=kind, source_id=source)
    await books.reverse(earned)

    mine = client_for("points", people.resident(household))
    rows = (await mine.get(f"/api/v1/points/households/{household}/statement")).json()["items"]

    assert [(row["kind"], row["people"], row["resident_ids"]) for row in rows] == [
        ("reversal", "李**", [str(resident)]),
        (kind, "李**", [str(resident)]),
        ("opening", EVERYBODY, []),
    ]


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("kind", "facts", "doers"),
    [
        (TransferKind.REDEMPTION, {"account_id": "{stranger}"}, EVERYBODY),
        (TransferKind.AWARD, {"resident_id": None}, EVERYBODY),
        (TransferKind.CLAIM, {"member_ids": []}, EVERYBODY),
        (TransferKind.CLAIM, {"member_ids": ["{stranger}", "{resident}"]}, "（未登记）、李**"),
    ],
)
async def test_a_record_may_tell_of_nobody_or_of_strangers(
    client_for: ClientFor,
    people: People,
    open_household: OpenHousehold,
    move_in: MoveIn,
    books: Books,
    database_url: str,
    kind: TransferKind,
    facts: dict[str, Any],
    doers: str,
) -> None:
    household, neighbour, resident, source = await open_household(), await open_household(), new_id(), new_id()
    account, stranger = await move_in(household, resident, "李**"), await move_in(neighbour, new_id(), "赵**")
    table, usual = RECORDS[kind]
    ids = {"community_id": people.community_id, "id": source}
    await enter(database_url, table, ids | usual | facts, resident=resident, stranger=stranger)
    await books.earn(household, 5, kind=kind, source_id=source, acting_account_id=account)

    mine = client_for("points", people.resident(household))
    rows = (await mine.get(f"/api/v1/points/households/{household}/statement")).json()["items"]

    assert (rows[0]["kind"], rows[0]["people"]) == (kind, doers)


async def test_what_has_no_record_is_the_doing_of_who_entered_it_if_of_this_household(
    client_for: ClientFor, people: People, open_household: OpenHousehold, move_in: MoveIn, books: Books
) -> None:
    household, neighbour = await open_household(), await open_household()
    account, stranger = await move_in(household, new_id(), "李**"), await move_in(neighbour, new_id(), "赵**")
    for kind in TransferKind:
        await books.earn(household, 1, kind=kind, acting_account_id=account)
        await books.earn(household, 1, kind=kind, acting_account_id=stranger, summary="别家")

    mine = client_for("points", people.resident(household))
    rows = (await mine.get(f"/api/v1/points/households/{household}/statement?limit=200")).json()["items"]

    told = {(row["kind"], row["summary"]): row["people"] for row in rows[:-1]}
    assert told == {
        (kind, summary): "李**" if summary == "楼道清扫" and ORIGINS[kind] is Origin.ACCOUNT else EVERYBODY
        for kind in TransferKind
        for summary in ("楼道清扫", "别家")
    }
