"""Founds the community the demo data goes into, and keeps its first administrator's secrets where only the owner reads."""

import json
from typing import Any

from launcher.errors import Exit, LauncherError
from launcher.home import Home, read_json

ADMIN_FILE = "admin.json"


async def found(home: Home) -> None:
    """Make the community and its administrator unless that was done.

    Idempotency: a second call finds both.
    Errors: LauncherError when the administrator is there and the secrets are not.
    """
    from services.identity.bootstrap import FirstCommunity, bootstrap
    from services.identity.communities.domain import Level
    from services.identity.main import build_runtime

    if administrator(home) is not None:
        return
    first = FirstCommunity(
        code="420304001001",
        name="青龙泉社区",
        township=Level("420304001", "城关街道"),
        district=Level("420304", "郧阳区"),
    )
    runtime = build_runtime()
    try:
        told = (await bootstrap(runtime, first)).administrator
    finally:
        await runtime.close()
    if told is None:
        raise LauncherError(
            f"数据库里已有示范社区，但“{home.directory}”里没有它的管理员密码；请用原来的 DATA_DIR，或用 DEMO=0 启动。",
            Exit.DEMO_FAILED,
            "the demo community exists, but this data directory does not know its administrator",
        )
    secrets = {"user_name": told.user_name, "password": told.password, "totp_secret": told.totp_secret}
    home.write(ADMIN_FILE, json.dumps(secrets, indent=1))


def administrator(home: Home) -> dict[str, Any] | None:
    """Return the first administrator's secrets, if they are known."""
    return read_json(home.directory / ADMIN_FILE) or None
