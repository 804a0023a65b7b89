"""`make up` from a stranger's point of view: a process, what it says, its exit code, and what is left behind."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from redis import Redis

from gateway.routes_table import SERVICES
from launcher.demo.client import one_time_code
from launcher.embedded import EmbeddedPostgres
from launcher.errors import Exit
from tests.launcher.process import Launch

READY = "按 Ctrl-C 停止"


def get(url, path):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def address(said):
    return re.search(r"http://127\.0\.0\.1:\d+", said).group()


def found_a_community(one):
    """Do what the welcome says, to the letter, and return what came of it: (user name, password, TOTP secret) of the administrator."""
    words = re.search(r"make found (.+)$", one.said, re.MULTILINE).group(1)
    founding = Launch(["found"], one.base, **dict(word.split("=") for word in words.split()))
    assert founding.end() == 0, founding.said
    return re.search(r"社区管理员 用户名 (\S+) 初始密码 (\S+) 验证器密钥 (\S+)", founding.said).groups()


def sign_in(url, user_name, password, totp_secret):
    """Sign in as a member of staff for the first time, with a password of his own, and return the access token."""
    digits = one_time_code(totp_secret, datetime.now(UTC))
    own = "门前的石榴树开了七朵花"
    body = {"user_name": user_name, "password": password, "new_password": own, "totp_code": digits}
    answer = httpx2.post(f"{url}/api/v1/identity/staff_sessions", json=body, timeout=240)
    assert answer.status_code == 201, answer.text
    return answer.json()["access_token"]


@contextmanager
def open_page(one):
    """Keep a live stream open in a thread; yield a future of the moment at which it came to its proper end."""
    url = address(one.said)
    token = sign_in(url, *found_a_community(one))
    opened = threading.Event()

    def read():
        headers = {"Authorization": f"Bearer {token}"}
        with httpx2.stream("GET", f"{url}/api/v1/notifications/stream", headers=headers, timeout=240) as answer:
            assert answer.status_code == 200
            for _ in answer.iter_bytes():  # A stream that is cut off instead of ended raises here.
                opened.set()
        return time.monotonic()

    with ThreadPoolExecutor(1) as reader:
        ended = reader.submit(read)
        assert opened.wait(30)
        yield ended


def processes_of(directory):
    """Return the processes that stand in the directory or below it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append(process.name)
        except OSError:
            continue
    return found


def wait_until(told, seconds=240):
    deadline = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def assert_one_sentence_of(one, code):
    """No traceback; the last line is Chinese with the English in brackets; the code is the documented one."""
    assert one.end() == code, one.said
    assert "Traceback" not in one.said
    assert re.search(r"[\u4e00-\u9fff].*。  \(.+\)\n$", one.said), one.said


def assert_one_sentence(one, code):
    """The same, and nothing is left running."""
    assert_one_sentence_of(one, code)
    assert processes_of(one.data_dir) == []


@pytest.fixture(scope="module")
def running():
    with tempfile.TemporaryDirectory(prefix="缔园 数据 ") as directory:
        Path(directory).chmod(0o755)
        one = Launch(["up"], Path(directory))
        try:
            one.wait_for(READY)
            yield one
            assert one.stop(signal.SIGTERM) == 0
        finally:
            one.make_sure_it_ended()


