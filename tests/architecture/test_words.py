"""Every state and every action of every life cycle has a word an old neighbour reads; no refusal shows a word of programs."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.state_machine import StateMachine, Worded

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff“”，、（）]+")

Machine = StateMachine[Any, Any, Any]


def machines() -> dict[str, Machine]:
    """Return every life cycle of every service, by where it is written."""
    found: dict[str, Machine] = {}
    for path in sorted((ROOT / "services").rglob("*.py")):
        if "= StateMachine" in (text := path.read_text(encoding="utf-8")) or ": StateMachine" in text:
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            found |= {f"{module.__name__}.{name}": v for name, v in vars(module).items() if isinstance(v, StateMachine)}
    return found


LIVES = machines()


def kinds(machine: Machine) -> Iterator[type[Worded]]:
    """Return the enum of the states and that of the actions."""
    yield type(next(iter(machine.transitions.values())))
    yield type(next(iter(machine.actors)))


def wordless(kind: type[Worded]) -> list[str]:
    """Return the members that have no Chinese word of their own."""
    words = [member.word for member in kind]
    return [m.value for m in kind if not CHINESE.fullmatch(m.word) or words.count(m.word) > 1]


def test_every_life_cycle_is_found() -> None:
    files = [p for p in (ROOT / "services").rglob("*.py") if "transitions={" in p.read_text(encoding="utf-8")]
    assert {name.rpartition(".")[0] for name in LIVES} == {
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files
    }
    assert len(LIVES) > 25


@pytest.mark.parametrize("name", LIVES)
def test_every_state_and_action_has_a_word(name: str) -> None:
    for kind in kinds(LIVES[name]):
        assert wordless(kind) == [], kind


def test_a_life_without_words_is_told() -> None:
    class Bad(Worded):
        OPEN = "open", "open"
        DONE = "done", "done 已办结"
        DROPPED = "dropped", "已放弃"
        LOST = "lost", "已放弃"
        FINE = "fine", "正常"

    assert wordless(Bad) == ["open", "done", "dropped", "lost"]


def test_a_member_without_a_word_does_not_come_to_be() -> None:
    def define() -> None:
        class Worse(Worded):
            OPEN = "open"

    with pytest.raises(TypeError):
        define()
