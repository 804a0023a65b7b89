"""The smaller commands: migrate, reset, openapi, dead-letters, story."""

import asyncio
import json
import os
import shutil
import sys
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from launcher.config import LaunchConfig
from launcher.console import say, stderr_to
from launcher.errors import Exit, LauncherError
from launcher.home import Home, read_json
from launcher.servers import check_redis, known_servers, running_database

OURS = frozenset(
    {
        "lock",
        "running.json",
        "secrets.json",
        "admin.json",
        "township.json",
        "district.json",
        "demo.json",
        "demo-cards.json",
        "story.json",
        "openapi.json",
        "logs",
        "files",
        "postgres",
        "valkey",
    }
)
"""Everything the launcher puts into a data directory. `reset` deletes these and nothing else."""

FOUND_EXAMPLE = "make found CODE=420304001001 NAME=青龙泉社区 TOWNSHIP=城关街道 DISTRICT=示范区"


def migrate(config: LaunchConfig) -> None:
    """Bring the database up to date and stop.

    Errors: LauncherError.
    """
    from launcher.environment import present_services
    from launcher.schema import upgrade

    with ExitStack() as stack:
        home = stack.enter_context(Home.hold(config.data_dir))
        url = stack.enter_context(running_database(config, home))
        with home.log("launcher") as log, stderr_to(log):
            taken = upgrade(url, present_services())
    for service, steps in taken.items():
        say(f"{service}: {'已是最新' if not steps else '已升级 ' + '、'.join(steps)}", "up to date")


def reset(config: LaunchConfig) -> None:
    """Delete what the launcher keeps in the data directory, after asking; a given DATABASE_URL is never touched.

    Errors: LauncherError while it runs, and when nobody says yes.
    """
    directory = config.data_dir
    if not any((directory / name).exists() for name in OURS):
        say(f"“{directory}”里没有缔园的数据，不用清空。", "nothing to delete")
        return
    with Home.hold(directory):
        if not config.is_confirmed:
            _ask(f"将删除“{directory}”里的全部居民、积分、投票和文件，不能恢复。确定请输入“删除”：")
        for name in sorted(OURS - {"lock"}):
            path = directory / name
            try:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise LauncherError(f"删不掉“{path}”（{error.strerror}）。", Exit.DATA_DIR, "cannot delete") from None
    (directory / "lock").unlink(missing_ok=True)
    say("已清空；下次 make up 会从头开始。", "deleted; the next start begins anew")
    if config.database_url or config.redis_url:
        say("DATABASE_URL 和 REDIS_URL 指的服务器没有动。", "your own servers were left alone")


def _ask(question: str) -> None:
    answer = ""
    if sys.stdin.isatty():
        answer = input(question)
    if answer.strip() not in {"删除", "delete", "yes"}:
        raise LauncherError(
            "没有确认，什么都没有删；不想被问请用 make reset YES=1。", Exit.NOT_CONFIRMED, "nothing was deleted"
        )


def write_openapi(out: str) -> None:
    """Write the merged document; the services are built but nothing is connected.

    Errors: LauncherError when the file cannot be written.
    """
    path = Path(out).expanduser()
    text = json.dumps(asyncio.run(_openapi()), ensure_ascii=False, indent=1) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LauncherError(
            f"写不了“{path}”（{error.strerror}）。", Exit.DATA_DIR, "cannot write the document"
        ) from None
    say(f"接口文档已写入“{path}”。", "OpenAPI document written")


async def _openapi() -> dict[str, Any]:
    import httpx2

    from gateway.main import create_app
    from gateway.settings import GatewaySettings
    from launcher.environment import present_services, secret_names

    # Nothing connects and nothing is signed: any well-formed value will do.
    nowhere, key = "127.0.0.1:1", "A" * 43 + "="
    os.environ.update(
        {name.upper(): key for name in secret_names()},
        ENVIRONMENT="development",
        LOG_LEVEL="ERROR",
        DATABASE_URL=f"postgresql://{nowhere}/none",
        REDIS_URL=f"redis://{nowhere}/0",
        FIELD_KEYS=json.dumps({"k1": key}),
        INDEX_KEY=key,
    )
    apps = {}
    for name in present_services():
        module = import_module(f"services.{name}.main")
        apps[name] = module.create_app(module.build_runtime())
    gateway = create_app(GatewaySettings(), apps)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=gateway), base_url="http://door") as client:
        document: dict[str, Any] = (await client.get("/openapi.json")).raise_for_status().json()
    return document


