"""The way in is narrow: so many at a time, so many waiting, the rest is told to come back."""

import asyncio
import threading

import httpx2
import pytest

from services.media import intake
from services.media.assets.errors import FileTooLargeError, IntakeBusyError, UploadMalformedError
from services.media.assets.sniffing import MAX_FILE_BYTES
from services.media.intake import MAX_BODY_BYTES, IntakeDesk, OneFile
from tests.media.assets import samples


async def test_only_so_many_are_cleaned_at_once_and_only_so_many_wait(monkeypatch):
    go_on, running, most = threading.Event(), [], []

    def slow(data: bytes) -> bytes:
        running.append(data)
        most.append(len(running))
        assert go_on.wait(10)
        running.remove(data)
        return data

    monkeypatch.setattr(intake, "clean_file", slow)
    desk = IntakeDesk(files=None, threads=2, waiting=1)
    taken = [asyncio.create_task(desk.clean(bytes([number]))) for number in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(IntakeBusyError):
        await desk.clean(b"one too many")
    go_on.set()
    assert await asyncio.gather(*taken) == [b"\x00", b"\x01", b"\x02"]
    assert max(most) <= 2
    assert await desk.clean(b"room again") == b"room again"


async def test_a_refused_file_gives_its_place_back():
    desk = IntakeDesk(files=None, threads=1, waiting=0)
    for _ in range(3):
        with pytest.raises(Exception, match="文件是空的"):
            await desk.clean(b"")
    assert (await desk.clean(samples.pdf())).original_bytes == len(samples.pdf())


def body(*parts: tuple[str, bytes], end: bytes = b"--x--\r\n") -> bytes:
    return b"".join(b"--x\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + end


FILE = 'Content-Disposition: form-data; name="file"; filename="照片.jpg"\r\nContent-Type: image/jpeg'
FIELD = 'Content-Disposition: form-data; name="note"'


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_a_body_may_come_in_pieces_of_any_size(step):
    wire = body((FIELD, "说明".encode()), (FILE, b"\r\n--\r\n-x in the middle\r\n--y\r\n"), (FIELD, b"end"))
    collected = OneFile(b"x")
    for start in range(0, len(wire), step):
        collected.feed(wire[start : start + step])
    assert (collected.files, collected.is_finished) == (1, True)
    assert bytes(collected.data) == b"\r\n--\r\n-x in the middle\r\n--y\r\n"


@pytest.mark.parametrize(
    "wire", [b"no boundary at all", b"--y\r\n", b"--x\r\nNot a header\r\n\r\n", b"--x\r\n: empty\r\n\r\n"]
)
def test_what_is_no_multipart_is_refused(wire):
    with pytest.raises(UploadMalformedError):
        OneFile(b"x").feed(wire)


def test_an_endless_header_is_refused():
    collected = OneFile(b"x")
    with pytest.raises(UploadMalformedError):
        collected.feed(b"--x\r\nContent-Disposition: " + b"a" * 1_000_000)


def test_the_byte_too_many_is_noticed_while_it_comes():
    collected = OneFile(b"x")
    collected.feed(body((FILE, bytes(MAX_FILE_BYTES)), end=b""))
    collected = OneFile(b"x")
    with pytest.raises(FileTooLargeError):
        collected.feed(body((FILE, bytes(MAX_FILE_BYTES + 1)), end=b""))


async def test_an_upload_without_length_is_cut_off_at_the_limit(client_for, people):
    """A sender that never stops is told so after ten megabytes and a little, and no later."""
    sent = 0

    async def endless():
        nonlocal sent
        yield b"--x\r\n" + FIELD.encode() + b"\r\n\r\n"
        while True:
            sent += 65_536
            yield bytes(65_536)

    client: httpx2.AsyncClient = client_for("media", people.resident())
    response = await client.post(
        "/api/v1/media/assets", content=endless(), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert response.json()["code"] == "media.file_too_large"
    assert sent <= MAX_BODY_BYTES + 2 * 65_536
