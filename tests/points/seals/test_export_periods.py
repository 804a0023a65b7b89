"""The export proves what was published of every sealed round, and names the statement that was altered."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.points.ledger import verify as verifier
from services.points.ledger.domain import Asset
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.round_kit import RoundKit
from tests.points.seals.test_export import Rows, forged, opened

MADE: list[bytes] = []
"""The export all tests of this file look at; none of them changes what is in it."""
ROOTS: list[str] = []
"""What was published of its two rounds."""


@pytest.fixture
async def bundle(
    client_for: ClientFor,
    people: People,
    books: Books,
    open_household: OpenHousehold,
    clock: FixedClock,
    work_in: WorkIn,
) -> bytes:
    """An export after two sealed rounds: earned, deducted beyond what was there, and in the second round a correction of the first."""
    if MADE:
        return MADE[0]
    kit = RoundKit(client_for, people, clock, work_in)
    one, other = await open_household(), await open_household()
    first = await kit.open()
    wrong = await kit.credit(one, 15)
    await books.deduct(other, 120)
    await kit.supervisor.post("/api/v1/points/seals")
    ROOTS.append((await kit.seal(first))["root"])
    second = await kit.open("2026年7—8月")
    await books.reverse(wrong)
    await kit.credit(other, 8, assets=(Asset.STANDING,))
    await open_household()
    ROOTS.append((await kit.seal(second))["root"])
    await kit.credit(one, 4)
    response = await client_for("points", people.staff(Role.SUPERVISOR)).get("/api/v1/points/export")
    assert response.status_code == 200, response.text
    MADE.append(response.content)
    return MADE[0]


def statement(rows: Rows, level: str, number: int = 0) -> dict[str, Any]:
    return [row for row in rows if row["level"] == level][number]


async def test_what_was_published_comes_out_again(bundle: bytes) -> None:
    problems, report = verifier.verify(*opened(bundle))

    assert problems == []
    assert "2 轮封账的结算单" in report[0]
    assert [line.rpartition(": ")[2] for line in report[1:3]] == ROOTS


@pytest.mark.parametrize(
    ("member", "change", "named"),
    [
        ("statements", lambda rows: statement(rows, "household").update(standing_added=16, standing_closing=116), lambda rows: statement(rows, "household")["subject"]),
        ("statements", lambda rows: statement(rows, "household").update(claims=2), lambda rows: statement(rows, "household")["subject"]),
        ("statements", lambda rows: rows.remove(statement(rows, "household", -1)), lambda rows: statement(rows, "household", -1)["subject"]),
        ("statements", lambda rows: statement(rows, "building").update(spendable_closing=1), lambda rows: statement(rows, "building")["subject"]),
        ("statements", lambda rows: statement(rows, "grid").update(households=5), lambda rows: statement(rows, "grid")["subject"]),
        ("statements", lambda rows: statement(rows, "community", -1).update(spendable_corrected=0), lambda rows: "period 2"),
        ("statements", lambda rows: rows.append(rows[0] | {"period": "none"}), lambda rows: "period none"),
        ("periods", lambda rows: rows[0].update(root="0" * 64), lambda rows: "period 1"),
        ("periods", lambda rows: rows[1].update(edition_root="0" * 64), lambda rows: "period 2"),
        ("periods", lambda rows: rows[0].update(seal_root="0" * 64), lambda rows: "period 1"),
        ("periods", lambda rows: rows[1].update(previous=None), lambda rows: "period 2"),
        ("periods", lambda rows: rows.pop(0), lambda rows: "period 2"),
    ],
)  # fmt: skip
async def test_whatever_is_altered_is_named(
    bundle: bytes, member: str, change: Callable[[Rows], None], named: Callable[[Rows], str]
) -> None:
    problems, rows = forged(bundle, member, change)

    assert any(named(rows) in problem for problem in problems), problems


async def test_points_moved_into_a_sealed_round_are_named(bundle: bytes) -> None:
    """Whoever rewrites a line with all its hashes still meets the statement of the household."""
    _, contents = opened(bundle)
    rows = {name: [json.loads(line) for line in lines.splitlines()] for name, lines in contents.items()}
    late = max((one for one in rows["transfers"] if one["kind"] == "claim"), key=lambda one: one["event_at"])
    late["event_at"] = rows["periods"][0]["begins_at"]

    assert any("period 1 is wrong" in problem for problem in verifier.check_periods(rows))