def show_accounts(config: LaunchConfig) -> None:
    """Print every demo account with its password and, for those who need one, the one-time code of this moment.

    Errors: LauncherError when there is no demo community or the system does not run.
    """
    from launcher.demo.client import one_time_code
    from launcher.welcome import clock_of, demo_accounts

    accounts = demo_accounts(Home(config.data_dir))
    if not accounts:
        raise LauncherError("这里没有示范账号；请先运行 make up。", Exit.USAGE, "no demo accounts; run make up first")
    now = asyncio.run(clock_of(running_url(config)))()
    say("用户名          密码                  验证码  姓名 职务", "user name, password, one-time code, name, duty")
    for account in accounts:
        code = one_time_code(account["totp_secret"], now) if account["totp_secret"] else ""
        say(f"{account['user_name']:<16}{account['password']:<22}{code:<8}{account['name']} {account['duty']}")
    say(f"验证码还有 {30 - int(now.timestamp()) % 30} 秒有效。", "seconds left for the codes")


def found_community(config: LaunchConfig) -> None:
    """Found a community in the running system: CODE, NAME, TOWNSHIP and DISTRICT say which.

    Errors: LauncherError when none runs, or a variable is missing or wrong.
    """
    from launcher.environment import environment_of

    running_url(config)
    names = ("CODE", "NAME", "TOWNSHIP", "DISTRICT")
    given = [os.environ.get(name, "").strip() for name in names]
    missing = [name for name, value in zip(names, given, strict=True) if not value]
    if missing:
        raise LauncherError(f"还缺 {'、'.join(missing)}。例如：{FOUND_EXAMPLE}。", Exit.USAGE, "a variable is missing")
    os.environ.update(environment_of(Home(config.data_dir), known_servers(config), {}))
    manage = import_module("services.identity.manage")
    try:
        first = manage.community_of(*given)
    except ValueError as error:
        raise LauncherError(str(error), Exit.USAGE, "CODE is not a community's code") from None
    say(asyncio.run(_found(manage, first)), "told this once")


async def _found(manage: Any, first: Any) -> str:
    runtime = import_module("services.identity.main").build_runtime()
    try:
        told: str = await manage.found_community(runtime, first)
    finally:
        await runtime.close()
    return told


def play_story(config: LaunchConfig) -> None:
    """Play two months against the system that runs on this data directory.

    Errors: LauncherError when none runs.
    """
    url = running_url(config)
    if find_spec("launcher.story") is None:
        raise LauncherError("这份程序没有带故事。", Exit.USAGE, "launcher.story is missing")
    import_module("launcher.story").main(url, config.data_dir)


def running_url(config: LaunchConfig) -> str:
    """Return the address of the running system.

    Errors: LauncherError when none runs here.
    """
    url = read_json(config.data_dir / "running.json").get("url")
    if not isinstance(url, str):
        raise LauncherError(
            "缔园还没有运行；请先在另一个窗口运行 make up。", Exit.USAGE, "not running; start it with make up"
        )
    return url


def dead_letters(config: LaunchConfig, service: str, *, is_replay: bool) -> None:
    """List or replay the events that were set aside.

    Errors: LauncherError for an unknown service or when Redis does not answer.
    """
    from launcher.environment import present_services

    services = present_services()
    if service and service not in services:
        raise LauncherError(f"没有“{service}”这个服务；有：{'、'.join(services)}。", Exit.USAGE, "no such service")
    if config.redis_url is None:
        running_url(config)
    url = config.redis_url or known_servers(config).redis_url
    asyncio.run(_dead_letters(url, [service] if service else list(services), is_replay=is_replay))


async def _dead_letters(url: str, services: list[str], *, is_replay: bool) -> None:
    from shared.inbox import list_dead_letters, replay_dead_letters
    from shared.runtime import connect_redis

    await check_redis(url)
    redis = connect_redis(url)
    try:
        for service in services:
            if is_replay:
                say(f"{service}: 放回 {await replay_dead_letters(redis, service)} 条。", "replayed")
                continue
            letters = await list_dead_letters(redis, service)
            say(f"{service}: {len(letters)} 条。", "set aside")
            for letter in letters:
                say("  " + json.dumps(letter, ensure_ascii=False))
    finally:
        await redis.aclose()
