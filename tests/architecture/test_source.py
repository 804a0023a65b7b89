"""The house rules over the tree as it is; and for each rule a sample that it must reject."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import rules

Rule = Callable[[Path], list[str]]

RULES: list[Rule] = [
    rules.strange_files_in_slices,
    rules.impurities,
    rules.commits,
    rules.neighbours_private_files,
    rules.missing_docstrings,
    rules.long_files,
    rules.wrong_error_codes,
]


def told(problems: list[str]) -> str:
    return "\n".join(["", *problems])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_house_keeps_its_rules(rule: Rule) -> None:
    problems = rule(rules.ROOT)
    assert not problems, told(problems)


def test_there_is_something_to_check() -> None:
    assert len(rules.services()) >= 6
    assert len(rules.slices()) >= 10
    assert len(rules.pure_files()) >= 20
    assert len(rules.sources()) >= 100
    assert len(rules.error_codes()) >= 50


GOOD_DOMAIN = '''"""Rules."""

from datetime import datetime


def decide(now: datetime) -> bool:
    """Tell whether it is time."""
    return now.year > 2000
'''


@pytest.fixture
def house(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a builder of a small house that keeps every rule, with one file added or replaced."""
    for name in ("services", "services/points", "services/points/ledger", "services/points/store", "shared", "gateway"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "services/points/ledger/domain.py").write_text(GOOD_DOMAIN)
    (tmp_path / "services/points/ledger/models.py").touch()

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path

    return put


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_house_in_order_passes(rule: Rule, house: Callable[[str, str], Path]) -> None:
    assert rule(house("shared/uow.py", "async def f(session):\n    'Commit.'\n    await session.commit()\n")) == []


SAMPLES: list[tuple[Rule, str, str]] = [
    (rules.strange_files_in_slices, "services/points/ledger/utils.py", ""),
    (rules.strange_files_in_slices, "services/points/ledger/notes.txt", "hello"),
    (rules.strange_files_in_slices, "services/points/ledger/deeper/domain.py", ""),
    (rules.impurities, "services/points/ledger/domain.py", "async def decide() -> None: ..."),
    (rules.impurities, "services/points/ledger/domain.py", "import random"),
    (rules.impurities, "services/points/ledger/domain.py", "from sqlalchemy.orm import Session"),
    (rules.impurities, "services/points/ledger/quorum.py", "import logging"),
    (rules.impurities, "services/points/ledger/quorum.py", "from time import monotonic"),
    (rules.impurities, "services/points/ledger/domain.py", "import datetime\nx = datetime.datetime.now(None)"),
    (rules.impurities, "services/points/ledger/domain.py", "from datetime import date\nx = date.today()"),
    (rules.impurities, "services/points/ledger/domain.py", "from uuid import uuid4\nx = uuid4()"),
    (rules.impurities, "services/points/ledger/domain.py", "import uuid\nx = uuid.uuid4()"),
    (rules.impurities, "services/points/ledger/errors.py", "import structlog"),
    (rules.impurities, "services/points/ledger/domain.py", "def f(p):\n    return open(p)"),
    (rules.impurities, "services/points/ledger/verifier.py", "def check():\n    print(1)"),
    (rules.impurities, "shared/kernel/values.py", "import os"),
    (rules.impurities, "shared/contracts/events.py", "import pydantic"),
    (rules.commits, "services/points/ledger/usecases.py", "async def f(uow):\n    await uow.session.commit()"),
    (rules.commits, "shared/idempotency.py", "async def f(session):\n    await session.commit()"),
    (rules.commits, "gateway/main.py", "def f(connection):\n    connection.commit()"),
    (
        rules.neighbours_private_files,
        "services/points/store/usecases.py",
        "from services.points.ledger.models import A",
    ),
    (
        rules.neighbours_private_files,
        "services/points/store/usecases.py",
        "from services.points.ledger import repository",
    ),
    (rules.missing_docstrings, "services/points/ledger/domain.py", "def decide() -> int:\n    return 1"),
    (rules.missing_docstrings, "services/points/ledger/usecases.py", "async def act() -> int:\n    return 1"),
    (rules.missing_docstrings, "services/points/ledger/repository.py", "class A:\n    def f(self):\n        return 1"),
    (rules.missing_docstrings, "shared/db.py", "def connect():\n    return 1"),
    (rules.long_files, "services/points/ledger/repository.py", "\n" * 401),
    (rules.long_files, "services/points/ledger/redeem.sql", "--\n" * 401),
    (rules.wrong_error_codes, "services/points/ledger/errors.py", "class AError(E):\n    code = 'ledger.a'"),
    (rules.wrong_error_codes, "services/points/ledger/errors.py", "class AError(E):\n    code: str = 'Points.A'"),
    (rules.wrong_error_codes, "shared/kernel/errors.py", "class AError(E):\n    code = 'points.a'"),
    (
        rules.wrong_error_codes,
        "services/points/ledger/errors.py",
        "class AError(E):\n    code = 'points.a'\nclass BError(E):\n    code = 'points.a'",
    ),
]


@pytest.mark.parametrize(
    ("rule", "name", "text"), SAMPLES, ids=[f"{rule.__name__}-{number}" for number, (rule, _, _) in enumerate(SAMPLES)]
)
def test_bad_sample_is_rejected(house: Callable[[str, str], Path], rule: Rule, name: str, text: str) -> None:
    problems = rule(house(name, text))
    assert len(problems) >= 1
    assert all(problem for problem in problems)


def test_every_rule_has_a_bad_sample() -> None:
    assert {rule for rule, _, _ in SAMPLES} == set(RULES)


def test_use_case_of_a_neighbour_is_open(house: Callable[[str, str], Path]) -> None:
    text = "from services.points.ledger.usecases import f\nfrom services.points.ledger.errors import AError"
    assert rules.neighbours_private_files(house("services/points/store/usecases.py", text)) == []


def test_nothing_tracked_names_a_registry_or_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=rules.ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    problems = rules.forbidden_text(rules.ROOT, listed.stdout.split("\0"))
    assert not problems, told(problems)


@pytest.mark.parametrize(
    "line",
    [
        "index = https://" + "pypi." + "org/simple",
        "--" + "index-url x",
        "pip install --" + "extra-index-url x",
        "see /" + "work/main/shared",
        "cp /" + "root/x .",
        "/" + "tmp/" + "w/brief",
        "https://mirrors." + "somewhere.example/",
    ],
)
def test_forbidden_text_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text(f"fine\n{line}\n")
    assert len(rules.forbidden_text(tmp_path, ["a.txt", "gone.txt"])) == 1


@pytest.mark.parametrize(
    "line", ["a checkout below /root", "https://example.com/work/x", "framework/root/x", "./work/x"]
)
def test_innocent_text_is_not(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text(line)
    (tmp_path / "b.png").write_bytes(b"\x89PNG\xff\xfe")
    assert rules.forbidden_text(tmp_path, ["a.txt", "b.png"]) == []
