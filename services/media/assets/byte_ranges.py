"""Which bytes of a file a `Range` header asks for (RFC 9110 §14). One range is served; films are sought with one at a time."""

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to `end`, `end` not included."""

    start: int
    end: int

    @property
    def byte_count(self) -> int:
        """How many bytes that is: what `Content-Length` says."""
        return self.end - self.start


class UnsatisfiableRangeError(ValueError):
    """The range lies wholly beyond the end of the file; the answer is 416, which is HTTP's own word and no refusal of ours."""


def parse_range(header: str | None, byte_size: int) -> ByteRange | None:
    """Return the bytes asked for, or None for the whole file.

    Anything that is not one well-formed range of bytes is ignored, as the standard allows.

    Errors: UnsatisfiableRangeError.
    """
    match = _SINGLE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        wanted = min(int(last), byte_size)
        if wanted == 0:
            raise UnsatisfiableRangeError
        return ByteRange(byte_size - wanted, byte_size)
    if last and int(last) < int(first):
        return None
    if int(first) >= byte_size:
        raise UnsatisfiableRangeError
    return ByteRange(int(first), min(int(last) + 1, byte_size) if last else byte_size)
