"""The environment of the programs is complete, keeps its secrets, and lets people overrule it."""

import os
from importlib import import_module

import pytest

from gateway.routes_table import SERVICES
from gateway.settings import GatewaySettings
from launcher import wechat
from launcher.doorway import address_of, bind
from launcher.environment import environment_of, present_services, secret_names
from launcher.errors import Exit, LauncherError
from launcher.home import Home
from launcher.servers import Servers

SERVERS = Servers("postgresql://u:p@127.0.0.1:1/d", "redis://127.0.0.1:2/0")


@pytest.fixture
def home(tmp_path):
    with Home.hold(tmp_path) as held:
        yield held


@pytest.fixture
def only(monkeypatch):
    """Replace the whole environment of this process."""

    def replace(values):
        for name in list(os.environ):
            if name not in {"PATH", "HOME"}:
                monkeypatch.delenv(name)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return replace


def test_every_service_is_in_this_checkout():
    assert present_services() == SERVICES


def test_every_program_starts_on_it_even_where_placeholders_are_refused(home, only):
    only({})
    with bind(0) as door:
        environment = environment_of(home, SERVERS, wechat.settings_for(door) | {"media_dir": "/数据/files"})
        assert environment["WECHAT_BASE_URL"] == address_of(door)
    only(environment | {"ENVIRONMENT": "production"})
    settings = [GatewaySettings(), *(import_module(f"services.{name}.settings").Settings() for name in SERVICES)]
    assert {one.redis_url.get_secret_value() for one in settings} == {SERVERS.redis_url}
    assert {one.database_url.get_secret_value() for one in settings[1:]} == {SERVERS.database_url}
    assert import_module("services.media.settings").Settings().media_dir == "/数据/files"


def test_secrets_are_the_same_at_the_next_start_and_differ_from_each_other(home, only):
    only({})
    first, second = (environment_of(home, SERVERS, {}) for _ in range(2))
    assert first == second
    secrets = [first[name.upper()] for name in secret_names()]
    assert len({*secrets}) == len(secrets) > 2


def test_what_people_set_wins_except_the_servers_that_answered(home, only):
    only({"LOG_LEVEL": "DEBUG", "PICKUP_KEY": "of my own", "DATABASE_URL": "postgresql://other"})
    environment = environment_of(home, SERVERS, {"log_level": "INFO"})
    assert (environment["LOG_LEVEL"], environment["PICKUP_KEY"]) == ("DEBUG", "of my own")
    assert environment["DATABASE_URL"] == SERVERS.database_url


@pytest.mark.parametrize(
    ("given", "wanted"),
    [({}, True), ({"WECHAT_BASE_URL": "https://wechat.example"}, False), ({"ENVIRONMENT": "production"}, False)],
)
def test_the_local_wechat_stands_in_only_where_nobody_named_the_real_one(only, given, wanted):
    only(given)
    assert wechat.is_wanted() is wanted


def test_a_taken_port_names_another_one():
    with bind(0) as door:
        door.listen()
        port = door.getsockname()[1]
        with pytest.raises(LauncherError, match=str(port)) as refusal:
            bind(port)
        assert refusal.value.exit_code == Exit.PORT_TAKEN
