"""Brings the database up to date, and says plainly when that cannot be done."""

import asyncio
from collections.abc import Sequence

from launcher.errors import Exit, LauncherError


def upgrade(database_url: str, services: Sequence[str]) -> dict[str, list[str]]:
    """Move every service's schema to its newest step, under one advisory lock; return the steps taken.

    Errors: LauncherError DATABASE_NEWER when newer code was here before, MIGRATION_FAILED otherwise.
    """
    from sqlalchemy.exc import DBAPIError

    from shared.versions import NewerDatabaseError

    try:
        if not asyncio.run(_is_behind(database_url, services)):
            return {service: [] for service in services}
        return _moved(database_url, services)
    except NewerDatabaseError as error:
        raise LauncherError(
            f"数据库已被更新版本的缔园升级过（{error.service} 到了 {error.revision}），这份程序太旧；请先更新程序再启动，数据没有改动。",
            Exit.DATABASE_NEWER,
            "the database is newer than this code; update the code",
        ) from error
    except DBAPIError as error:
        state = _state_of(error)
        raise LauncherError(_REASONS.get(state, _UNKNOWN).format(reason=_first_line(error)), *_codes(state)) from error
    except OSError as error:
        raise LauncherError(
            f"升级数据库时连接断了（{error}）；已做的部分已撤回，请再试一次。", Exit.MIGRATION_FAILED, "connection lost"
        ) from error


async def _is_behind(database_url: str, services: Sequence[str]) -> bool:
    """Tell whether any schema has steps to take.

    Errors: NewerDatabaseError.
    """
    from shared.db import create_engine
    from shared.versions import pending_steps

    engine = create_engine(database_url, None, pool_size=1, application_name="diyuan-migrate")
    try:
        return any([await pending_steps(service, engine) for service in services])
    finally:
        await engine.dispose()


def _moved(database_url: str, services: Sequence[str]) -> dict[str, list[str]]:
    from shared.migrations import StepFailedError, migrate_all  # Large: a start that finds nothing to do does without.

    try:
        return asyncio.run(migrate_all(database_url, services))
    except StepFailedError as error:
        cause = error.__cause__ or error
        state = _state_of(cause)
        said = _REASONS.get(state, _UNKNOWN).format(reason=_first_line(cause))
        raise LauncherError(f"升级 {error.service} 的第 {error.revision} 步：{said}", *_codes(state)) from error


def _state_of(error: BaseException) -> str:
    from shared.db import sqlstate

    return sqlstate(error) or ""


_REASONS = {
    "42501": "数据库用户权限不够，升级要能建模式和角色（CREATEROLE）；请换一个用户，或请管理员授权（{reason}）。",
    "53100": "磁盘没有空间，数据库升级没有完成；请清理磁盘后再试。",
    "55P03": "数据库正忙，等不到要升级的表；请等别的程序停下后再试。",
    "57014": "数据库升级用的时间太长，已撤回；请等别的程序停下后再试。",
}
_UNKNOWN = "数据库升级没有成功，已撤回（{reason}）；详细记录在 logs/launcher.log 里。"


def _codes(state: str) -> tuple[Exit, str]:
    if state == "53100":
        return Exit.DISK_FULL, "no space left for the migration"
    return Exit.MIGRATION_FAILED, "migration failed and was rolled back"


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", error)
    return str(cause).split("\n", 1)[0].removeprefix("<class ").strip()[:160]
