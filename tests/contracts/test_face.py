"""The API does not change unseen: what the world reads is compared with what was recorded."""

import difflib
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.contracts.face import FOLDER, faces

WHAT_TO_DO = (
    "The API changed. When that is meant: run `make openapi`, read the difference it makes below tests/contracts/openapi as a client would"
    " (a member or a code that goes away breaks programs of others), and commit it with the change."
)


def changes(recorded: dict[str, str], told: dict[str, str]) -> list[str]:
    """Return the lines that differ, by file."""
    return [
        line
        for name in sorted({*recorded, *told})
        for line in difflib.unified_diff(
            recorded.get(name, "").splitlines(), told.get(name, "").splitlines(), name, name, lineterm="", n=1
        )
    ]


def test_the_api_is_the_recorded_one(document: dict[str, Any]) -> None:
    recorded = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt")}
    difference = changes(recorded, faces(document))
    assert not difference, "\n".join([WHAT_TO_DO, *difference[:60]])


def test_every_change_that_breaks_a_client_leaves_a_line(document: dict[str, Any]) -> None:
    before = faces(document)
    path = "/api/v1/points/redemptions"
    operation = document["paths"][path]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    answer = operation["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    breaking: tuple[Callable[[dict[str, Any]], object], ...] = (
        lambda d: d["paths"].pop(path),
        lambda d: d["paths"][path]["post"].update(operationId="buy"),
        lambda d: d["paths"][path]["post"].update(security=[]),
        lambda d: d["paths"][path]["post"]["responses"].pop("201"),
        lambda d: d["paths"][path]["post"]["responses"].pop("404"),
        lambda d: d["paths"][path]["get"]["parameters"].pop(),
        lambda d: d["components"]["schemas"][body]["required"].pop(),
        lambda d: d["components"]["schemas"][body]["properties"].popitem(),
        lambda d: d["components"]["schemas"][answer]["properties"]["id"].update(format="other"),
    )
    for change in breaking:
        changed = deepcopy(document)
        change(changed)
        assert changes(before, faces(changed)), change
    worded = deepcopy(document)
    worded["paths"][path]["post"].update(summary="x", description="x")
    assert changes(before, faces(worded)) == []
