"""The private PostgreSQL: made by `initdb` once, on loopback with a password, without Unix sockets."""

import asyncio
import os
import platform
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from launcher.embedded.binaries import postgres_bin, unprivileged_user
from launcher.embedded.process import LOOPBACK, ServerProcess
from launcher.errors import Exit, LauncherError

T = TypeVar("T")

DATABASE = "diyuan"
SUPERUSER = "postgres"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    # No Unix sockets: their paths are limited to about 100 bytes and anyone on the machine could knock.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
_IN_A_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres(ServerProcess):
    """A PostgreSQL server of our own.

    `EmbeddedPostgres(data_dir)` keeps its data and waits for the disk; `EmbeddedPostgres.temporary()` does neither and is
    for tests. Both create the database `diyuan`. `PG_BIN` names the directory of another PostgreSQL build.
    """

    label = "PostgreSQL"
    stop_signal = signal.SIGINT
    _bin_dir: Path | None = None

    @property
    def url(self) -> str:
        """`postgresql://postgres:…@127.0.0.1:port/diyuan`, for the superuser."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """Return the same address for another database of this server."""
        return f"postgresql://{SUPERUSER}:{quote(self.password, safe='')}@{LOOPBACK}:{self.port}/{database}"

    @property
    def bin_dir(self) -> Path:
        """The directory of `postgres`, `psql`, `pg_dump`, `pgbench` that belongs to this server."""
        if self._bin_dir is None:
            self._bin_dir = postgres_bin(unprivileged_user())
        return self._bin_dir

    def execute(self, sql: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement outside a transaction as superuser and return its rows; for set-up, never for requests."""
        return _finish(self._execute(sql, database))

    async def _execute(self, sql: str, database: str) -> list[tuple[Any, ...]]:
        import asyncpg

        connection = await asyncpg.connect(
            host=LOOPBACK,
            port=self.port,
            user=SUPERUSER,
            password=self.password,
            database=database,
            ssl=False,
            timeout=5,
        )
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    # What the base class asks for.

    def prepare(self) -> None:
        """Run `initdb` unless it was done; it works beside and is renamed, so an interrupted one leaves nothing behind."""
        version = self.files / "PG_VERSION"
        if not self.files.exists():
            self._initialise()
        self._check_version(version)
        # Whatever ran here was stopped by now; what is left of its note may name another program that got the same number,
        # and PostgreSQL would refuse to start because of it.
        (self.files / "postmaster.pid").unlink(missing_ok=True)

    def command(self) -> list[str]:
        """Return the server program with its settings; nothing is written into the configuration files."""
        settings = {**_SETTINGS, "port": str(self.port), **({} if self.durable else _IN_A_HURRY)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.bin_dir / "postgres"), "-D", self._spelled(self.files), *options]

    def answers(self) -> bool:
        """Sign in with the password and ask for a row."""
        import asyncpg

        try:
            return self.execute("SELECT 1") == [(1,)]
        except asyncpg.InvalidPasswordError:
            raise LauncherError(
                f"“{self.data_dir}”里的密码文件和数据库对不上；请恢复 password 文件，或用 make reset 重新开始。",
                Exit.SERVER_FAILED,
                "the stored password does not open the database",
            ) from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False

    def after_start(self) -> None:
        """Create the database of the system once."""
        if (DATABASE,) not in self.execute("SELECT datname FROM pg_database"):
            self.execute(f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' TEMPLATE template0")

    # Details.

    def _initialise(self) -> None:
        half = self.data_dir / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        self.own(half)
        with tempfile.TemporaryDirectory(prefix="diyuan-initdb-") as aside:
            secret = Path(aside) / "password"
            secret.touch(mode=0o600)
            secret.write_text(self.password, encoding="utf-8")
            if self._user:
                os.chown(aside, self._user.uid, self._user.gid)
                os.chown(secret, self._user.uid, self._user.gid)
            command = [str(self.bin_dir / "initdb"), "-D", self._spelled(half), "-U", SUPERUSER, f"--pwfile={secret}"]
            command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"]
            if not self.durable:
                command.append("--no-sync")
            self.run(command, cwd=half)
        half.rename(self.files)

    def _spelled(self, directory: Path) -> str:
        """Return the name by which the server's user can open its directory.

        A directory above may be closed to that user (a checkout below /root). The process already stands in its directory
        then, and Linux can spell that place without passing through the closed ones; opening them up is not ours to do.
        PostgreSQL before 16 walks to its program and back by path while it starts, so there it cannot be done.
        """
        if self.can_reach(directory):
            return str(directory)
        if platform.system() != "Linux" or self._major() < 16:
            raise LauncherError(
                f"数据库用户进不了数据目录“{directory}”；请用 DATA_DIR= 指定一个别的用户能进的目录。",
                Exit.DATA_DIR,
                "the database user cannot enter the data directory",
            )
        return "/proc/self/cwd"

    def _major(self) -> int:
        found = re.search(r"\d+", self.run([str(self.bin_dir / "postgres"), "--version"]))
        return int(found.group()) if found else 0

    def _check_version(self, version: Path) -> None:
        made_by = version.read_text(encoding="ascii").strip() if version.exists() else "?"
        runs = str(self._major())
        if made_by != runs:
            raise LauncherError(
                f"“{self.data_dir}”是 PostgreSQL {made_by} 的数据，现在要用的是 {runs}；请用原来的版本（PG_BIN），或换一个 DATA_DIR。",
                Exit.SERVER_FAILED,
                f"data of PostgreSQL {made_by}, program is {runs}",
            )

    def noted_pids(self) -> list[int]:
        """Add the process that PostgreSQL itself noted."""
        try:
            noted = (self.files / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n", 1)[0]
        except FileNotFoundError:
            noted = ""
        return [*super().noted_pids(), *([int(noted)] if noted.isdecimal() else [])]


def _finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end whether or not an event loop already runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(coroutine))
        except BaseException as error:  # noqa: BLE001 — it is raised again in the thread that asked.
            failure.append(error)

    thread = threading.Thread(target=run, name="embedded-postgres")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
