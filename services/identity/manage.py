"""What an operator does with the service itself: `python -m services.identity.manage --help`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from services.identity.bootstrap import FirstCommunity, bootstrap
from services.identity.communities.domain import Level
from services.identity.keys import usecases as keys
from services.identity.keys.domain import published_keys
from services.identity.main import build_runtime
from services.identity.settings import Settings
from shared.kernel.errors import DomainError
from shared.kernel.ids import NO_COMMUNITY
from shared.runtime import Runtime
from shared.uow import UnitOfWork, unit_of_work

app = typer.Typer(help="缔园 · 身份服务的运维命令。", no_args_is_help=True, add_completion=False)

DIGITS = 12
Work = Callable[[UnitOfWork, Runtime[Settings]], Awaitable[str]]


async def run_work(runtime: Runtime[Settings], work: Work) -> str:
    """Do something with the platform's keys and return what to tell the operator."""
    async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY) as uow:
        return await work(uow, runtime)


async def describe_keys(uow: UnitOfWork, _: Runtime[Settings]) -> str:
    """List every key with its place in time."""
    stored = [one.key for one in await keys.list_signing_keys(uow=uow)]
    shown = {key.kid for key in published_keys(stored, uow.now)}
    lines = [
        f"{key.kid}  {key.signs_from:%Y-%m-%d %H:%M}Z 起签名  "
        + ("已作废" if key.withdrawn_at else "已公布" if key.kid in shown else "已过期")
        for key in stored
    ]
    return "\n".join(lines) or "还没有签名密钥；第一次登录时会自动生成。"


async def rotate_key(uow: UnitOfWork, runtime: Runtime[Settings]) -> str:
    """Make the next key."""
    key = await keys.rotate_signing_key(uow=uow, cipher=runtime.cipher)
    return f"新密钥 {key.kid} 已公布，{key.signs_from:%Y-%m-%d %H:%M}Z 起用它签名；旧密钥等它签的令牌都过期后自动撤下。"


def withdraw_key(kid: str) -> Work:
    """Return the work of taking a leaked key out of use."""

    async def work(uow: UnitOfWork, runtime: Runtime[Settings]) -> str:
        key = await keys.withdraw_signing_key(uow=uow, cipher=runtime.cipher, kid=kid)
        return f"密钥 {kid} 已作废；现在用 {key.kid} 签名。请重启各服务，让它们立刻忘记旧密钥。"

    return work


async def found_community(runtime: Runtime[Settings], first: FirstCommunity) -> str:
    """Found a community and return what its first two colleagues must know; it is told this once."""
    made = await bootstrap(runtime, first)
    lines = [f"社区“{first.name}”（{first.code}）的编号是 {made.community_id}。"]
    for duty, issued in (("社区管理员", made.administrator), ("街道干部", made.township_officer)):
        if issued is None:
            lines.append(f"{duty}已经有了，密码没有改动；忘了密码请同事重置。")
        else:
            lines += [
                f"{duty} 用户名 {issued.user_name} 初始密码 {issued.password} 验证器密钥 {issued.totp_secret}",
                f"  扫码添加到手机上的验证器：{issued.totp_uri}",
            ]
    return "\n".join([*lines, "密码和密钥只显示这一次，请马上交给本人；第一次登录时要换成自己的密码。"])


def community_of(code: str, name: str, township: str, district: str) -> FirstCommunity:
    """Return what to found; the first six and nine of a community's twelve digits are its district's and township's.

    Errors: ValueError when the code has no twelve digits.
    """
    if not (len(code) == DIGITS and code.isascii() and code.isdigit()):
        msg = f"社区代码 {code} 不对：应是 12 位统计用区划代码，例如 420304001001。"
        raise ValueError(msg)
    return FirstCommunity(
        code=code,
        name=name,
        township=Level(code[:9], township),
        district=Level(code[:6], district),
        admin_user_name=f"admin{code}",
        officer_user_name=f"township{code}",
    )


def _tell(work: Work) -> None:
    async def main() -> str:
        runtime = build_runtime()
        try:
            return await run_work(runtime, work)
        finally:
            await runtime.close()

    try:
        typer.echo(asyncio.run(main()))
    except DomainError as refusal:
        typer.echo(refusal.message, err=True)
        raise typer.Exit(1) from None


@app.command("list-keys", help="列出全部签名密钥。")
def list_keys_command() -> None:
    _tell(describe_keys)


@app.command("rotate-key", help="换一把新的签名密钥（新旧重叠，不影响已登录的人）。")
def rotate_key_command() -> None:
    _tell(rotate_key)


@app.command("withdraw-key", help="立刻作废一把可能泄露的密钥（它签的令牌一并失效）。")
def withdraw_key_command(kid: Annotated[str, typer.Argument(help="要作废的密钥编号。")]) -> None:
    _tell(withdraw_key(kid))


@app.command("found-community", help="建一个社区，给出它的管理员和街道干部；再次运行不会改动已有的。")
def found_community_command(
    code: Annotated[str, typer.Option(help="12 位统计用区划代码。")],
    name: Annotated[str, typer.Option(help="社区名称。")],
    township: Annotated[str, typer.Option(help="所属街道或乡镇的名称。")],
    district: Annotated[str, typer.Option(help="所属区县的名称。")],
) -> None:
    try:
        first = community_of(code, name, township, district)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None

    async def main() -> str:
        runtime = build_runtime()
        try:
            return await found_community(runtime, first)
        finally:
            await runtime.close()

    typer.echo(asyncio.run(main()))


if __name__ == "__main__":
    app()
