"""Services that are slow, dead, half dead; clients that leave."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from gateway.main import create_app
from tests.gateway.conftest import TEST_ROUTES, Door
from tests.gateway.serving import free_port, serve, talk
from tests.gateway.upstream import Upstream


async def test_a_slow_service_is_504(door: Door) -> None:
    started = time.monotonic()
    answer = await door.get("/api/v1/points/slow")
    assert 0.4 < time.monotonic() - started < 15
    assert answer.status_code == 504
    assert answer.json()["code"] == "gateway.service_timeout"
    await asyncio.wait_for(door.upstream.left.wait(), 30) if door.mode == "in_process" else None


async def test_a_slow_post_is_504_and_not_repeated(door: Door) -> None:
    assert (await door.client.post("/api/v1/points/slow", content=b"x")).status_code == 504
    assert door.upstream.calls == ["POST /api/v1/points/slow"]


async def test_a_client_that_sends_too_slowly_is_408(door: Door) -> None:
    head = b"POST /api/v1/points/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
    answer = await talk(door.url, head)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"gateway.request_timeout" in answer


async def test_a_service_that_stalls_in_the_middle_breaks_the_connection(door: Door) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        await door.get("/api/v1/points/stall")


async def test_a_service_that_breaks_off_breaks_the_connection(door: Door) -> None:
    """Half an answer must not look like a whole one."""
    with pytest.raises(httpx2.RemoteProtocolError):
        await door.get("/api/v1/points/cut")


async def test_a_dead_service_is_502(door: Door) -> None:
    answer = await door.get("/api/v1/property/tickets")
    assert answer.status_code == 502
    problem = answer.json()
    assert (problem["code"], problem["service"]) == ("gateway.service_unreachable", "property")


async def test_the_others_go_on_while_one_is_dead(door: Door) -> None:
    answers = await asyncio.gather(*(door.get(f"/api/v1/{name}/echo") for name in ("property", "points") * 5))
    assert [answer.status_code for answer in answers] == [502, 200] * 5


async def test_a_client_that_leaves_ends_the_work_for_it(open_door: Any) -> None:
    door = await open_door()
    async with door.client.stream("GET", "/api/v1/points/events") as answer:
        assert await anext(answer.aiter_bytes()) == b"id: 0\n\n"
    await asyncio.wait_for(door.upstream.left.wait(), 30)


async def test_a_client_that_leaves_in_the_middle_of_its_body(door: Door) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(door.url.rpartition(":")[2]))
    writer.write(b"POST /api/v1/points/big HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50000)
    async with door.upstream.progress:
        await asyncio.wait_for(door.upstream.progress.wait_for(lambda: door.upstream.received > 0), 30)
    writer.close()
    await asyncio.wait_for(door.upstream.left.wait(), 30)
    assert await reader.read() == b""
    assert (await door.get("/api/v1/points/echo")).status_code == 200


class RawReplica:
    """A server below HTTP: does to each connection what it is told."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.requests = 0
        self.url = ""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "RawReplica":
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()
            return
        if head.startswith(b"GET /readyz"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        else:
            self.requests += 1
            writer.write(self.answer or b"")
        await writer.drain()
        writer.close()


async def behind(stack: Any, make_settings: Any, replicas: list[str]) -> httpx2.AsyncClient:
    app = create_app(make_settings(upstreams={"points": replicas}), routes=TEST_ROUTES)
    url = await stack.enter_async_context(serve(app))
    return await stack.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=120))  # type: ignore[no-any-return]


@pytest.fixture
async def stack() -> Any:
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as opened:
        yield opened


async def test_rubbish_instead_of_http_is_502(stack: Any, make_settings: Any) -> None:
    replica = await stack.enter_async_context(RawReplica(b"this is not HTTP\r\n\r\n"))
    client = await behind(stack, make_settings, [replica.url])
    answer = await client.get("/api/v1/points/echo")
    assert answer.status_code == 502
    assert answer.json()["code"] == "gateway.service_unreachable"


async def test_a_connection_closed_without_answer_moves_a_get_to_the_other_replica(
    stack: Any, make_settings: Any
) -> None:
    silent = await stack.enter_async_context(RawReplica(None))
    good = Upstream("good")
    good_url = await stack.enter_async_context(serve(good))
    client = await behind(stack, make_settings, [silent.url, good_url])
    names = [(await client.get("/api/v1/points/echo")).json()["name"] for _ in range(4)]
    assert names == ["good"] * 4
    assert silent.requests > 0


