"""The same store in a directory and in an S3-compatible bucket."""

import re
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web

from services.media.assets.byte_ranges import ByteRange
from services.media.assets.errors import AssetDeletedError, StorageUnavailableError
from services.media.settings import Settings
from services.media.storage import CHUNK_BYTES, FileStore

DATA = bytes(range(256)) * 4096
NAME = "2026-05-11/a/b/public"


class Bucket:
    """As much of S3 as the store uses: put, head, get with a range, delete many, list. It keeps everything in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.is_down = False
        self.signed: list[bool] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.signed.append(request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=key/"))
        if self.is_down:
            return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>")
        key = request.match_info["key"]
        if request.method == "PUT":
            self.objects[key] = await request.read()
            return web.Response(headers={"ETag": '"1"'})
        if request.method == "POST" and "delete" in request.query:
            keys = re.findall("<Key>(.*?)</Key>", await request.text())
            for gone in keys:
                self.objects.pop(gone, None)
            answer = "".join(f"<Deleted><Key>{gone}</Key></Deleted>" for gone in keys)
            return web.Response(text=f"<DeleteResult>{answer}</DeleteResult>", content_type="application/xml")
        if not key:
            return web.Response(text=self._listing(request.query.get("prefix", "")), content_type="application/xml")
        if key not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        return self._object(request, self.objects[key])

    def _object(self, request: web.Request, data: bytes) -> web.Response:
        headers = {"ETag": '"1"', "Last-Modified": "Mon, 11 May 2026 01:00:00 GMT"}
        if request.method == "HEAD":
            return web.Response(headers=headers | {"Content-Length": str(len(data))})
        if (wanted := request.headers.get("Range")) is None:
            return web.Response(body=data, headers=headers)
        first, last = (int(part) for part in wanted.removeprefix("bytes=").split("-"))
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return web.Response(status=206, body=data[first : last + 1], headers=headers)

    def _listing(self, prefix: str) -> str:
        contents = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-05-11T01:00:00.000Z</LastModified>"
            f"<ETag>1</ETag><Size>{len(data)}</Size></Contents>"
            for key, data in self.objects.items()
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"


@pytest.fixture
async def bucket() -> AsyncIterator[tuple[Bucket, str]]:
    bucket = Bucket()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/photos{_:/?}{key:.*}", bucket.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        await web.SockSite(runner, door).start()
        yield bucket, f"http://127.0.0.1:{door.getsockname()[1]}"
        await runner.cleanup()


@pytest.fixture(params=["directory", "bucket"])
def store(request, tmp_path, bucket) -> FileStore:
    if request.param == "directory":
        return FileStore(Settings.model_construct(media_dir=str(tmp_path / "照片 files")))
    return bucket_store(bucket[1])


def bucket_store(endpoint: str) -> FileStore:
    return FileStore(
        Settings.model_construct(
            media_bucket="photos/青龙泉",
            media_bucket_endpoint=endpoint,
            media_bucket_access_key="key",
            media_bucket_secret_key=Settings.model_fields["media_bucket_secret_key"].annotation.__args__[0]("secret"),
        )
    )


async def read(store: FileStore, part: ByteRange | None = None) -> bytes:
    return b"".join([chunk async for chunk in (await store.open(NAME, part)).chunks])


async def test_a_file_comes_back_whole_and_in_parts(store):
    await store.put(NAME, DATA)
    assert await store.size(NAME) == len(DATA)
    stored = await store.open(NAME)
    assert stored.byte_size == len(DATA)
    chunks = [chunk async for chunk in stored.chunks]
    assert b"".join(chunks) == DATA
    assert await read(store, ByteRange(1000, 300_000)) == DATA[1000:300_000]


async def test_a_large_file_comes_in_pieces(tmp_path):
    store = FileStore(Settings.model_construct(media_dir=str(tmp_path)))
    await store.put(NAME, DATA * 8)
    sizes = [len(chunk) async for chunk in (await store.open(NAME)).chunks]
    assert len(sizes) > 8
    assert max(sizes) <= 4 * CHUNK_BYTES


async def test_what_is_gone_is_gone(store):
    await store.put(NAME, DATA)
    await store.delete([NAME, NAME])
    for act in (store.size(NAME), store.open(NAME)):
        with pytest.raises(AssetDeletedError):
            await act


async def test_a_day_lists_its_own_files(store):
    await store.put(NAME, b"1")
    await store.put("2026-05-12/a/b/public", b"2")
    found = [(name, at) async for name, at in store.names_of_day(datetime(2026, 5, 11, tzinfo=UTC).date())]
    assert [name for name, _ in found] == [NAME]
    assert found[0][1].tzinfo is not None


async def test_every_call_to_a_bucket_is_signed_and_below_its_prefix(bucket):
    world, endpoint = bucket
    await bucket_store(endpoint).put(NAME, b"1")
    assert [key.endswith(NAME) for key in world.objects] == [True]
    assert not any(key.startswith("2026") for key in world.objects)
    assert world.signed
    assert all(world.signed)


async def test_a_bucket_that_refuses_is_told_without_its_secrets(bucket):
    world, endpoint = bucket
    world.is_down = True
    with pytest.raises(StorageUnavailableError) as refusal:
        await bucket_store(endpoint).put(NAME, b"1")
    assert "secret" not in refusal.value.message
    assert refusal.value.__cause__ is None


async def test_a_directory_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = FileStore(Settings.model_construct(media_dir=str(tmp_path / "file" / "below")))
    with pytest.raises(StorageUnavailableError):
        await store.put(NAME, b"1")
