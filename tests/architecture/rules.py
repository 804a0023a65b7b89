"""The house rules that are read off the source. Each returns what breaks it, as `path:line what`; none means the rule is kept."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "services", "gateway", "launcher", "bench")

SLICE_FILES = frozenset(
    {"__init__", "routes", "schemas", "usecases", "domain", "repository", "models", "errors", "events"}
)
LONGEST_FILE = 400
"""Lines. A longer file holds two things."""

IMPURE_MODULES = frozenset(
    [
        "aiohttp",
        "alembic",
        "asyncio",
        "asyncpg",
        "fastapi",
        "httpx2",
        "logging",
        "obstore",
        "opentelemetry",
        "os",
        "pydantic",
        "random",
        "redis",
        "secrets",
        "socket",
        "sqlalchemy",
        "sqlmodel",
        "starlette",
        "structlog",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "uuid_utils",
    ]
)
IMPURE_NAMES = frozenset(
    {
        "datetime.now",
        "datetime.today",
        "datetime.utcnow",
        "date.today",
        "uuid.uuid1",
        "uuid.uuid4",
        "uuid1",
        "uuid4",
        "uuid7",
        "new_id",
        "open",
        "print",
        "input",
    }
)


def services(root: Path = ROOT) -> list[Path]:
    """Return the services' folders."""
    return sorted(path.parent for path in (root / "services").glob("*/__init__.py"))


def slices(root: Path = ROOT) -> list[Path]:
    """Return the slices' folders."""
    return sorted(
        path.parent
        for service in services(root)
        for path in service.glob("*/__init__.py")
        if path.parent.name != "migrations"
    )


def pure_files(root: Path = ROOT) -> list[Path]:
    """Return the files that decide without reading or writing: every domain, helper and error, and the kernel."""
    others = SLICE_FILES - {"domain", "errors"}
    found = [path for folder in slices(root) for path in folder.glob("*.py") if path.stem not in others]
    return sorted([*found, *(root / "shared" / "kernel").glob("*.py"), *(root / "shared" / "contracts").glob("*.py")])


def sources(root: Path = ROOT) -> list[Path]:
    """Return every Python file of the system itself."""
    return sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))