async def test_a_post_is_never_sent_twice(stack: Any, make_settings: Any) -> None:
    """The silent replica may have done what it was asked; nobody asks again."""
    silent = await stack.enter_async_context(RawReplica(None))
    good = Upstream("good")
    good_url = await stack.enter_async_context(serve(good))
    client = await behind(stack, make_settings, [silent.url, good_url])
    statuses = [(await client.post("/api/v1/points/echo", content=b"x")).status_code for _ in range(4)]
    assert sorted(statuses) == [200, 200, 502, 502]
    assert silent.requests + len(good.calls) == 4


async def test_a_body_that_was_already_read_is_not_sent_again(stack: Any, make_settings: Any) -> None:
    silent = await stack.enter_async_context(RawReplica(None))
    client = await behind(stack, make_settings, [silent.url])

    async def body() -> Any:
        yield b"one"
        await asyncio.sleep(0.05)
        yield b"two"

    assert (await client.put("/api/v1/points/echo", content=body())).status_code == 502
    assert silent.requests == 1


async def test_a_lone_replica_gets_one_second_attempt(stack: Any, make_settings: Any) -> None:
    silent = await stack.enter_async_context(RawReplica(None))
    client = await behind(stack, make_settings, [silent.url])
    assert (await client.get("/api/v1/points/echo")).status_code == 502
    assert silent.requests == 2


async def test_requests_spread_over_replicas(stack: Any, make_settings: Any) -> None:
    replicas = [Upstream("a"), Upstream("b"), Upstream("c")]
    urls = [await stack.enter_async_context(serve(replica)) for replica in replicas]
    client = await behind(stack, make_settings, urls)
    for _ in range(12):
        await client.get("/api/v1/points/echo")
    assert [len(replica.calls) for replica in replicas] == [4, 4, 4]


async def test_a_replica_that_says_it_is_not_ready_gets_no_requests_until_it_is(stack: Any, make_settings: Any) -> None:
    draining, well = Upstream("draining"), Upstream("well")
    draining.is_ready = False
    urls = [await stack.enter_async_context(serve(replica)) for replica in (draining, well)]
    client = await behind(stack, make_settings, urls)
    await until(lambda: _only(client, "well"))
    draining.is_ready = True
    await until(lambda: _meets(client, "draining"))


async def _only(client: httpx2.AsyncClient, name: str) -> bool:
    return [(await client.get("/api/v1/points/echo")).json()["name"] for _ in range(4)] == [name] * 4


async def _meets(client: httpx2.AsyncClient, name: str) -> bool:
    return bool((await client.get("/api/v1/points/echo")).json()["name"] == name)


async def until(asked: Any) -> None:
    async with asyncio.timeout(60):
        while not await asked():  # noqa: ASYNC110  # what is asked lies in another process
            await asyncio.sleep(0.02)


@pytest.fixture
def replica_processes() -> Iterator[Any]:
    running: list[subprocess.Popen[bytes]] = []

    def start(port: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "uvicorn", "tests.gateway.upstream:trivial", "--port", str(port)]
        process = subprocess.Popen([*command, "--lifespan", "off", "--log-level", "error"])
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


async def answers(url: str) -> bool:
    try:
        async with httpx2.AsyncClient() as client:
            return bool((await client.get(url + "/readyz")).status_code == 200)
    except httpx2.TransportError:
        return False


@pytest.mark.faults
async def test_one_replica_is_killed_under_load_and_the_other_takes_over(
    stack: Any, make_settings: Any, replica_processes: Any
) -> None:
    ports = [free_port(), free_port()]
    processes = [replica_processes(port) for port in ports]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    for url in urls:
        await until(lambda url=url: answers(url))
    client = await behind(stack, make_settings, urls)
    statuses: list[int] = []
    has_ended = asyncio.Event()

    async def keep_asking() -> None:
        while not has_ended.is_set():
            statuses.append((await client.get("/api/v1/points/pause")).status_code)

    asking = [asyncio.create_task(keep_asking()) for _ in range(8)]
    await until(lambda: _at_least(statuses, 16))
    os.kill(processes[0].pid, signal.SIGKILL)
    await until(lambda: _at_least(statuses, 60))
    has_ended.set()
    await asyncio.gather(*asking)
    assert set(statuses) == {200}, "somebody noticed"
    processes[0] = replica_processes(ports[0])
    await until(lambda: answers(urls[0]))


async def _at_least(done: list[int], number: int) -> bool:
    return len(done) >= number
