"""Who may know whom: the contracts of import-linter over the tree, and for each a sample that it must reject."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

from tests.architecture import rules

CONFIGURATION = rules.ROOT / "pyproject.toml"
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
}


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter as a person would, in a process of its own: it imports what it looks at."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--config",
            str(CONFIGURATION),
            "--no-cache",
            "--no-logo",
            *arguments,
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_contract_is_kept() -> None:
    result = lint(rules.ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in result.stdout


BAD_SAMPLES = [
    ("slices", "services/points/ledger/repository.py", "from services.points.ledger import usecases"),
    ("slices", "services/points/ledger/domain.py", "from services.points.ledger.models import x"),
    ("slices", "services/points/ledger/usecases.py", "from services.points.ledger import schemas"),
    ("services", "services/points/main.py", "from services.media import main"),
    ("services", "services/points/ledger/usecases.py", "from services.media.assets import domain"),
    ("directions", "shared/db.py", "import services.points.main"),
    ("directions", "services/points/main.py", "import launcher"),
    ("directions", "services/points/main.py", "import gateway"),
    ("gateway", "gateway/main.py", "import sqlalchemy"),
    ("gateway", "gateway/main.py", "from services.points import main"),
    ("gateway", "gateway/main.py", "from shared import indirect"),
    ("pure", "shared/kernel/values.py", "import redis"),
    ("pure", "services/points/ledger/domain.py", "from services.points.ledger import quorum"),
]
HOUSE = {
    "services/points/ledger": ["routes", "schemas", "events", "usecases", "repository", "domain", "errors"],
    "services/points/store": [],
    "services/points": ["main"],
    "services/media/assets": ["domain"],
    "services/media": ["main"],
    "services": [],
    "shared/kernel": ["values"],
    "shared/contracts": ["events"],
    "shared": ["db", "uow"],
    "gateway": ["main"],
    "launcher": [],
    "bench": [],
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for folder, modules in HOUSE.items():
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for module in ["__init__", *modules]:
            (tmp_path / folder / f"{module}.py").touch()
    (tmp_path / "services/points/ledger/models.py").write_text("import sqlalchemy\nx = 1\n")
    (tmp_path / "services/points/ledger/quorum.py").write_text("import logging\n")
    (tmp_path / "shared/indirect.py").write_text("import asyncpg\n")
    return tmp_path


def test_house_in_order_passes(house: Path) -> None:
    result = lint(house)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("contract", "name", "line"), BAD_SAMPLES)
def test_bad_sample_is_rejected(house: Path, contract: str, name: str, line: str) -> None:
    (house / name).write_text(f"{line}\n")
    result = lint(house, "--contract", contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{CONTRACTS[contract]['name']} BROKEN" in result.stdout


def test_every_contract_has_a_bad_sample() -> None:
    assert {contract for contract, _, _ in BAD_SAMPLES} == set(CONTRACTS)


def impure_chains(graph: grimp.ImportGraph, modules: list[str]) -> list[str]:
    """Return how pure helpers reach input or output, directly or through others."""
    return [
        " -> ".join(chain)
        for module in modules
        for forbidden in CONTRACTS["pure"]["forbidden_modules"]
        if forbidden in graph.modules and (chain := graph.find_shortest_chain(module, forbidden))
    ]


def test_helpers_of_domains_are_pure_through_and_through() -> None:
    """import-linter knows `domain` by its name; helpers are named for what they compute and are looked up here."""
    graph = grimp.build_graph(
        "services", "shared", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )
    names = [
        ".".join(path.relative_to(rules.ROOT).with_suffix("").parts)
        for path in rules.pure_files()
        if path.stem != "__init__"
    ]
    assert impure_chains(graph, [name for name in names if name in graph.modules]) == []
    assert impure_chains(graph, ["services.points.ledger.repository"]) != []