def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return _parsed(path.read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _at(root: Path, path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(root)}:{line} {what}"


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a name or attribute, or the last part behind anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return ""


def strange_files_in_slices(root: Path = ROOT) -> list[str]:
    """A slice holds the eight files, SQL, and Python helpers named for what they compute; nothing else."""
    found = []
    for folder in slices(root):
        for path in sorted(folder.iterdir()):
            if path.name == "__pycache__" or path.suffix == ".sql":
                continue
            is_vague = path.stem in {"utils", "util", "helpers", "helper", "common", "misc", "base", "service", "types"}
            if path.is_dir() or path.suffix != ".py" or is_vague:
                found.append(f"{path.relative_to(root)} does not belong in a slice")
    return found


def impurities(root: Path = ROOT) -> list[str]:
    """Domains, helpers and the kernel decide: no await, clock, randomness, fresh ids, framework or log."""
    return [problem for path in pure_files(root) for problem in _impurities_of(root, path)]


def _impurities_of(root: Path, path: Path) -> Iterator[str]:
    for node in _outside_main(tree(path)):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield _at(root, path, node.lineno, "is asynchronous")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in names:
                if name.partition(".")[0] in IMPURE_MODULES:
                    yield _at(root, path, node.lineno, f"imports {name}")
        elif isinstance(node, ast.Call) and _is_impure(dotted(node.func)):
            yield _at(root, path, node.lineno, f"calls {dotted(node.func)}")


def _outside_main(module: ast.Module) -> Iterator[ast.AST]:
    """Walk a file without its `main`: a helper may also be a program that stands alone, and only then reads and prints."""
    for statement in module.body:
        if not (isinstance(statement, ast.FunctionDef) and statement.name == "main"):
            yield from ast.walk(statement)


def _is_impure(call: str) -> bool:
    return call in IMPURE_NAMES or any("." in bad and call.endswith(f".{bad}") for bad in IMPURE_NAMES)


def commits(root: Path = ROOT) -> list[str]:
    """Only the unit of work commits; the idempotency key may release its own savepoint."""
    found = []
    for path in sources(root):
        if path.relative_to(root).as_posix() == "shared/uow.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                if dotted(node.func.value).endswith("savepoint"):
                    continue
                found.append(_at(root, path, node.lineno, "commits outside the unit of work"))
    return found


def neighbours_private_files(root: Path = ROOT) -> list[str]:
    """A slice may use another's use cases, decisions, refusals and published shapes; never its tables, statements or routes."""
    private = {"repository", "models", "routes", "events"}
    found = []
    for folder in slices(root):
        for path in folder.glob("*.py"):
            for node in ast.walk(tree(path)):
                if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("services."):
                    continue
                parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
                other, rest = parts[2] if len(parts) > 2 else "", set(parts[3:4]) or set()
                names = rest if len((node.module or "").split(".")) > 3 else {alias.name for alias in node.names}
                if other and other != folder.name and (root / "services" / parts[1] / other).is_dir():
                    found += [
                        _at(root, path, node.lineno, f"reaches into {other}.{name}") for name in sorted(names & private)
                    ]
    return found


def missing_docstrings(root: Path = ROOT) -> list[str]:
    """Every public function of domains, use cases, repositories and shared code says what it does."""
    files = [path for path in pure_files(root) if "shared" not in path.relative_to(root).parts]
    files += [folder / f"{name}.py" for folder in slices(root) for name in ("usecases", "repository")]
    files += sorted((root / "shared").rglob("*.py"))
    return [
        _at(root, path, node.lineno, f"{node.name} has no docstring")
        for path in files
        if path.exists()
        for node in _public_functions(tree(path).body)
        if ast.get_docstring(node) is None
    ]


def _public_functions(body: Iterable[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public_functions(node.body)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        marks = {dotted(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] for d in node.decorator_list}
        # A fixture's first line shows how it is called, an overload or a protocol's method only its shape.
        is_shape = len(node.body) == 1 and isinstance(node.body[0], ast.Expr) and _is_ellipsis(node.body[0].value)
        if not marks & {"fixture", "overload", "setter"} and not is_shape:
            yield node


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def long_files(root: Path = ROOT) -> list[str]:
    """A file fits into a reader's head. Migrations and the catalogue of facts are looked up and never read through."""
    kept = [*sources(root), *(path for package in PACKAGES for path in (root / package).rglob("*.sql"))]
    found = []
    for path in kept:
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LONGEST_FILE and not {"migrations", "contracts"} & set(path.parts):
            found.append(f"{path.relative_to(root)} has {lines} lines")
    return found


def error_codes(root: Path = ROOT) -> dict[str, list[str]]:
    """Return every refusal's code and where it is given."""
    codes: dict[str, list[str]] = defaultdict(list)
    for path in sorted([*(root / "services").rglob("*.py"), *(root / "shared").rglob("*.py")]):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                for statement in node.body:
                    code = _given_code(statement)
                    if code is not None:
                        codes[code].append(_at(root, path, statement.lineno, node.name))
    return dict(codes)


def _given_code(statement: ast.stmt) -> str | None:
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code)))
            | ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code)))
        ):
            return code
        case _:
            return None


def wrong_error_codes(root: Path = ROOT) -> list[str]:
    """A code names one refusal, and begins with its service; shared ones have no prefix, or their module's first word."""
    found = []
    for code, places in error_codes(root).items():
        if len(places) > 1:
            found.append(f"{code} is used twice: {', '.join(places)}")
        for place in places:
            parts = place.partition(":")[0].split("/")
            of_service = parts[0] == "services"
            owner = parts[1] if of_service else parts[-1].removesuffix(".py").partition("_")[0]
            if not re.fullmatch(rf"({owner}\.){'' if of_service else '?'}[a-z][a-z0-9_]*", code):
                found.append(f"{place} has code {code}, expected {owner}.<name>")
    return found


# Put together here, so that this file does not hold what it looks for.
_FORBIDDEN_TEXT = re.compile(
    "|".join(
        [
            r"pypi\." + "org",
            "python" + r"hosted\.org",
            r"registry\." + r"npmjs\.org",
            "npm" + r"mirror\.com",
            r"mirrors?\.[a-z0-9-]+\.[a-z]{2,}",
            "--" + r"(?:extra-)?index-url\b",
            "--" + r"trusted-host\b",
            r"(?<![\w.~-])/" + r"(?:work|root|Users)/\w",
            r"(?<![\w.])/tmp/" + r"w/",
        ]
    )
)


def forbidden_text(root: Path, names: Iterable[str]) -> list[str]:
    """Nothing tracked names a package registry or a place on somebody's machine."""
    found = []
    for name in names:
        path = root / name
        if not path.is_file():
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}:{number} {match.group()}"
            for number, line in enumerate(lines, 1)
            if (match := _FORBIDDEN_TEXT.search(line))
        ]
    return found


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once."""
    return sorted(name for name, times in Counter(names).items() if times > 1)
