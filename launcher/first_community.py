"""Founds the community the demo data goes into, and keeps its first colleagues' secrets where only the owner reads."""

import json
from typing import Any
from uuid import UUID

from launcher.errors import Exit, LauncherError
from launcher.first_load import DEMO_FILE
from launcher.home import Home, read_json

ADMIN_FILE = "admin.json"
OFFICER_FILE = "township.json"
DISTRICT_FILE = "district.json"


async def found(home: Home, *, is_upgraded: bool = False) -> None:
    """Make the community and its administrator unless that was done.

    `is_upgraded` tells that the database took a step just now: one of them asks for passwords of one's own.

    Idempotency: a second call finds both.
    Errors: LauncherError when the administrator is there and the secrets are not.
    """
    if administrator(home) is not None:
        if is_upgraded and (loaded := read_json(home.directory / DEMO_FILE)):
            await keep_printed_passwords(loaded["community_id"])
        return
    from services.identity.bootstrap import FirstCommunity, bootstrap, keep_passwords
    from services.identity.communities.domain import Level
    from services.identity.main import build_runtime

    first = FirstCommunity(
        code="qinglongquan",
        name="青龙泉社区",
        township=Level("420304001", "城关街道"),
        district=Level("420304", "示范区"),
        district_user_name="district1",
    )
    runtime = build_runtime()
    try:
        made = await bootstrap(runtime, first)
        await keep_passwords(runtime, made.community_id)
    finally:
        await runtime.close()
    if made.administrator is None or made.township_officer is None or made.district_officer is None:
        raise LauncherError(
            f"数据库里已有示范社区，但“{home.directory}”里没有它的管理员密码；请用原来的 DATA_DIR，或用 DEMO=0 启动。",
            Exit.DEMO_FAILED,
            "the demo community exists, but this data directory does not know its administrator",
        )
    # The administrator last: whoever finds that file finds all.
    for name, told in (
        (DISTRICT_FILE, made.district_officer),
        (OFFICER_FILE, made.township_officer),
        (ADMIN_FILE, made.administrator),
    ):
        secrets = {"user_name": told.user_name, "password": told.password, "totp_secret": told.totp_secret}
        home.write(name, json.dumps(secrets, indent=1))


async def keep_printed_passwords(community_id: str) -> None:
    """Let the demo community's people sign in with the passwords the terminal prints, and not ask each for one of his own first."""
    from services.identity.bootstrap import keep_passwords
    from services.identity.main import build_runtime

    runtime = build_runtime()
    try:
        await keep_passwords(runtime, UUID(community_id))
    finally:
        await runtime.close()


def administrator(home: Home) -> dict[str, Any] | None:
    """Return the first administrator's secrets, if they are known."""
    return read_json(home.directory / ADMIN_FILE) or None


def township_officer(home: Home) -> dict[str, Any] | None:
    """Return the township officer's secrets, if they are known."""
    return read_json(home.directory / OFFICER_FILE) or None


def district_officer(home: Home) -> dict[str, Any] | None:
    """Return the district officer's secrets, if they are known."""
    return read_json(home.directory / DISTRICT_FILE) or None
