"""One private server process: its directory, lock, port, password, life and death.

Layout of a server's directory (`data_dir`):

```
lock       held for as long as the server object is started; a second start is refused
port       the port used last time, tried first next time
password   generated once, mode 600
pid        of the running server, to recognise one that outlived its launcher
server.log what the server printed
data/      owned by the user the server runs as
```
"""

import contextlib
import fcntl
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar, Self

from launcher.embedded.binaries import RunAs, parent_death_prefix, run_as, unprivileged_user
from launcher.embedded.directories import disk_full, explained, make_directory
from launcher.errors import Exit, LauncherError

LOOPBACK = "127.0.0.1"
_LOG_LIMIT = 10_000_000
_PORT_ATTEMPTS = 5


class ServerProcess(ABC):
    """A server on loopback with a directory of its own; `start` and `stop` are synchronous and may be repeated."""

    label: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    start_timeout_seconds: ClassVar[float] = 60

    def __init__(self, data_dir: Path | str, *, port: int | None = None, durable: bool = True) -> None:
        self.data_dir = Path(data_dir).expanduser().absolute()
        self.durable = durable
        self.port = port or 0
        self.password = ""
        self._fixed_port = port
        self._user: RunAs | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._is_temporary = False

    @classmethod
    def temporary(cls, *, durable: bool = False) -> Self:
        """Return a server for tests: in a directory of its own that `stop` removes, by default without waiting for the disk."""
        # The system's temporary directory is reachable by the unprivileged user; a directory below the checkout may not be.
        directory = Path(tempfile.mkdtemp(prefix=f"diyuan-{cls.__name__.lower()}-"))
        directory.chmod(0o711)
        server = cls(directory, durable=durable)
        server._is_temporary = True
        return server

    @property
    @abstractmethod
    def url(self) -> str:
        """The address with user and password, for a client on this machine."""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self.is_running and self._process else None

    @property
    def is_running(self) -> bool:
        """Tell whether the process started by this object is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def files(self) -> Path:
        """The directory that belongs to the server itself."""
        return self.data_dir / "data"

    @property
    def log_file(self) -> Path:
        """Where the server's output goes."""
        return self.data_dir / "server.log"

    def start(self) -> Self:
        """Start the server and return when a real connection answers.

        Idempotency: a running server is left alone; one that outlived its launcher is stopped first.
        Errors: LauncherError.
        """
        if self.is_running:
            return self
        with self._explained():
            self._user = unprivileged_user()
            self._make_directory()
            self._acquire()
            try:
                self.password = self.password or self._remembered_password()
                self._stop_leftover()
                self.prepare()
                self._start_on_some_port()
                self.after_start()
            except BaseException:
                self.stop()
                raise
        return self

    def stop(self, timeout_seconds: float = 30) -> None:
        """Ask the server to end, wait for it, and insist if it does not.

        Idempotency: stopping a stopped server does nothing.
        """
        self._end_process(timeout_seconds)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if self._is_temporary:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def restart(self) -> None:
        """Stop in good order and start again on the same data and, if it is still free, the same port."""
        self._end_process(30)
        self.start()

    def _end_process(self, timeout_seconds: float) -> None:
        process = self._process
        if process is None:
            return
        end_process(process.pid, self.stop_signal, timeout_seconds, lambda: process.poll() is not None)
        process.wait()
        self._process = None
        with contextlib.suppress(OSError):
            (self.data_dir / "pid").unlink()

    def kill(self) -> None:
        """Kill the process without warning, as a power cut would; `start` brings it back on the same port."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What a particular server adds.

    @abstractmethod
    def prepare(self) -> None:
        """Make the server's own files, once."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the program and its arguments for `self.port`."""

    def standard_input(self) -> bytes:
        """Return what the server reads from its standard input."""
        return b""

    @abstractmethod
    def answers(self) -> bool:
        """Open a real connection, sign in and ask something."""

    def after_start(self) -> None:  # noqa: B027 — most servers have nothing left to do.
        """Finish what needs a running server."""

    def working_directory(self) -> Path:
        """Return the directory the process runs in; it also tells a leftover process from a stranger."""
        return self.files

    def failed(self, output: str) -> LauncherError:
        """Turn what the server printed before it died into an error."""
        last = next((line for line in reversed(output.splitlines()) if line.strip()), "没有任何输出")
        return LauncherError(
            f"自带的 {self.label} 没有启动成功：{last.strip()}（详细记录在“{self.log_file}”）。",
            Exit.SERVER_FAILED,
            f"embedded {self.label} did not start, see its log",
        )

    # Starting.

    def _start_on_some_port(self) -> None:
        for attempt in range(_PORT_ATTEMPTS):
            self._choose_port(is_first=attempt == 0)
            begin = self._spawn()
            if self._wait_until_it_answers():
                self._write("port", str(self.port))
                return
            output = self._output_since(begin)
            if "in use" not in output.lower() or self._fixed_port:
                raise self._disk_or(output)
        raise LauncherError(
            f"自带的 {self.label} 连试 {_PORT_ATTEMPTS} 个端口都被占用，请稍后再试。", Exit.PORT_TAKEN, "no free port"
        )

    def _spawn(self) -> int:
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_LIMIT:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        with self.log_file.open("ab") as log:
            begin = log.tell()
            # A session of its own: Ctrl-C in the terminal must reach the launcher only, which stops the database last.
            # The parent-death signal follows the thread that forks, so it is set only by the main one.
            is_main = threading.current_thread() is threading.main_thread()
            prefix = parent_death_prefix(self.stop_signal.name.removeprefix("SIG")) if is_main else ()
            self._process = subprocess.Popen(
                [*prefix, *self.command()],
                cwd=self.working_directory(),
                user=self._user.uid if self._user else None,
                group=self._user.gid if self._user else None,
                extra_groups=[] if self._user else None,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
            )
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                stdin.write(self.standard_input())
            with contextlib.suppress(BrokenPipeError):
                stdin.close()
        self._write("pid", str(self._process.pid))
        return begin

    def _wait_until_it_answers(self) -> bool:
        deadline = time.monotonic() + self.start_timeout_seconds
        while time.monotonic() < deadline:
            if not self.is_running:
                return False
            if self.answers():
                return True
            time.sleep(0.03)
        self.stop()
        raise LauncherError(
            f"自带的 {self.label} 在 {self.start_timeout_seconds:.0f} 秒内没有准备好（详细记录在“{self.log_file}”）。",
            Exit.SERVER_FAILED,
            f"embedded {self.label} not ready in time",
        )

    def _choose_port(self, *, is_first: bool) -> None:
        if self._fixed_port:
            self.port = self._fixed_port
            return
        remembered = self.port or int(self._read("port") or 0)
        self.port = remembered if is_first and remembered and _is_free(remembered) else _free_port()

    def _output_since(self, begin: int) -> str:
        with self.log_file.open("rb") as log:
            log.seek(begin)
            return log.read().decode("utf-8", "replace")

    def _disk_or(self, output: str) -> LauncherError:
        return disk_full(self.data_dir) if "No space left on device" in output else self.failed(output)

    # The directory.

    def _make_directory(self) -> None:
        # The server's user passes through but cannot list; when a directory above is closed to it, see `postgres.py`.
        make_directory(self.data_dir, 0o711 if self._user else 0o700)

    def own(self, directory: Path) -> None:
        """Make a directory that only the server's user can read."""
        directory.mkdir(mode=0o700, exist_ok=True)
        if self._user:
            os.chown(directory, self._user.uid, self._user.gid)

    def can_reach(self, directory: Path) -> bool:
        """Tell whether the server's user can enter the directory by its path."""
        # The shell speaks of the path it was given, whatever the encoding of its name.
        return run_as(["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)], self._user).returncode == 0

    def run(self, command: list[str], *, cwd: Path | str = "/") -> str:
        """Run a helper program of the server as its user and return what it printed.

        Errors: LauncherError when it fails.
        """
        done = run_as(command, self._user, cwd=cwd)
        if done.returncode != 0:
            self.log_file.write_text(done.stdout, encoding="utf-8")
            raise self._disk_or(done.stdout)
        return done.stdout

    def _acquire(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise LauncherError(
                f"“{self.data_dir}”里的 {self.label} 正被另一个缔园使用；请先停掉它，或换一个 DATA_DIR。",
                Exit.ALREADY_RUNNING,
                "already running on this data directory",
            ) from None
        self._lock = lock

    def _remembered_password(self) -> str:
        found = self._read("password")
        if not found:
            found = secrets.token_urlsafe(32)
            self._write("password", found)
        return found

    def _read(self, name: str) -> str:
        try:
            return (self.data_dir / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def _write(self, name: str, text: str) -> None:
        # Written aside and renamed, so that a crash leaves the old or the new text and never half of one.
        half = self.data_dir / f".{name}.new"
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(self.data_dir / name)

    # A server that outlived its launcher.

    def _stop_leftover(self) -> None:
        for pid in self.noted_pids():
            if self.is_ours(pid):
                end_process(pid, self.stop_signal, 30, lambda pid=pid: not self.is_ours(pid))  # type: ignore[misc]
        (self.data_dir / "pid").unlink(missing_ok=True)

    def noted_pids(self) -> list[int]:
        """Return the processes that notes in the directory name; a note may be older than the machine's last start."""
        noted = self._read("pid")
        return [int(noted)] if noted.isdecimal() else []

    def is_ours(self, pid: int) -> bool:
        """Tell whether a live process is a server of this directory, so that a reused pid is never mistaken for it."""
        if platform.system() == "Linux":
            try:
                return Path(f"/proc/{pid}/cwd").readlink() == self.working_directory().resolve()
            except OSError:
                return False
        shown = run_as(["ps", "-p", str(pid), "-o", "command="], None).stdout
        return Path(self.command()[0]).name in shown

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise explained(error, self.data_dir) from error


def end_process(pid: int, first: signal.Signals, timeout_seconds: float, has_ended: Callable[[], bool]) -> None:
    """Signal a process and wait for it, then insist."""
    # Politely first; SIGQUIT makes PostgreSQL leave at once and recover at the next start; SIGKILL always works.
    for number, patience in ((first, timeout_seconds), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if has_ended():
                return
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do it: a port whose last connections still linger counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
