"""What a process at rest carries: large libraries are loaded by those who use them, and what stays is not searched for garbage.

Megabytes and seconds belong to the benchmark; these are their causes.
"""

import json
import os
import subprocess
import sys

from gateway.routes_table import SERVICES
from tests.launcher.process import ROOT

NOT_AT_REST = {
    "aiohttp": "speaks to services elsewhere",
    "alembic": "moves a schema",
    "mako": "comes with alembic",
    "PIL": "decodes pictures",
    "pillow_heif": "decodes pictures",
    "openpyxl": "writes workbooks",
    "python_calamine": "reads workbooks",
    "obstore": "keeps files",
    "opentelemetry.exporter": "sends traces",
    "opentelemetry.sdk.trace": "records traces",
    "pytest": "tests",
    "valkey": "another client of the same server",
}

BUILD = """
import json, sys
from importlib import import_module
import launcher.one_process, launcher.up, launcher.welcome
apps = {}
for service in sys.argv[1:]:
    main, worker = (import_module(f"services.{service}.{part}") for part in ("main", "worker"))
    runtime = main.build_runtime()
    main.create_app(runtime)
    worker.create_worker(runtime)
    apps[service] = None
from gateway.main import create_app
from gateway.settings import GatewaySettings
create_app(GatewaySettings(), apps)
print(json.dumps(list(sys.modules)))
"""


def environment():
    """Return settings with which everything is built and nothing connects."""
    from launcher.environment import secret_names

    key = "A" * 43 + "="
    return os.environ | {name.upper(): key for name in secret_names()} | {
        "ENVIRONMENT": "development",
        "DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "FIELD_KEYS": json.dumps({"k1": key}),
        "INDEX_KEY": key,
    }  # fmt: skip


def printed(code, *arguments):
    """Return the last line that a program of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def carried(modules):
    """Return those of the large libraries that are among the modules."""
    return {name for name in NOT_AT_REST if name in modules}


def test_no_service_and_no_worker_loads_a_library_before_it_uses_it():
    assert carried(json.loads(printed(BUILD, *SERVICES))) == set()


def test_a_library_that_is_loaded_is_seen():
    assert carried(json.loads(printed("import json, sys, alembic\nprint(json.dumps(list(sys.modules)))"))) >= {
        "alembic"
    }


def test_what_is_built_to_stay_is_kept_from_the_garbage_collector():
    told = printed(
        "import gc\n"
        "from launcher.garbage import built_to_stay\n"
        "frozen = gc.get_freeze_count()\n"
        "with built_to_stay():\n"
        "    inside, kept = gc.isenabled(), [[] for _ in range(1000)]\n"
        "print(frozen, inside, gc.isenabled(), gc.get_freeze_count() > 1000)\n"
    )
    assert told == "0 False True True"


def test_what_only_the_start_needed_is_thrown_away():
    told = printed(
        "import gc, weakref\n"
        "from launcher.garbage import settle\n"
        "class Knot: pass\n"
        "gc.disable()\n"
        "knot = Knot()\n"
        "knot.itself, gone = knot, weakref.ref(knot)\n"
        "del knot\n"
        "settle()\n"
        "print(gone(), gc.get_freeze_count() > 0)\n"
    )
    assert told == "None True"
