"""Each lock a use case asks for is needed: where it is not asked for, the second of two who meet there is told what was true before."""

import ast
from pathlib import Path

import pytest

import services.points
from tests.points.locks.help_meetings import HELP
from tests.points.locks.meetings import ALL_AT_ONCE, Town, without
from tests.points.locks.rule_meetings import RULES
from tests.points.locks.shop_meetings import SHOPS
from tests.points.locks.store_meetings import STORE

pytestmark = pytest.mark.breaks_books

MEETINGS = HELP | SHOPS | RULES | STORE
KEPT = {
    "deliveries.take_unused_charge": "Two workers of the clock would do the same work; the budget gives back once whoever asks.",
    "expiries.take_reminders": "The order: a household's lots are written by whoever holds its account, so that nobody meets at the lots.",
    "installations.get_for_update": "The order: a redemption before its installation; the redemption's row keeps everybody else away.",
}
"""Functions that ask for a lock without which no second one is told anything wrong, and why they do."""
SERVICE = Path(services.points.__file__).parent
ASKS = ("with_for_update(", "FOR UPDATE", "FOR SHARE", "advisory_xact_lock")


@pytest.mark.parametrize("name", MEETINGS)
async def test_with_the_lock(town: Town, name: str) -> None:
    assert (await MEETINGS[name].meet(town), await town.breaches()) == (MEETINGS[name].sound, set())


@pytest.mark.parametrize("name", MEETINGS)
async def test_without_the_lock(town: Town, name: str) -> None:
    meeting = MEETINGS[name]
    with without(meeting.lock):
        told = await meeting.meet(town)

    assert (told, meeting.breaks <= await town.breaches()) == (meeting.broken, True)


def _asking(path: Path) -> set[str]:
    """Return the functions of a repository that ask for a lock, themselves or by a statement written above them."""
    tree = ast.parse(path.read_text("utf-8"))
    locking = {
        target.id
        for line in tree.body
        if isinstance(line, ast.Assign | ast.AnnAssign) and any(words in ast.unparse(line) for words in ASKS)
        for target in (line.targets if isinstance(line, ast.Assign) else [line.target])
        if isinstance(target, ast.Name)
    }
    found = set()
    for function in tree.body:
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
            body = function.body[1:] if ast.get_docstring(function) else function.body
            names = {node.id for line in body for node in ast.walk(line) if isinstance(node, ast.Name)}
            written = "\n".join(ast.unparse(line) for line in body)
            if names & locking or any(words in written for words in ASKS):
                found.add(f"{path.parent.name}.{function.name}")
    return found


def test_every_lock_of_a_use_case_is_tried_or_explained() -> None:
    found = set[str]().union(*(_asking(path) for path in SERVICE.glob("*/repository.py")))
    elsewhere = [
        str(path.relative_to(SERVICE))
        for path in SERVICE.glob("*/*.py")
        if path.name != "repository.py" and any(words in path.read_text("utf-8") for words in ASKS)
    ]

    tried = {meeting.lock for meeting in MEETINGS.values()} - set(ALL_AT_ONCE)
    assert elsewhere == [], "a lock is asked for in a repository"
    assert found == tried | KEPT.keys()
