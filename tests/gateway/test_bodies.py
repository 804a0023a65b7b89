"""Bodies pass as streams, both ways, up to the limit and no further."""

import asyncio
import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.gateway.conftest import Door
from tests.gateway.serving import talk
from tests.gateway.upstream import MIB

PIECE = bytes(range(256)) * 256


async def test_ten_megabytes_go_up_as_they_come(door: Door) -> None:
    """The service has the first megabyte before the client has sent the second."""
    upstream, size = door.upstream, 10 * MIB
    before_the_end = 0

    async def upload() -> AsyncIterator[bytes]:
        nonlocal before_the_end
        for start in range(0, size, len(PIECE)):
            if start == MIB:
                async with upstream.progress:
                    await asyncio.wait_for(upstream.progress.wait_for(lambda: upstream.received >= MIB), 30)
                before_the_end = upstream.received
            yield PIECE

    answer = await door.client.post("/api/v1/points/big", content=upload())
    assert before_the_end == MIB
    assert answer.json()["size"] == size
    assert answer.json()["sha256"] == hashlib.sha256(PIECE * (size // len(PIECE))).hexdigest()


async def test_a_hundred_megabytes_come_down_as_the_client_takes_them(door: Door) -> None:
    """The client has the first megabyte while the service holds back the second, and a client that stops stops the service."""
    upstream, size = door.upstream, 100 * MIB
    taken = 0
    async with door.client.stream("GET", f"/api/v1/points/download?{size}") as answer:
        pieces = answer.aiter_bytes(len(PIECE))
        while taken < MIB:
            taken += len(await anext(pieces))
        assert upstream.sent == MIB
        upstream.gate.set()
        held = await _settled(upstream)
        assert held < 24 * MIB, "the door or the servers around it took in what nobody was reading"
        async for piece in pieces:
            taken += len(piece)
    assert taken == size


async def _settled(upstream: Any) -> int:
    """Return what the service has sent once it no longer sends."""
    while True:
        before = upstream.sent
        await asyncio.sleep(0.3)
        if upstream.sent == before:
            return int(before)


async def test_a_long_body_of_unannounced_length(door: Door) -> None:
    async def upload() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1000

    answer = await door.client.post("/api/v1/points/echo", content=upload())
    assert answer.json()["size"] == 20_000


async def test_an_announced_body_over_the_limit_is_refused_before_it_is_sent(door: Door) -> None:
    answer = await door.client.post("/api/v1/points/echo", content=b"x" * (64 * 1024 + 1))
    assert answer.status_code == 413
    problem = answer.json()
    assert (problem["code"], problem["limit_bytes"]) == ("too_large", 65536)
    assert "65536" in problem["detail"]
    assert door.upstream.calls == []


async def test_a_body_at_the_limit_passes(door: Door) -> None:
    answer = await door.client.post("/api/v1/points/echo", content=b"x" * (64 * 1024))
    assert answer.json()["size"] == 65536


async def test_a_chunked_body_is_stopped_at_the_limit(door: Door) -> None:
    """The service gets what is within the limit, then sees the client leave; the client gets the refusal."""
    upstream = door.upstream

    async def upload() -> AsyncIterator[bytes]:
        yield PIECE
        async with upstream.progress:
            await asyncio.wait_for(upstream.progress.wait_for(lambda: upstream.received == len(PIECE)), 30)
        for _ in range(40):
            yield PIECE

    answer = await door.client.post("/api/v1/points/echo", content=upload())
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    await asyncio.wait_for(upstream.left.wait(), 30)
    assert upstream.received == len(PIECE)


async def test_a_chunked_body_that_is_too_large_at_once_reaches_nobody(door: Door) -> None:
    head = b"POST /api/v1/points/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (70_000, b"x" * 70_000)
    answer = await talk(door.url, head + body)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert door.upstream.received <= 65_536


async def test_a_large_upload_hears_its_refusal_even_while_it_is_still_sending(door: Door) -> None:
    body = b"x" * (4 * MIB)
    head = b"POST /api/v1/points/echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer = await talk(door.url, head + body)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


BIG = 30 * MIB


async def test_thirty_megabytes_are_refused_in_words_that_a_client_reads(door: Door) -> None:
    """The client library sends everything before it reads; a connection closed meanwhile would be all it sees."""
    answer = await door.client.post("/api/v1/points/echo", content=b"x" * BIG)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["connection"] == "close"
    assert door.upstream.calls == []


async def test_thirty_megabytes_of_unannounced_length_are_refused_too(door: Door) -> None:
    async def upload() -> AsyncIterator[bytes]:
        for _ in range(BIG // len(PIECE)):
            yield PIECE

    answer = await door.client.post("/api/v1/points/echo", content=upload())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_thirty_megabytes_over_a_bare_socket_end_in_a_whole_answer(door: Door) -> None:
    head = b"POST /api/v1/points/echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % BIG
    answer = await talk(door.url, head + b"x" * BIG)
    told, _, body = answer.partition(b"\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body)["limit_bytes"] == 65536


async def test_expect_continue_is_refused_before_the_body(door: Door) -> None:
    head = b"POST /api/v1/points/echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 999999\r\n\r\n"
    assert (await talk(door.url, head, until_closed=False)).startswith(b"HTTP/1.1 413 ")


async def test_expect_continue_is_answered_when_the_body_is_wanted(door: Door) -> None:
    head = b"POST /api/v1/points/echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    assert (await talk(door.url, head, until_closed=False)) == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("status", [204, 304])
async def test_no_body_where_none_belongs(door: Door, status: int) -> None:
    raw = await talk(
        door.url, b"GET /api/v1/points/status/%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % status
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"transfer-encoding" not in head
    assert b"content-length" not in head
    assert body == b""


async def test_head_has_the_length_and_no_body(door: Door) -> None:
    raw = await talk(door.url, b"HEAD /api/v1/points/status/200 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"content-length: 5" in head
    assert body == b""


async def test_two_requests_on_one_connection(door: Door) -> None:
    one = b"GET /api/v1/points/status/204 HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /api/v1/points/status/200 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await talk(door.url, one + two)
    assert answer.startswith(b"HTTP/1.1 204 ")
    assert b"HTTP/1.1 200 " in answer


async def test_gzip_passes_untouched(door: Door) -> None:
    raw = await talk(
        door.url,
        b"GET /api/v1/points/gzip HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n",
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head
    assert gzip.decompress(body) == b"hello" * 1000


async def test_a_gzipped_request_passes_untouched(door: Door) -> None:
    packed = gzip.compress(b"hello" * 1000)
    answer = await door.client.post("/api/v1/points/echo", content=packed, headers={"Content-Encoding": "gzip"})
    assert answer.json()["sha256"] == hashlib.sha256(packed).hexdigest()


async def test_events_arrive_one_by_one(door: Door) -> None:
    """Each event is held back until the one before has been read; silence longer than the deadline ends nothing."""
    async with door.client.stream("GET", "/api/v1/points/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        pieces = answer.aiter_bytes()
        for number in range(3):
            assert await asyncio.wait_for(anext(pieces), 30) == b"id: %d\n\n" % number
            if number == 0:
                await asyncio.sleep(0.8)
            door.upstream.gate.set()
    await asyncio.wait_for(door.upstream.left.wait(), 30)
