"""Given servers are asked before anything starts, and each way they can be wrong is its own sentence."""

import asyncio

import pytest

from launcher.config import LaunchConfig
from launcher.embedded import EmbeddedPostgres, EmbeddedValkey
from launcher.errors import Exit, LauncherError
from launcher.home import Home
from launcher.servers import check_database, check_redis, running_servers


@pytest.fixture(scope="module")
def postgres():
    with EmbeddedPostgres.temporary() as server:
        server.execute("CREATE DATABASE latin ENCODING 'SQL_ASCII' TEMPLATE template0")
        yield server


@pytest.fixture(scope="module")
def valkey():
    with EmbeddedValkey.temporary() as server:
        yield server


def refusal_of(check):
    with pytest.raises(LauncherError) as refusal:
        asyncio.run(check)
    return refusal.value


def test_good_servers_pass(postgres, valkey):
    asyncio.run(check_database(postgres.url))
    asyncio.run(check_database(postgres.url.replace("postgresql://", "postgresql+asyncpg://")))
    asyncio.run(check_redis(valkey.url))


def test_each_wrong_database_address_is_its_own_sentence(postgres):
    cases = {
        postgres.url.replace(postgres.password, "geheim"): "密码",
        postgres.url_of("nowhere"): "没有 DATABASE_URL 指的那个库",
        postgres.url_of("latin"): "UTF8",
        postgres.url.replace(f":{postgres.port}/", ":1/"): "连不上",
        "postgresql://u:geheim@no-such-host.invalid/d": "连不上",
    }
    for url, words in cases.items():
        error = refusal_of(check_database(url))
        assert error.exit_code == Exit.DATABASE_UNREACHABLE
        assert words in error.message_zh
        assert "geheim" not in error.message_zh
        assert postgres.password not in error.message_zh


def test_each_wrong_redis_address_is_its_own_sentence(valkey):
    cases = {
        valkey.url.replace(valkey.password, "geheim"): "密码",
        f"redis://127.0.0.1:{valkey.port}/0": "密码",
        "redis://127.0.0.1:1/0": "没有回应",
    }
    for url, words in cases.items():
        error = refusal_of(check_redis(url))
        assert error.exit_code == Exit.REDIS_UNREACHABLE
        assert words in error.message_zh
        assert "geheim" not in error.message_zh


def test_given_servers_win_and_are_left_running(postgres, valkey, tmp_path):
    config = LaunchConfig.read({"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url, "DATA_DIR": str(tmp_path)})
    with Home.hold(tmp_path) as home, running_servers(config, home) as servers:
        assert (servers.database_url, servers.redis_url) == (postgres.url, valkey.url)
        assert not (tmp_path / "postgres").exists()
    assert postgres.is_running
    assert valkey.is_running


def test_a_wrong_address_is_told_before_anything_starts(tmp_path):
    config = LaunchConfig.read({"REDIS_URL": "redis://127.0.0.1:1/0", "DATA_DIR": str(tmp_path)})
    with pytest.raises(LauncherError), Home.hold(tmp_path) as home, running_servers(config, home):
        pass
    assert not (tmp_path / "postgres").exists()
