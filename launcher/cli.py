"""The command line behind `make`: each command ends with success, or with one sentence and the exit code of `launcher.errors`."""

import functools
import os
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, Any

import typer

from launcher.config import LaunchConfig
from launcher.console import complain
from launcher.errors import Exit, LauncherError
from launcher.home import Home
from launcher.stopping import STOPPING, StoppedError

app = typer.Typer(
    help="缔园：启动、升级和查看一套社区系统。 Brings the system up and looks after it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _told(command: Callable[..., None]) -> Callable[..., None]:
    """Turn every way a command can fail into one sentence and an exit code."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        STOPPING.listen()
        try:
            command(*args, **kwargs)
        except typer.Exit:
            raise
        except (StoppedError, Exception) as error:  # noqa: BLE001 - the last resort: people see a sentence, the log keeps the rest.
            if STOPPING.was_asked:
                # Whatever goes wrong in what was torn from its work goes wrong because of that.
                complain("已停止。", "stopped")
                raise typer.Exit(Exit.STOPPED) from None
            raise typer.Exit(_explain(error)) from None

    return run


def _explain(error: BaseException) -> Exit:
    if isinstance(error, LauncherError):
        if error.__cause__ is not None:
            _record(error)
        complain(error.message_zh, error.message_en)
        return error.exit_code
    where = _record(error)
    complain(f"没有料到的错误：{type(error).__name__}: {error}{where}。", "unexpected failure")
    return Exit.UNEXPECTED


def _record(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error))
    try:
        with Home(LaunchConfig.read().data_dir).log("launcher") as log:
            log.write(text.encode())
            return f"（详细记录在“{log.name}”）"
    except (LauncherError, OSError):
        return ""


@app.command()
@_told
def up() -> None:
    """启动整个社区。 Bring a whole community to life; Ctrl-C stops it."""
    from launcher.up import up as bring_up

    bring_up(LaunchConfig.read())


@app.command("load-demo", hidden=True)
@_told
def load_demo(door: Annotated[int, typer.Argument(help="The bound socket of the launcher that waits.")]) -> None:
    """Load the demo community for a launcher that starts for the first time."""
    from launcher.up import load_demo as run

    with socket.socket(fileno=door) as bound:
        run(LaunchConfig.read(), bound)


@app.command()
@_told
def migrate() -> None:
    """只升级数据库。 Bring the database up to date and stop."""
    from launcher.tasks import migrate as run

    run(LaunchConfig.read())


@app.command()
@_told
def reset() -> None:
    """删除本机的数据。 Delete the local data; asks first unless YES=1."""
    from launcher.tasks import reset as run

    run(LaunchConfig.read())


@app.command()
@_told
def openapi() -> None:
    """写出合并的接口文档（OUT=文件名）。 Write the merged OpenAPI document."""
    from launcher.tasks import write_openapi

    write_openapi(os.environ.get("OUT") or "openapi.json")


@app.command()
@_told
def accounts() -> None:
    """列出示范账号和此刻的验证码。 Show the demo accounts with the one-time codes of this moment."""
    from launcher.tasks import show_accounts

    show_accounts(LaunchConfig.read())


@app.command()
@_told
def found() -> None:
    """建第一个社区（CODE、NAME、TOWNSHIP、DISTRICT）。 Found a community in the running system."""
    from launcher.tasks import found_community

    found_community(LaunchConfig.read())


@app.command()
@_told
def story() -> None:
    """在运行着的社区里走完两个月。 Play two months against the running system."""
    from launcher.tasks import play_story

    play_story(LaunchConfig.read())


@app.command("dead-letters")
@_told
def dead_letters(
    service: Annotated[str, typer.Argument(help="哪个服务，不写就是全部。 Which service; all when left out.")] = "",
    replay: Annotated[bool, typer.Option("--replay", help="放回去重新处理。 Put them back on their streams.")] = False,
) -> None:
    """看看处理不了的消息，或放回去重做。 List the events set aside after repeated failure, or replay them."""
    from launcher.tasks import dead_letters as run

    run(LaunchConfig.read(), service, is_replay=replay)


@app.command("exit-codes")
def exit_codes() -> None:
    """列出退出码。 List the exit codes."""
    from launcher.errors import MEANINGS

    for code, (chinese, english) in MEANINGS.items():
        typer.echo(f"{code.value:>3}  {chinese}  ({english})")


if __name__ == "__main__":
    sys.exit(app())
