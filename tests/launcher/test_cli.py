"""What the command line makes of a stop in the middle of its work."""

import subprocess
import sys

import pytest

from launcher.errors import Exit

TORN = """
import os, signal
from launcher.cli import _told, app
from launcher.stopping import STOPPING

@app.command()
@_told
def torn():
    {body}

app(["torn"])
"""


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    "body",
    [
        "os.kill(os.getpid(), signal.{number})",
        # As in the import of any module with a data class: with KeyboardInterrupt Python would kill itself at its end.
        "exec('os.kill(os.getpid(), signal.{number})')",
        "try: os.kill(os.getpid(), signal.{number})\n    except BaseException: raise ValueError('torn from its work')",
        # As in the clean-up after an import, where Python prints what is raised and goes on.
        "try: os.kill(os.getpid(), signal.{number})\n    except BaseException: pass\n    STOPPING.go_on()",
        # As in an event loop that was half made.
        (
            "class Half:\n        def __del__(self): raise ValueError\n    async def lost(): pass\n"
            "    try: os.kill(os.getpid(), signal.{number})\n    finally: Half(), lost()"
        ),
    ],
    ids=["in_the_open", "in_an_exec", "followed_by_an_error", "dropped", "complaining"],
)
def test_a_stop_is_one_sentence_and_its_own_code(body: str, number: str) -> None:
    script = TORN.format(body=body.format(number=number))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (Exit.STOPPED, "已停止。  (stopped)\n")
