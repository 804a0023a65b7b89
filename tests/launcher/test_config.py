"""The variables of `make help`, right and wrong."""

from pathlib import Path

import pytest

from launcher.config import LaunchConfig
from launcher.errors import MEANINGS, Exit, LauncherError


def test_nothing_set_gives_the_defaults():
    config = LaunchConfig.read({})
    assert (config.port, config.data_dir, config.is_split, config.has_demo) == (
        8000,
        Path(".data").absolute(),
        False,
        True,
    )
    assert (config.database_url, config.redis_url, config.is_confirmed) == (None, None, False)


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        ({"PORT": "0"}, "port", 0),
        ({"PORT": "65535"}, "port", 65535),
        ({"SPLIT": "1"}, "is_split", True),
        ({"SPLIT": ""}, "is_split", False),
        ({"DEMO": "no"}, "has_demo", False),
        ({"YES": "1"}, "is_confirmed", True),
        ({"DATA_DIR": "/数 据"}, "data_dir", Path("/数 据")),
        ({"DATABASE_URL": " postgresql://u:p@h:5432/d "}, "database_url", "postgresql://u:p@h:5432/d"),
        ({"DATABASE_URL": ""}, "database_url", None),
        ({"REDIS_URL": "rediss://h"}, "redis_url", "rediss://h"),
    ],
)
def test_right_values(given, name, expected):
    assert getattr(LaunchConfig.read(given), name) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"PORT": "abc"},
        {"PORT": "65536"},
        {"PORT": "-1"},
        {"PORT": "８０"},
        {"SPLIT": "maybe"},
        {"DATABASE_URL": "mysql://h/d"},
        {"DATABASE_URL": "postgresql://h:port/d"},
        {"DATABASE_URL": "localhost"},
        {"REDIS_URL": "http://h"},
        {"REDIS_URL": "redis://h:99999"},
    ],
)
def test_wrong_values_are_named(given):
    with pytest.raises(LauncherError) as refusal:
        LaunchConfig.read(given)
    assert refusal.value.exit_code == Exit.USAGE
    assert next(iter(given)) in refusal.value.message_zh
    assert next(iter(given)) in refusal.value.message_en


def test_a_wrong_address_is_not_repeated_because_it_holds_a_password():
    with pytest.raises(LauncherError) as refusal:
        LaunchConfig.read({"DATABASE_URL": "mysql://u:geheim@h/d"})
    assert "geheim" not in refusal.value.message_zh


def test_every_exit_code_is_explained_and_documented():
    assert set(MEANINGS) == set(Exit)
    table = (Path(__file__).parents[2] / "launcher" / "README.md").read_text(encoding="utf-8")
    for code, (chinese, english) in MEANINGS.items():
        assert f"| {code.value} | {chinese} | {english} |" in table