class TestRunning:
    """What holds while it runs; one running system for all of these."""

    def test_it_serves_everything(self, running):
        url = address(running.said)
        status, body = get(url, "/readyz")
        assert (status, json.loads(body)["status"]) == (200, "ready")
        assert set(json.loads(body)["checks"]) == set(SERVICES)
        assert get(url, "/docs")[0] == 200
        assert get(url, "/api/v1/points/products")[0] == 401

    def test_a_second_start_is_told_where_the_first_is(self, running):
        second = Launch(["up"], running.base)
        assert second.end() == Exit.ALREADY_RUNNING
        assert address(running.said) in second.said

    def test_reset_and_migrate_are_refused(self, running):
        for command in ("reset", "migrate"):
            refused = Launch([command], running.base, YES="1")
            assert refused.end() == Exit.ALREADY_RUNNING
        assert (running.data_dir / "postgres").exists()

    def test_dead_letters_are_listed_and_played_again(self, running):
        folder = running.data_dir / "valkey"
        password, port = ((folder / name).read_text() for name in ("password", "port"))
        letter = {"stream": "events:identity", "error": "ValueError('x')", "type": "test"}
        with Redis.from_url(f"redis://:{password}@127.0.0.1:{port}/0", decode_responses=True) as redis:
            redis.xadd("dead:points", letter)
        listed = Launch(["dead-letters", "points"], running.base)
        assert listed.end() == 0
        assert "ValueError" in listed.said
        assert "property" not in listed.said
        assert Launch(["dead-letters", "nobody"], running.base).end() == Exit.USAGE

    def test_without_a_demo_community_it_says_how_to_found_one(self, running):
        assert "还没有社区" in running.said
        short = Launch(["found"], running.base, CODE="420304001001")
        assert_one_sentence_of(short, Exit.USAGE)
        assert "NAME、TOWNSHIP、DISTRICT" in short.said
        odd = Launch(["found"], running.base, CODE="42", NAME="a", TOWNSHIP="b", DISTRICT="c")
        assert_one_sentence_of(odd, Exit.USAGE)
        secrets = found_a_community(running)
        url = address(running.said)
        assert sign_in(url, *secrets)
        (community,) = httpx2.get(f"{url}/api/v1/identity/communities", timeout=240).json()["items"]
        assert (community["code"], community["name"]) == ("420304001001", "青龙泉社区")
        assert community["district"] == {"code": "420304", "name": "示范区"}
        again = Launch(["found"], running.base, CODE="420304001001", NAME="a", TOWNSHIP="b", DISTRICT="c")
        assert again.end() == 0
        assert "初始密码" not in again.said

    def test_without_a_demo_community_accounts_says_what_to_do(self, running):
        one = Launch(["accounts"], running.base)
        assert one.end() == Exit.USAGE
        assert "make up" in one.said


@pytest.mark.slow
def test_after_kill_it_starts_again_with_the_same_secrets_and_ends_without_a_trace(launch):
    first = launch("up")
    first.wait_for(READY)
    secrets = (first.data_dir / "secrets.json").read_text()
    first.process.kill()
    first.end()
    second = launch("up")
    assert get(address(second.wait_for(READY)), "/readyz")[0] == 200
    assert (second.data_dir / "secrets.json").read_text() == secrets
    with open_page(second) as page:
        asked = time.monotonic()
        assert second.stop() == 0
        assert page.result(1) - asked < 2
    assert second.said.rstrip().endswith("(stopped)")
    wait_until(lambda: processes_of(second.data_dir) == [])
    assert not [
        line
        for line in (second.data_dir / "logs" / "diyuan.log").read_text().splitlines()
        if '"level": "error"' in line
    ]


def test_a_taken_port_is_told_before_anything_starts(launch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        one = launch("up", PORT=str(other.getsockname()[1]))
        assert_one_sentence(one, Exit.PORT_TAKEN)
    assert not (one.data_dir / "postgres").exists()


@pytest.mark.parametrize("begun", ["postgres/pid", "valkey/pid", "logs/launcher.log"])
def test_ctrl_c_on_the_way_up_stops_what_was_started(launch, begun):
    """Of three moments the last is just before the database is migrated."""
    one = launch("up")
    wait_until((one.data_dir / begun).exists)
    one.process.send_signal(signal.SIGINT)
    assert_one_sentence(one, Exit.STOPPED)


def test_wrong_settings_and_addresses_are_one_sentence(launch):
    cases = [
        ({"PORT": "http"}, Exit.USAGE),
        ({"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d"}, Exit.DATABASE_UNREACHABLE),
        ({"DATABASE_URL": "oracle://x"}, Exit.USAGE),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, Exit.REDIS_UNREACHABLE),
        ({"PG_BIN": "/nowhere"}, Exit.BINARIES),
    ]
    for settings, code in cases:
        assert_one_sentence(launch("up", **settings), code)


