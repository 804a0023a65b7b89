"""Every service's README names each refusal of its own, so that whoever meets a code finds what it means."""

import importlib
import re
from pathlib import Path

import pytest

from shared.kernel.errors import DomainError
from tests.architecture.test_api import SERVICES

ROOT = Path(__file__).parents[2]


def refusals(service: str) -> dict[str, type[DomainError]]:
    """Return a service's own refusals by code."""
    found: dict[str, type[DomainError]] = {}
    for path in sorted((ROOT / "services" / service).rglob("*.py")):
        if "code = " in path.read_text(encoding="utf-8") and "migrations" not in path.parts:
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, DomainError) and value.__module__ == module.__name__:
                    found[value.code] = value
    return {code: error for code, error in found.items() if code.startswith(f"{service}.")}


def unnamed(codes: set[str], readme: str) -> set[str]:
    """Return the codes that stand nowhere in a text; `service.code` and the bare `code` in backquotes both name it."""
    named = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", readme))
    return {code for code in codes if code not in named and code.partition(".")[2] not in named}


@pytest.mark.parametrize("service", SERVICES)
def test_every_refusal_is_named(service: str) -> None:
    readme = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    codes = set(refusals(service))
    assert codes
    assert sorted(unnamed(codes, readme)) == []


def test_a_code_that_is_only_part_of_a_word_is_not_named() -> None:
    assert unnamed({"a.gone", "a.here", "a.there"}, "`a.here_not`, `there` and gone") == {"a.gone", "a.here"}


def test_every_word_of_the_glossary_is_used() -> None:
    table = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    words = {word for line in table.splitlines() if line.startswith("|") for word in re.findall(r"`([a-z_ ]+)`", line)}
    code = "\n".join(
        path.read_text(encoding="utf-8").lower()
        for folder in ("services", "shared")
        for path in (ROOT / folder).rglob("*.py")
    )
    assert len(words) > 80
    assert sorted(word for word in words if word not in code and word.replace("_", "") not in code) == []
