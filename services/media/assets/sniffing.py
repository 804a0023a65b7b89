"""What a file is, told from its first bytes. Names and declared types are never asked: both are the sender's word."""

from dataclasses import dataclass
from enum import StrEnum

from services.media.assets.errors import EmptyFileError, FileTooLargeError, UnreadableFileError, UnsupportedTypeError

MAX_FILE_BYTES = 10 * 1024 * 1024
"""The most one upload may have; WeChat checks no larger file either (`media_check_async`)."""

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
_MP4_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"MSNV"}
)
_PDF_END_WINDOW_BYTES = 1024


class MediaType(StrEnum):
    """The kinds of file that are taken in."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    PDF = "application/pdf"
    MP4 = "video/mp4"

    @property
    def is_picture(self) -> bool:
        """Tell whether the file is decoded and re-encoded as a picture."""
        return self.value.startswith("image/")


@dataclass(frozen=True, slots=True)
class Box:
    """One box of an ISO base media file (MP4, HEIC): `start` is its header, `body` its content, `end` one past it."""

    kind: bytes
    start: int
    body: int
    end: int


def require_size(byte_count: int, *, max_bytes: int = MAX_FILE_BYTES) -> None:
    """Pass when a file of this size may be taken in; a whole file and a part read so far are judged alike.

    Errors: FileTooLargeError.
    """
    if byte_count > max_bytes:
        raise FileTooLargeError(max_bytes=max_bytes, max_megabytes=max_bytes // (1024 * 1024))


def sniff(data: bytes) -> MediaType:
    """Tell the kind of a file by its content.

    Errors: EmptyFileError; UnsupportedTypeError when it is none of ours; UnreadableFileError when a PDF has no end.
    """
    if not data:
        raise EmptyFileError
    if data.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return MediaType.WEBP
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-_PDF_END_WINDOW_BYTES:]:
            raise UnreadableFileError
        return MediaType.PDF
    if data[4:8] == b"ftyp":
        return _sniff_iso(data)
    raise UnsupportedTypeError


def _sniff_iso(data: bytes) -> MediaType:
    size = int.from_bytes(data[:4], "big")
    major = data[8:12]
    # Byte 12 to 16 is the minor version; the compatible brands follow. `mif1` alone could be AVIF, so the list decides.
    brands = {data[i : i + 4] for i in range(16, min(size, 256), 4)} | {major}
    if major in _HEIC_BRANDS or (major == b"mif1" and brands & _HEIC_BRANDS):
        return MediaType.HEIC
    if major in _MP4_BRANDS:
        return MediaType.MP4
    raise UnsupportedTypeError


def read_boxes(data: bytes, start: int, end: int) -> list[Box]:
    """Read the boxes that fill data[start:end] exactly.

    Errors: UnreadableFileError when a box has no room or reaches beyond the end, as in a file that was cut off.
    """
    boxes = []
    at = start
    while at < end:
        size = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        body = at + 8
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
            body = at + 16
        elif size == 0:
            size = end - at
        if size < body - at or at + size > end:
            raise UnreadableFileError
        boxes.append(Box(kind, at, body, at + size))
        at += size
    return boxes
