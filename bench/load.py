"""A load generator that costs little beside what it measures: raw HTTP/1.1 on kept-alive connections, requests built beforehand."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle

from bench import slices


@dataclass
class Result:
    """What came of a load."""

    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile_ms(self, part: float) -> float:
        """Return the time within which `part` of the answers came, in milliseconds."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def request(method: str, path: str, token: str, body: bytes = b"", key: str | None = None) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}"]
    if key is not None:
        lines.append(f"Idempotency-Key: {key}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _drive(port: int, requests: Iterator[bytes], result: Result, until: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while time.perf_counter() < until and (sent := next(requests, None)) is not None:
            started = time.perf_counter()
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
            lowered = head.lower()
            if b"content-length: " in lowered:
                length = int(lowered.split(b"content-length: ", 1)[1].split(b"\r", 1)[0])
                await reader.readexactly(length)
            elif b"transfer-encoding: chunked" in lowered:
                while (size := int(await reader.readuntil(b"\r\n"), 16)) > 0:
                    await reader.readexactly(size + 2)
                await reader.readexactly(2)
            result.times.append(time.perf_counter() - started)
            result.statuses[int(head[9:12])] += 1
    finally:
        writer.close()


async def _read_along(meter: slices.Meter, result: Result) -> None:
    while True:
        meter.read(len(result.times))
        await asyncio.sleep(slices.SECONDS)


async def _run(
    port: int, requests: Iterator[bytes], connections: int, seconds: float, meter: slices.Meter | None = None
) -> Result:
    begin = time.perf_counter()
    result = Result(seconds)
    reading = None if meter is None else asyncio.create_task(_read_along(meter, result))
    await asyncio.gather(*(_drive(port, requests, result, begin + seconds) for _ in range(connections)))
    result.seconds = time.perf_counter() - begin
    if reading is not None:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
    if meter is not None:
        meter.read(len(result.times))  # Where the disk stood still, all answers may have come at the end.
    return result


def run(
    port: int, requests: Iterator[bytes], *, connections: int, seconds: float, meter: slices.Meter | None = None
) -> Result:
    """Send requests over `connections` at once for some seconds, each connection one after the other; a meter is read along."""
    import uvloop

    return uvloop.run(_run(port, requests, connections, seconds, meter))


def send_once(port: int, requests: list[bytes], *, connections: int) -> Result:
    """Send each request once over `connections` at once, as fast as the answers come."""
    import uvloop

    return uvloop.run(_run(port, iter(requests), connections, float("inf")))


def repeated(requests: list[bytes]) -> Iterator[bytes]:
    """Return the same requests again and again."""
    return cycle(requests)
