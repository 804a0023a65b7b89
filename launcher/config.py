"""What the launcher reads from its environment: the few variables `make help` lists."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from launcher.errors import Exit, LauncherError

DEFAULT_PORT = 8000
DEFAULT_DATA_DIR = ".data"
_NO = frozenset({"", "0", "no", "false", "off"})
_YES = frozenset({"1", "yes", "true", "on"})


@dataclass(frozen=True, slots=True)
class LaunchConfig:
    """How to bring the system up. `port` 0 means any free one."""

    port: int
    data_dir: Path
    is_split: bool
    has_demo: bool
    is_confirmed: bool
    database_url: str | None
    redis_url: str | None

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "LaunchConfig":
        """Read and check the variables.

        Errors: LauncherError naming the variable that is wrong.
        """
        given = os.environ if environment is None else environment
        return cls(
            port=_port(given.get("PORT", "")),
            data_dir=Path(given.get("DATA_DIR") or DEFAULT_DATA_DIR).expanduser().absolute(),
            is_split=_flag(given, "SPLIT", default=False),
            has_demo=_flag(given, "DEMO", default=True),
            is_confirmed=_flag(given, "YES", default=False),
            database_url=_address(given, "DATABASE_URL", ("postgresql", "postgres", "postgresql+asyncpg")),
            redis_url=_address(given, "REDIS_URL", ("redis", "rediss", "unix")),
        )


def _port(text: str) -> int:
    if not text:
        return DEFAULT_PORT
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise LauncherError(
        f"PORT={text} 不对：端口应是 1 到 65535 之间的整数（0 表示随便挑一个空着的）。",
        Exit.USAGE,
        "PORT is not a port",
    )


def _flag(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = given.get(name)
    if text is None:
        return default
    if text.strip().lower() in _YES | _NO:
        return text.strip().lower() in _YES
    raise LauncherError(f"{name}={text} 不对：请写 {name}=1 或 {name}=0。", Exit.USAGE, f"{name} must be 1 or 0")


def _address(given: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    text = (given.get(name) or "").strip()
    if not text:
        return None
    example = "postgresql://用户:密码@主机:5432/库名" if name == "DATABASE_URL" else "redis://:密码@主机:6379/0"
    problem = LauncherError(f"{name} 的写法不对，应像 {example} 这样。", Exit.USAGE, f"{name} is malformed")
    try:
        parts = urlsplit(text)
        is_fine = parts.scheme in schemes and (parts.port is None or parts.port > 0)
    except ValueError:
        raise problem from None
    if not is_fine:
        raise problem
    return text
