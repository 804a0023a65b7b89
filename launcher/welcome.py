"""The first minutes: the terminal says where to look and who to be; the first time, the demo community is loaded before."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from launcher.console import say
from launcher.errors import Exit, LauncherError
from launcher.first_community import administrator, district_officer, keep_printed_passwords, township_officer
from launcher.first_load import DEMO_FILE
from launcher.home import Home, read_json

CARDS_FILE = "demo-cards.json"
"""The codes of the cards while the rest is still being loaded: they are told once."""
SHOWN = {
    "admin": "administrator",
    "township1": "township officer",
    "district1": "district officer",
    "secretary": "branch secretary, party member",
    "committee1": "committee member",
    "supervisor1": "supervisor",
    "assessor1": "assessor",
    "storekeeper1": "storekeeper",
    "inspector1": "inspector",
    "grid1": "grid worker",
    "building1": "building head",
    "representative1": "representative",
    "manager": "property manager",
    "desk1": "customer service, department head",
    "repair02": "property worker",
}
"""Accounts that hold every role among them, but that of a resident; `make accounts` shows all there are."""


async def welcome(home: Home, url: str, seconds: float) -> None:
    """Print addresses, accounts and what to try."""
    say(f"缔园已就绪（{seconds:.1f} 秒）：{url}", "ready")
    say(f"  接口文档  {url}/docs", "API documentation")
    say(f"  运行记录  {home.directory / 'logs'}", "logs")
    if (home.directory / DEMO_FILE).exists():
        _tell_accounts(home)
        say("在另一个窗口试一试：", "to try in another terminal")
        say("  make story     看一个社区的两个月：攒积分、议事表决、报修", "play two months")
        say("  make accounts  全部示范账号和此刻的验证码", "all accounts, one-time codes")
    else:
        await _tell_how_to_begin(url)
    say("按 Ctrl-C 停止。", "Ctrl-C stops everything")


async def load_demo(home: Home, url: str) -> None:
    """Load the model community through the public API and keep its accounts in `demo.json`, mode 600.

    Idempotency: a loading that was cut off is begun again by the next start.
    Errors: LauncherError DEMO_FAILED.
    """
    import httpx2

    from launcher.demo.client import ApiRefusedError
    from launcher.demo.hearing import NotHeardError, until_heard
    from launcher.demo.load import AdminSecrets, LoadFailedError, load
    from launcher.demo.progress import progress_bars

    secrets = administrator(home)
    if secrets is None:
        raise _failed("没有管理员账号")
    try:
        now = await clock_of(url)
        with progress_bars() as bars:
            loaded = await load(
                url,
                AdminSecrets(**secrets),
                progress=bars,
                now=now,
                cards=read_json(home.directory / CARDS_FILE).get("cards", {}),
                keep_cards=lambda cards: home.write(CARDS_FILE, json.dumps({"cards": dict(cards)})),
            )
            await until_heard(os.environ["REDIS_URL"], bars)
    except (LoadFailedError, NotHeardError, ApiRefusedError, httpx2.HTTPError, OSError) as error:
        raise _failed(str(error)) from error
    await keep_printed_passwords(loaded.community_id)
    home.write(DEMO_FILE, json.dumps(loaded.as_json(), ensure_ascii=False, indent=1))
    (home.directory / CARDS_FILE).unlink(missing_ok=True)
    say(f"示范社区已导入（{loaded.seconds:.0f} 秒）。", "demo community loaded")


async def clock_of(url: str) -> Callable[[], datetime]:
    """Return the system's clock, which in development may be ahead of the machine's."""
    import httpx2

    async with httpx2.AsyncClient(base_url=url, timeout=10) as client:
        answer = await client.get("/api/v1/dev/clock")
    ahead = timedelta(seconds=answer.json()["offset_seconds"] if answer.is_success else 0)
    return lambda: datetime.now(UTC) + ahead


def demo_accounts(home: Home) -> list[dict[str, Any]]:
    """Return every account of the demo community, those who were there before it first."""
    posts = (
        ("社区管理员", administrator(home)),
        ("街道干部", township_officer(home)),
        ("区干部", district_officer(home)),
    )
    first = [{**secrets, "name": duty, "duty": duty} for duty, secrets in posts if secrets is not None]
    found = read_json(home.directory / DEMO_FILE).get("accounts", [])
    return [*first, *found]


def _tell_accounts(home: Home) -> None:
    say("示范账号（青龙泉社区，4152 户、14892 人，全是虚构的）：", "demo accounts, all invented")
    for account in demo_accounts(home):
        if (english := SHOWN.get(account["user_name"])) is not None:
            say(f"  {account['user_name']:<16}{account['password']:<22}{account['duty']}", english)
    cards = read_json(home.directory / DEMO_FILE).get("cards", {})
    for number, code in list(cards.items())[:1]:
        say(
            f"  居民：微信登录后用户卡上的验证码绑定，例如 {number} 户：{code}",
            "a resident binds with the code of the card",
        )


async def _tell_how_to_begin(url: str) -> None:
    import httpx2

    from launcher.tasks import FOUND_EXAMPLE

    async with httpx2.AsyncClient(base_url=url, timeout=10) as client:
        answer = await client.get("/api/v1/identity/communities", params={"limit": 1})
    if answer.is_success and answer.json()["items"]:
        say("  没有示范社区（DEMO=0），用的是已有的社区。", "no demo community; those founded before are there")
        return
    say("  还没有社区（DEMO=0）。请在另一个窗口建第一个，会给出管理员的用户名和密码：", "no community yet; found one")
    say(f"  {FOUND_EXAMPLE}")


def _failed(reason: str) -> LauncherError:
    return LauncherError(
        f"示范社区没有导入成功（{reason}）；再运行一次 make up 会接着导入，不想要示范社区请用 make up DEMO=0。",
        Exit.DEMO_FAILED,
        "demo community not loaded; run again, or use DEMO=0",
    )
