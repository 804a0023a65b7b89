"""The two servers everything stands on: those the addresses name, else embedded ones in the data directory."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from launcher.config import LaunchConfig
from launcher.embedded import EmbeddedPostgres, EmbeddedValkey
from launcher.errors import Exit, LauncherError
from launcher.home import Home

OLDEST_POSTGRES = 150_000
_PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Servers:
    """The addresses of running servers that were asked and answered."""

    database_url: str
    redis_url: str


@contextmanager
def running_servers(config: LaunchConfig, home: Home) -> Iterator[Servers]:
    """Start what is not given, check what is, and stop the embedded ones at the end, the database last.

    Errors: LauncherError.
    """
    with ExitStack() as stack:
        database_url, redis_url = config.database_url, config.redis_url
        # Asked before anything is started: a wrong address is told within seconds.
        if database_url is not None:
            asyncio.run(check_database(database_url))
        if redis_url is not None:
            asyncio.run(check_redis(redis_url))
        if database_url is None:
            database_url = stack.enter_context(EmbeddedPostgres(home.directory / "postgres")).url
        if redis_url is None:
            redis_url = stack.enter_context(EmbeddedValkey(home.directory / "valkey")).url
        yield Servers(database_url, redis_url)


@contextmanager
def running_database(config: LaunchConfig, home: Home) -> Iterator[str]:
    """Do the same for the database alone."""
    if config.database_url is not None:
        asyncio.run(check_database(config.database_url))
        yield config.database_url
    else:
        with EmbeddedPostgres(home.directory / "postgres") as postgres:
            yield postgres.url


def known_servers(config: LaunchConfig) -> Servers:
    """Return the addresses of the servers of a launcher that runs on this data directory.

    Errors: LauncherError when the directory cannot be read.
    """
    return Servers(
        config.database_url or "postgresql://postgres:{}@127.0.0.1:{}/diyuan".format(*_noted(config, "postgres")),
        config.redis_url or "redis://:{}@127.0.0.1:{}/0".format(*_noted(config, "valkey")),
    )


def _noted(config: LaunchConfig, server: str) -> tuple[str, str]:
    folder = config.data_dir / server
    try:
        password, port = ((folder / name).read_text(encoding="utf-8").strip() for name in ("password", "port"))
    except OSError as error:
        raise LauncherError(
            f"读不了“{folder}”（{error.strerror}）。", Exit.DATA_DIR, "cannot read the data directory"
        ) from None
    return quote(password, safe=""), port


async def check_database(url: str) -> None:
    """Sign in to a PostgreSQL and see that it is new enough.

    Errors: LauncherError that says which part of the address is wrong.
    """
    import asyncpg

    where = place_of(url)
    try:
        connection = await asyncpg.connect(plain_postgres_url(url), timeout=_PATIENCE_SECONDS)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise _database(
            f"数据库 {where} 不认 DATABASE_URL 里的用户名或密码，请改正。", "user or password refused"
        ) from None
    except asyncpg.InvalidCatalogNameError:
        raise _database(
            f"数据库服务器 {where} 上没有 DATABASE_URL 指的那个库，请先建好。", "no such database"
        ) from None
    except asyncpg.TooManyConnectionsError:
        raise _database(f"数据库 {where} 的连接已用完，请稍后再试。", "too many connections") from None
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _database(
            f"连不上 DATABASE_URL 指的数据库 {where}，请检查地址、端口和防火墙，确认它已启动（{_short(error)}）。",
            "DATABASE_URL does not answer",
        ) from None
    try:
        version = int(await connection.fetchval("SELECT current_setting('server_version_num')::int"))
        encoding = await connection.fetchval("SHOW server_encoding")
    finally:
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError):
            await connection.close(timeout=2)
    if version < OLDEST_POSTGRES:
        raise _database(
            f"数据库 {where} 是 PostgreSQL {version // 10_000}，至少要 15。", "PostgreSQL 15 or newer is needed"
        )
    if encoding != "UTF8":
        raise _database(f"数据库 {where} 的编码是 {encoding}，存中文要用 UTF8。", "the database must use UTF8")


async def check_redis(url: str) -> None:
    """Sign in to a Redis or Valkey.

    Errors: LauncherError.
    """
    from redis.asyncio import Redis
    from redis.exceptions import AuthenticationError, AuthorizationError, RedisError

    where = place_of(url)
    client = Redis.from_url(url, socket_connect_timeout=_PATIENCE_SECONDS, socket_timeout=_PATIENCE_SECONDS)
    try:
        await client.ping()
    except (AuthenticationError, AuthorizationError):
        raise LauncherError(
            f"Redis {where} 不认 REDIS_URL 里的密码，请改正。", Exit.REDIS_UNREACHABLE, "password refused"
        ) from None
    except (RedisError, OSError, ValueError) as error:
        is_password = "auth" in str(error).lower()
        reason = (
            "要密码，请写进 REDIS_URL"
            if is_password
            else f"没有回应，请检查地址、端口，确认它已启动（{_short(error)}）"
        )
        raise LauncherError(
            f"REDIS_URL 指的 Redis {where} {reason}。", Exit.REDIS_UNREACHABLE, "REDIS_URL does not answer"
        ) from None
    finally:
        await client.aclose()


def plain_postgres_url(url: str) -> str:
    """Return the address in the spelling every client understands."""
    return "postgresql://" + url.split("://", 1)[1]


def place_of(url: str) -> str:
    """Return host and port of an address, which may be shown; the rest of it holds the password."""
    parts = urlsplit(url)
    return f"{parts.hostname or '本机'}{f':{parts.port}' if parts.port else ''}"


def _database(message_zh: str, message_en: str) -> LauncherError:
    return LauncherError(message_zh, Exit.DATABASE_UNREACHABLE, message_en)


def _short(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
