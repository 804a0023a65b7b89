"""The way in: one bounded file out of a multipart body, cleaned in a thread and stored before the transaction opens.

Cleaning takes up to a second of CPU and storing may cross a network; neither may hold a database connection. What was stored and then
not admitted (a refusal, a replay, a crash) is deleted at once or by the sweep of orphans.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, cast
from uuid import UUID

from fastapi import Depends, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from services.media.assets.domain import CleanFile, clean_file, object_key
from services.media.assets.errors import IntakeBusyError, UploadMalformedError
from services.media.assets.sniffing import MAX_FILE_BYTES, require_size
from shared.auth import CurrentPrincipal
from shared.ids import new_id

if TYPE_CHECKING:
    from services.media.storage import FileStore

MAX_BODY_BYTES: Final = MAX_FILE_BYTES + 64 * 1024
"""A file, and what boundaries, headers and small fields of a multipart body may add to it."""
LONGEST_BOUNDARY: Final = 70


class IntakeDesk:
    """Cleans uploads, a few at a time: every one may take some hundred megabytes while it is decoded."""

    def __init__(self, files: FileStore, *, threads: int, waiting: int) -> None:
        self.files = files
        # Threads of its own: each keeps the memory its largest picture took, so there must never be many of them.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="media-intake")
        self._room = threads + waiting

    async def clean(self, data: bytes) -> CleanFile:
        """Clean a file in a thread.

        Errors: IntakeBusyError when too many wait already; those of `clean_file`.
        """
        if self._room <= 0:
            raise IntakeBusyError
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, clean_file, data)
        finally:
            self._room += 1


@dataclass
class Upload:
    """A cleaned and stored file that is waiting to become an asset."""

    asset_id: UUID
    file: CleanFile
    is_admitted: bool = False


async def take_in(request: Request, principal: CurrentPrincipal) -> AsyncGenerator[Upload, None]:
    """Read, clean and store the request's one file; forget it again unless the route admits it.

    Errors: UploadMalformedError, those of IntakeDesk.clean, StorageUnavailableError.
    """
    desk = desk_of(request)
    file = await desk.clean(await read_file(request))
    upload = Upload(new_id(), file)
    names = {r: object_key(principal.community_id, upload.asset_id, r) for r in file.renditions}
    try:
        for rendition, name in names.items():
            await desk.files.put(name, file.renditions[rendition])
        yield upload
    finally:
        if not upload.is_admitted:
            await desk.files.delete(list(names.values()))


TakenIn = Annotated[Upload, Depends(take_in)]


def desk_of(request: Request) -> IntakeDesk:
    """Return the intake desk of the app serving this request."""
    return cast("IntakeDesk", request.app.state.intake)


class OneFile:
    """Collects the one file of a multipart body; other fields are passed over. Nothing touches a disk before it has been judged."""

    def __init__(self, boundary: bytes) -> None:
        self.data = bytearray()
        self.files = 0
        self.is_finished = False
        self._field = b""
        self._disposition = b""
        self._value = b""
        self._is_file = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._read_field,
                "on_header_value": self._read_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._read_data,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Read on.

        Errors: UploadMalformedError; FileTooLargeError as soon as there is one byte too many.
        """
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise UploadMalformedError from error

    def _begin_part(self) -> None:
        self._disposition = self._field = self._value = b""
        self._is_file = False

    def _read_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _read_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._is_file = b"filename" in options
        self.files += self._is_file

    def _read_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file and self.files == 1:
            self.data += data[start:end]
            require_size(len(self.data))

    def _end(self) -> None:
        self.is_finished = True


async def read_file(request: Request) -> bytes:
    """Read the one file of a multipart body, never more of it than may be taken in.

    Errors: FileTooLargeError, by the declared length or as soon as the bytes exceed it; UploadMalformedError.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        require_size(int(declared))
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not 1 <= len(options.get(b"boundary", b"")) <= LONGEST_BOUNDARY:
        raise UploadMalformedError
    collected = OneFile(options[b"boundary"])
    count = 0
    try:
        async for chunk in request.stream():
            count += len(chunk)
            if count > MAX_BODY_BYTES:
                require_size(count)
            collected.feed(chunk)
    except ClientDisconnect as error:
        raise UploadMalformedError from error
    if collected.files != 1 or not collected.is_finished:
        raise UploadMalformedError
    return bytes(collected.data)