def test_a_database_newer_than_the_code_is_refused_and_left_alone(launch, base):
    with EmbeddedPostgres(base / "own", durable=False) as postgres:
        migrated = launch("migrate", DATABASE_URL=postgres.url)
        assert migrated.end() == 0, migrated.said
        assert not (migrated.data_dir / "postgres").exists()
        postgres.execute("UPDATE points.schema_version SET version_num = '9999'", database="diyuan")
        one = launch("up", DATABASE_URL=postgres.url)
        assert_one_sentence(one, Exit.DATABASE_NEWER)
        assert postgres.execute("SELECT version_num FROM points.schema_version", database="diyuan") == [("9999",)]


def test_a_user_that_may_not_migrate_is_told_so(launch, base):
    with EmbeddedPostgres(base / "own", durable=False) as postgres:
        postgres.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'")
        url = f"postgresql://weak:weak@127.0.0.1:{postgres.port}/diyuan"
        one = launch("up", DATABASE_URL=url)
        assert_one_sentence(one, Exit.MIGRATION_FAILED)
        assert "权限" in one.said


def can_mount():
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0 or not can_mount(), reason="needs the right to mount a file system")
@pytest.mark.parametrize(
    ("options", "code"),
    [("size=16m,ro", Exit.DATA_DIR), ("size=64k", Exit.DISK_FULL), ("size=12m", Exit.DISK_FULL)],
    ids=["read-only", "full at once", "full while the database is made"],
)
def test_a_directory_that_cannot_take_the_data(launch, base, options, code):
    place = base / "数据 目录"
    place.mkdir()
    script = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"'
    one = launch("up", prefix=("unshare", "-m", "sh", "-c", script, "sh", options, str(place)))
    assert_one_sentence(one, code)


@pytest.mark.slow
def test_split_serves_replaces_a_dead_process_and_ends_without_a_trace(launch):
    one = launch("up", SPLIT="1")
    url = address(one.wait_for(READY))
    assert get(url, "/readyz")[0] == 200
    children = {
        int(process.name): (process / "cmdline").read_text().split("\0")
        for process in Path("/proc").glob("[0-9]*")
        if (process / "stat").exists() and parent_of(process) == one.process.pid
    }
    victim = next(pid for pid, command in children.items() if "service" in command and "points" in command)
    os.kill(victim, signal.SIGKILL)
    one.wait_for("service points 意外退出")
    wait_until(lambda: get(url, "/readyz")[0] == 200)
    assert get(url, "/api/v1/points/products")[0] == 401
    with open_page(one) as page:
        asked = time.monotonic()
        assert one.stop() == 0
        assert page.result(1) - asked < 2
    assert processes_of(one.data_dir) == []
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def parent_of(process):
    try:
        return int((process / "stat").read_text().rsplit(") ", 1)[1].split()[1])
    except OSError:
        return 0


class TestSmallCommands:
    def test_reset_asks_first_and_deletes_only_its_own(self, launch, base):
        one = launch("migrate")
        assert one.end() == 0
        (one.data_dir / "mine.txt").write_text("kept")
        refused = launch("reset")
        assert refused.end() == Exit.NOT_CONFIRMED
        assert (one.data_dir / "postgres").exists()
        confirmed = launch("reset", YES="1")
        assert confirmed.end() == 0
        assert [path.name for path in one.data_dir.iterdir()] == ["mine.txt"]

    def test_openapi_needs_no_server(self, launch, base):
        out = base / "接口 文档.json"
        one = launch("openapi", OUT=str(out))
        assert one.end() == 0
        document = json.loads(out.read_text())
        assert document["openapi"].startswith("3.1")
        assert "/api/v1/points/redemptions" in document["paths"]

    def test_story_without_a_running_system_says_what_to_do(self, launch):
        one = launch("story")
        assert one.end() == Exit.USAGE
        assert "make up" in one.said
