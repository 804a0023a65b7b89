"""The export proves itself offline, and names whatever was altered in it."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.points.ledger import verify as verifier
from services.points.ledger.domain import AccountKind, SystemAccount
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books

PATH = "/api/v1/points/export"
Rows = list[dict[str, Any]]
ROOT = Path(__file__).parents[3]


MADE: list[bytes] = []
"""The export all tests of this file look at; none of them changes what is in it."""


@pytest.fixture
async def bundle(
    client_for: ClientFor, people: People, books: Books, open_household: OpenHousehold, clock: Any
) -> bytes:
    """An export of books in which everything happened once, sealed in the middle and at the end."""
    if MADE:
        return MADE[0]
    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    household, merchant = await open_household(), await books.open(AccountKind.MERCHANT, new_id())
    earned = await books.earn(
        household, 15, acting_account_id=new_id(), rule_version=2, summary="🌳 植树 | مرحبا '; --"
    )
    await supervisor.post("/api/v1/points/seals")
    await books.reverse(earned)
    hold = await books.hold(household, 20, clock.now() + timedelta(days=1))
    await books.capture(hold, merchant)
    await books.post(merchant, await books.system(SystemAccount.SETTLED), 5)
    await books.deduct(household, 90)
    await open_household()
    await supervisor.post("/api/v1/points/seals")
    await books.earn(household, 4)
    response = await supervisor.get(PATH)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/zip")
    MADE.append(response.content)
    return MADE[0]


def opened(bundle: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as file:
        return json.loads(file.read("manifest.json")), {n: file.read(f"{n}.jsonl") for n in verifier.FILES}


def forged(bundle: bytes, member: str, change: Callable[[Rows], None]) -> tuple[list[str], Rows]:
    """Return what the verifier says after a change, the manifest put right as a forger would; and the rows as they were."""
    manifest, contents = opened(bundle)
    rows: Rows = [json.loads(line) for line in contents[member].decode().splitlines()]
    before: Rows = json.loads(json.dumps(rows))
    change(rows)
    contents[member] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    manifest["files"][f"{member}.jsonl"] = {"sha256": hashlib.sha256(contents[member]).hexdigest(), "rows": len(rows)}
    return verifier.verify(manifest, contents)[0], before


def with_kind(rows: Rows, kind: str) -> dict[str, Any]:
    return next(row for row in rows if row["kind"] == kind)


def live(rows: Rows) -> dict[str, Any]:
    """Return the first line of an account that carries a balance."""
    return next(row for row in rows if row["version"] is not None)


async def test_untouched_books_verify(bundle: bytes) -> None:
    problems, report = verifier.verify(*opened(bundle))

    assert problems == []
    assert "2 个封签" in report[0]


async def test_it_runs_alone(bundle: bytes, tmp_path: Path) -> None:
    """The program in the export itself, by an interpreter that sees nothing but the standard library, far from the project."""
    (tmp_path / "books.zip").write_bytes(bundle)
    with zipfile.ZipFile(tmp_path / "books.zip") as file:
        file.extract("verify.py", tmp_path)

    def run(*arguments: str) -> Any:
        command = [sys.executable, "-I", "-S", "verify.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)

    good = run("books.zip")
    seal = json.loads(opened(bundle)[1]["seals"].decode().splitlines()[0])
    (tmp_path / "broken.zip").write_bytes(bundle[:200])

    assert (good.returncode, good.stderr) == (0, "")
    assert "核验通过" in good.stdout
    assert "verified" in good.stdout
    assert run("books.zip", "--seal", verifier.code_of(seal)).returncode == 0
    unknown = run("books.zip", "--seal", "0000 0000 0000 0000")
    assert (unknown.returncode, "没有一个封签是公告上的" in unknown.stdout) == (1, True)
    assert run("broken.zip").returncode == 2
    assert run("missing.zip").returncode == 2
    assert run().returncode == 2


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "services.points.ledger.verify", str(tmp_path / "none.zip")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)

    assert (result.returncode, "读不出来" in result.stdout) == (2, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("summary", "别的事"),
        ("actor", None),
        ("rule_version", 3),
        ("event_at", "2026-05-12T01:00:00.000000+00:00"),
        ("kind", "award"),
        ("source", "00000000-0000-0000-0000-000000000001"),
    ],
)
async def test_an_altered_transfer_is_named_by_its_line(bundle: bytes, field: str, value: object) -> None:
    problems, rows = forged(bundle, "transfers", lambda rows: with_kind(rows, "claim").update({field: value}))
    entries = [json.loads(line) for line in opened(bundle)[1]["entries"].decode().splitlines()]
    line = next(e for e in entries if e["transfer"] == with_kind(rows, "claim")["id"] and e["version"] is not None)

    assert any(line["id"] in problem and line["account"] in problem for problem in problems)


@pytest.mark.parametrize(
    ("member", "change", "named"),
    [
        ("transfers", lambda rows: with_kind(rows, "claim").update(amount=16), lambda rows: with_kind(rows, "claim")["id"]),
        ("transfers", lambda rows: rows.remove(with_kind(rows, "claim")), lambda rows: with_kind(rows, "claim")["id"]),
        ("transfers", lambda rows: with_kind(rows, "reversal").update(reverses=with_kind(rows, "opening")["id"]), lambda rows: with_kind(rows, "reversal")["id"]),
        ("entries", lambda rows: live(rows).update(amount=7), lambda rows: live(rows)["account"]),
        ("entries", lambda rows: live(rows).update(created_at="2020-01-01T00:00:00.000000+00:00"), lambda rows: live(rows)["account"]),
        ("entries", lambda rows: rows.remove(live(rows)), lambda rows: live(rows)["account"]),
        ("entries", lambda rows: rows.append(rows[-1] | {"account": "none", "version": 1, "transfer": None}), lambda rows: "none"),
        ("accounts", lambda rows: with_kind(rows, "merchant").update(available=50), lambda rows: with_kind(rows, "merchant")["id"]),
        ("accounts", lambda rows: rows.remove(with_kind(rows, "merchant")), lambda rows: with_kind(rows, "merchant")["id"]),
        ("seals", lambda rows: rows[0].update(made_at="2020-01-01T00:00:00.000000+00:00"), lambda rows: "seal 1"),
        ("seals", lambda rows: rows.pop(0), lambda rows: "seal 2"),
        ("seals", lambda rows: rows[1]["totals"]["spendable"].update(household=9), lambda rows: "seal 2"),
        ("leaves", lambda rows: rows[0].update(amount=1), lambda rows: rows[0]["account"]),
        ("leaves", lambda rows: rows.pop(), lambda rows: "seal 2"),
    ],
)  # fmt: skip
async def test_whatever_is_altered_is_named(
    bundle: bytes, member: str, change: Callable[[Rows], None], named: Callable[[Rows], str]
) -> None:
    problems, rows = forged(bundle, member, change)

    assert any(named(rows) in problem for problem in problems), problems


async def test_an_altered_file_is_told_by_the_manifest(bundle: bytes) -> None:
    manifest, contents = opened(bundle)
    contents["transfers"] = contents["transfers"].replace("植树".encode(), "植草".encode())

    problems, _ = verifier.verify(manifest, contents)

    assert "transfers.jsonl" in problems[0]
    assert verifier.verify(manifest | {"format": "other"}, contents)[0][0].startswith("不是")


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.STOREKEEPER, Role.ASSESSOR, Role.GRID_WORKER])
async def test_only_who_watches_may_export(client_for: ClientFor, people: People, role: Role) -> None:
    response = await client_for("points", people.staff(role)).get(PATH)

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


async def test_an_export_holds_one_community(bundle: bytes, client_for: ClientFor, strangers: People) -> None:
    response = await client_for("points", strangers.staff(Role.SUPERVISOR)).get(PATH)

    manifest, contents = opened(response.content)
    assert manifest["community"] == str(strangers.community_id)
    assert set(contents.values()) == {b""}
    assert verifier.verify(manifest, contents)[0] == []
