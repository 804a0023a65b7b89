"""The data directory of one installation: who holds it, its generated secrets, its notes and logs.

```
lock           held while a launcher runs here
running.json   addresses and process id of that launcher, for the one that comes second and for the story
secrets.json   generated once, mode 600
admin.json     the first administrator of the demo community, mode 600
demo.json      its other accounts, mode 600; written when the demo community was loaded
demo-cards.json   the codes of the household cards until demo.json holds them, mode 600
logs/          what the programs say, one file each
postgres/ valkey/ files/   the embedded servers and the uploaded files
```
"""

import base64
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from launcher.embedded.directories import explained, make_directory
from launcher.errors import Exit, LauncherError

_LOG_LIMIT = 10_000_000
_MARK = "diyuan"


class Home:
    """The data directory, held for as long as the block of `Home.hold` lasts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    @contextmanager
    def hold(cls, directory: Path) -> Iterator["Home"]:
        """Make the directory if it is missing, prove that it can be written, and keep everybody else out.

        Errors: LauncherError when it cannot be written, the disk is full, or another launcher holds it.
        """
        home = cls(directory)
        with _explained(directory):
            # The embedded servers may run as another user and pass through; what is secret in here has mode 600.
            make_directory(directory, 0o711)
            lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise home._busy() from None
            try:
                with _explained(directory):
                    home.write("lock-check", _MARK * 1000)
                    (directory / "lock-check").unlink()
                    for name in ("logs", "files"):
                        (directory / name).mkdir(mode=0o700, exist_ok=True)
                yield home
            finally:
                with contextlib.suppress(OSError):
                    (directory / "running.json").unlink()
        finally:
            os.close(lock)

    def write(self, name: str, text: str) -> None:
        """Write a small file with mode 600, whole or not at all."""
        half = self.directory / f".{name}.new"
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self.directory / name)
        except OSError:
            with contextlib.suppress(OSError):
                half.unlink()
            raise

    def note_running(self, url: str, wechat_url: str | None) -> None:
        """Leave the addresses for whoever starts a second launcher here, and for `make story`."""
        with _explained(self.directory):
            self.write("running.json", json.dumps({"url": url, "wechat_url": wechat_url, "pid": os.getpid()}))

    def running_url(self) -> str | None:
        """Return the address of the launcher that holds this directory, if it told one."""
        url = read_json(self.directory / "running.json").get("url")
        return url if isinstance(url, str) else None

    def secrets(self, names: Iterable[str]) -> dict[str, str]:
        """Return the named secrets of this installation, each 32 random bytes in base64 made when first asked for.

        Errors: LauncherError when the file cannot be read or written; a damaged file is never overwritten, because the keys in it
        open the personal data.
        """
        path = self.directory / "secrets.json"
        with _explained(self.directory):
            try:
                known = json.loads(path.read_text(encoding="utf-8"))
            except FileNotFoundError:
                known = {}
            except ValueError:
                known = None
            if not isinstance(known, dict):
                raise LauncherError(
                    f"“{path}”已损坏，而解开个人信息要靠它；请从备份恢复，或用 make reset 重新开始。",
                    Exit.DATA_DIR,
                    "secrets.json is damaged",
                )
            wanted = sorted(set(names))
            complete = {name: _new_secret() for name in wanted} | known
            if complete != known:
                self.write("secrets.json", json.dumps(complete, indent=1))
        return {name: complete[name] for name in wanted}

    def log(self, name: str) -> IO[bytes]:
        """Open a log file to append to; a long one is set aside first."""
        path = self.directory / "logs" / f"{name}.log"
        with _explained(self.directory):
            if path.exists() and path.stat().st_size > _LOG_LIMIT:
                path.replace(path.with_suffix(".log.1"))
            return path.open("ab")

    def _busy(self) -> LauncherError:
        url = self.running_url()
        where = f"，地址是 {url}" if url else ""
        return LauncherError(
            f"缔园已经在运行{where}；不用再启动一次。要另开一个，请换一个 DATA_DIR 和 PORT。",
            Exit.ALREADY_RUNNING,
            f"already running{f' at {url}' if url else ''}",
        )


def read_json(path: Path) -> dict[str, Any]:
    """Return the object a small file holds, or an empty one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@contextmanager
def _explained(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise explained(error, directory) from error
