"""Where the bytes lie: a directory or an S3-compatible bucket, behind one small class.

A file is written whole and under a name that is never used again, so a reader sees all of it or none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from services.media.assets.errors import AssetDeletedError, StorageUnavailableError

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ObjectStore

    from services.media.assets.byte_ranges import ByteRange
    from services.media.settings import Settings

log = structlog.get_logger(__name__)

CHUNK_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A stored file being read: its whole size and the wanted bytes as they come."""

    byte_size: int
    chunks: AsyncIterator[bytes]


class FileStore:
    """Stored files by name.

    IO: none until the first use.
    Errors: StorageUnavailableError from every method when the directory or bucket does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _store(self) -> ObjectStore:
        # The library is large; a process that touches no file does without.
        from obstore.store import LocalStore, S3Store

        settings = self._settings
        if settings.media_bucket is None:
            return LocalStore(settings.media_dir, mkdir=True, automatic_cleanup=True)
        bucket, _, prefix = settings.media_bucket.partition("/")
        secret = settings.media_bucket_secret_key
        return S3Store(
            bucket,
            prefix=prefix or None,
            region=settings.media_bucket_region,
            access_key_id=settings.media_bucket_access_key,
            secret_access_key=None if secret is None else secret.get_secret_value(),
            endpoint=settings.media_bucket_endpoint,
            client_options={"allow_http": (settings.media_bucket_endpoint or "").startswith("http://")},
        )

    async def put(self, name: str, data: bytes) -> None:
        """Store a file, whole or not at all."""
        with _told():
            await self._store.put_async(name, data)

    async def size(self, name: str) -> int:
        """Return the size of a file in bytes.

        Errors: AssetDeletedError when there is none of that name.
        """
        with _told():
            return int((await self._store.head_async(name))["size"])

    async def open(self, name: str, part: ByteRange | None = None) -> OpenFile:
        """Begin to read a file or a part of it.

        Errors: AssetDeletedError when there is none of that name.
        """
        options: GetOptions = {} if part is None else {"range": (part.start, part.end)}
        with _told():
            result = await self._store.get_async(name, options=options)
            stream = result.stream(min_chunk_size=CHUNK_BYTES)

        async def chunks() -> AsyncIterator[bytes]:
            with _told():
                async for chunk in stream:
                    yield bytes(chunk)

        return OpenFile(int(result.meta["size"]), chunks())

    async def delete(self, names: Sequence[str]) -> None:
        """Delete files; one that is gone already is no error."""
        for name in names:
            try:
                with _told():
                    await self._store.delete_async(name)
            except AssetDeletedError:
                continue

    async def names_of_day(self, day: date) -> AsyncIterator[tuple[str, datetime]]:
        """Yield the names stored on a day and when each was written."""
        if self._is_empty(day):
            return
        with _told():
            async for batch in self._store.list(prefix=day.isoformat()):
                for meta in batch:
                    yield meta["path"], meta["last_modified"]

    def _is_empty(self, day: date) -> bool:
        """Tell what can be told without opening the store: a day on which nothing was uploaded has no folder."""
        return self._settings.media_bucket is None and not Path(self._settings.media_dir, day.isoformat()).exists()


@contextmanager
def _told() -> Iterator[None]:
    """Tell the store's failures in our own words; the details, which may name hosts and paths, go to the log."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise AssetDeletedError from None
    except (BaseError, OSError) as error:
        log.warning("storage_failed", error=str(error))
        raise StorageUnavailableError from None
