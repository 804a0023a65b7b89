"""The variables the programs read: generated secrets, the servers' addresses, the services' own. What is already set wins."""

import json
import os
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from pydantic import SecretStr

from gateway.routes_table import SERVICES
from launcher.home import Home
from launcher.servers import Servers

FIELD_KEY = "field_key"
_SET_ELSEWHERE = frozenset({"database_url", "redis_url"})


def environment_of(home: Home, servers: Servers, plain: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of the programs; `plain` are further settings, by setting name."""
    made = home.secrets([FIELD_KEY, "index_key", *secret_names()])
    wanted = {
        "environment": "development",
        "database_url": servers.database_url,
        "redis_url": servers.redis_url,
        "field_keys": json.dumps({"k1": made.pop(FIELD_KEY)}),
        # Everybody who tries the system sits at one machine and would share one person's allowance.
        "sign_in_limit_per_minute": "600",
        **made,
        **plain,
    }
    return {name.upper(): value for name, value in wanted.items()} | {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
    }


def secret_names() -> set[str]:
    """Return the secrets that the services' settings ask for, by setting name.

    They are read from the settings themselves, so that a new one is generated without a word here.
    """
    found: set[str] = set()
    for service in present_services():
        fields = import_module(f"services.{service}.settings").Settings.model_fields
        found |= {name for name, field in fields.items() if field.annotation is SecretStr}
    return found - _SET_ELSEWHERE


def present_services() -> tuple[str, ...]:
    """Return the services this checkout contains, in the order in which they start."""
    folder = Path(str(files("services")))
    return tuple(name for name in SERVICES if (folder / name / "worker.py").is_file())
