"""The data directory: held by one, its secrets made once and never overwritten."""

import base64
import json
import os
import stat
from pathlib import Path

import pytest

from launcher.errors import Exit, LauncherError
from launcher.home import Home


def test_secrets_are_made_once_kept_and_readable_by_nobody_else(tmp_path):
    with Home.hold(tmp_path / "a") as home:
        first = home.secrets(["one", "two"])
        assert len({*first.values()}) == 2
        assert all(len(base64.b64decode(value)) == 32 for value in first.values())
        assert stat.S_IMODE((home.directory / "secrets.json").stat().st_mode) == 0o600
    with Home.hold(tmp_path / "a") as home:
        assert home.secrets(["three", "one", "two"]) == {**first, "three": home.secrets(["three"])["three"]}


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_damaged_secrets_file_is_reported_and_left_as_it_is(tmp_path, text):
    with Home.hold(tmp_path) as home:
        (tmp_path / "secrets.json").write_text(text)
        with pytest.raises(LauncherError, match="损坏") as refusal:
            home.secrets(["one"])
        assert refusal.value.exit_code == Exit.DATA_DIR
        assert (tmp_path / "secrets.json").read_text() == text


def test_the_second_is_told_where_the_first_runs(tmp_path):
    with Home.hold(tmp_path) as home:
        home.note_running("http://127.0.0.1:8000", None)
        with pytest.raises(LauncherError, match=r"http://127\.0\.0\.1:8000") as refusal, Home.hold(tmp_path):
            pass
        assert refusal.value.exit_code == Exit.ALREADY_RUNNING
    assert not (tmp_path / "running.json").exists()


def test_a_new_directory_lets_the_database_user_pass_and_an_old_one_keeps_its_permissions(tmp_path):
    with Home.hold(tmp_path / "new") as home:
        assert stat.S_IMODE(home.directory.stat().st_mode) == 0o711
    home.directory.chmod(0o750)
    with Home.hold(home.directory):
        assert stat.S_IMODE(home.directory.stat().st_mode) == 0o750


def test_a_refused_second_leaves_the_note_of_the_first(tmp_path):
    with Home.hold(tmp_path) as home:
        home.note_running("http://127.0.0.1:8000", None)
        with pytest.raises(LauncherError), Home.hold(tmp_path):
            pass
        assert home.running_url() == "http://127.0.0.1:8000"


@pytest.mark.parametrize(("place", "code"), [("/proc/diyuan", Exit.DATA_DIR), ("/dev/null/diyuan", Exit.DATA_DIR)])
def test_a_place_that_cannot_be_written_is_one_sentence(place, code):
    with pytest.raises(LauncherError, match=r"DATA_DIR|出错") as refusal, Home.hold(Path(place)):
        pass
    assert refusal.value.exit_code == code


def test_a_long_log_is_set_aside(tmp_path, monkeypatch):
    monkeypatch.setattr("launcher.home._LOG_LIMIT", 3)
    with Home.hold(tmp_path) as home:
        for _ in range(2):
            with home.log("a") as log:
                log.write(b"long")
        assert (tmp_path / "logs" / "a.log.1").read_bytes() == (tmp_path / "logs" / "a.log").read_bytes() == b"long"


def test_a_note_is_whole_or_not_there(tmp_path, monkeypatch):
    home = Home(tmp_path)
    home.write("note", json.dumps("old"))

    def full(_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        home.write("note", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["note"]
    assert (tmp_path / "note").read_text() == '"old"'
