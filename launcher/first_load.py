"""The first start: the demo community is loaded by a process of its own, which takes with it what the loading left behind.

Comparing a roster of fifteen thousand residents leaves a process twice as large as one that has only started, and it stays so.
"""

import socket
import subprocess
import sys

from launcher.config import LaunchConfig
from launcher.embedded.binaries import parent_death_prefix
from launcher.errors import Exit, LauncherError
from launcher.home import Home

DEMO_FILE = "demo.json"


def is_needed(config: LaunchConfig, home: Home) -> bool:
    """Tell whether the demo community is wanted and not there yet."""
    return config.has_demo and not (home.directory / DEMO_FILE).exists()


def in_its_own_process(home: Home, door: socket.socket) -> None:
    """Load the demo community through a system that serves at the door until that is done.

    Idempotency: a loading that was cut off is begun again by the next call.
    Errors: SystemExit with the code of a process that has told its failure itself; LauncherError when one was cut off.
    """
    command = [*parent_death_prefix("TERM"), sys.executable, "-m", "launcher.cli", "load-demo", str(door.fileno())]
    # A session of its own: Ctrl-C in the terminal is for the launcher alone, which passes it on.
    process = subprocess.Popen(command, pass_fds=[door.fileno()], stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if code:
        sys.exit(code)
    if not (home.directory / DEMO_FILE).exists():
        raise LauncherError(
            "示范社区没有导入成功（导入的程序被停掉了）；再运行一次 make up 会接着导入。",
            Exit.DEMO_FAILED,
            "the loading was stopped; run again",
        )
