"""Cleaning of MP4 files: what tells where, when and with what a film was taken is blotted out, nothing moves.

Phones write the place into `moov/udta` (©xyz) or `moov/meta` (com.apple.quicktime.location). Turning such a box into a `free`
box of the same length keeps every offset in the sample tables right, so the film plays as before without being re-encoded.
"""

from services.media.assets.errors import UnreadableFileError
from services.media.assets.sniffing import Box, read_boxes

_METADATA = frozenset({b"udta", b"meta", b"uuid"})
_TIMED_HEADERS = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})
_DEEPEST = 8
"""Films need three levels; a file of boxes in boxes in boxes is no film."""


def clean_movie(data: bytes) -> bytes:
    """Return the film without place, device, comments and times of recording; same length.

    Errors: UnreadableFileError when it is cut off, nested without end, or has no index (`moov`) or no content (`mdat`).
    """
    boxes = read_boxes(data, 0, len(data))
    kinds = [box.kind for box in boxes]
    if b"moov" not in kinds or b"mdat" not in kinds:
        raise UnreadableFileError
    cleaned = bytearray(data)
    for box in boxes:
        _clean(cleaned, data, box, depth=1)
    return bytes(cleaned)


def _clean(cleaned: bytearray, data: bytes, box: Box, *, depth: int) -> None:
    if depth > _DEEPEST:
        raise UnreadableFileError
    if box.kind in _METADATA:
        cleaned[box.start + 4 : box.start + 8] = b"free"
        cleaned[box.body : box.end] = bytes(box.end - box.body)
    elif box.kind in _TIMED_HEADERS and box.body < box.end:
        # One byte of version and three of flags, then time of creation and of change: 4 bytes each, or 8 in version 1.
        width = 16 if data[box.body] == 1 else 8
        until = min(box.body + 4 + width, box.end)
        cleaned[box.body + 4 : until] = bytes(max(until - box.body - 4, 0))
    elif box.kind in _CONTAINERS:
        for inner in read_boxes(data, box.body, box.end):
            _clean(cleaned, data, inner, depth=depth + 1)
