"""The README says what the code does: its diagrams and its table of refusals are those of the code."""

import importlib
import inspect
from pathlib import Path

import pytest

from shared.kernel.errors import DomainError
from shared.problems import status_of

SERVICE = Path(__file__).parents[2] / "services" / "proposals"
README = (SERVICE / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", ["concerns", "proposals", "processes", "meetings", "rounds", "notices"])
def test_diagrams_are_drawn_from_the_tables(part: str) -> None:
    life = importlib.import_module(f"services.proposals.{part}.domain").LIFE
    assert life.mermaid() in README


def refusals() -> dict[str, type[DomainError]]:
    found = {}
    for path in SERVICE.glob("*/*.py"):
        if path.parent.name != "migrations":
            module = importlib.import_module(f"services.proposals.{path.parent.name}.{path.stem}")
            for _, thing in inspect.getmembers(module, inspect.isclass):
                if issubclass(thing, DomainError) and thing.__module__.startswith("services.proposals"):
                    found[thing.code] = thing
    return found


def test_every_refusal_is_listed_with_its_status() -> None:
    listed = {line for line in README.splitlines() if line.startswith("| `proposals.")}
    assert listed == {f"| `{code}` | {status_of(error)} | {error.title} |" for code, error in refusals().items()}


def test_every_refusal_fills_in_its_sentence() -> None:
    for code, error in refusals().items():
        assert (
            "{" not in error.detail or error(**dict.fromkeys(facts_named(error.detail), 1)).message.count("{") == 0
        ), code


def facts_named(detail: str) -> list[str]:
    import string

    return [name for _, name, _, _ in string.Formatter().parse(detail) if name]
