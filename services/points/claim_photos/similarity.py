"""Finding similar pictures by their hash without comparing it with every other.

A hash of 64 bits is cut into four bands of 16. Two hashes that differ in at most ten bits have a band in which they differ in at most two,
so it is enough to look up each band and its neighbours at distance one and two.
"""

from collections.abc import Iterator
from itertools import combinations

BITS = 64
BANDS = 4
BAND_BITS = BITS // BANDS
SIMILAR = 10
"""Bits in which two hashes of the same picture, shrunk, recompressed or brightened, may differ."""
_REACH = SIMILAR // BANDS
_SIGN = 1 << (BITS - 1)


def bands(dhash: int) -> list[int]:
    """Return the four bands of a hash, each with its place in front."""
    return [place << BAND_BITS | (dhash >> (place * BAND_BITS)) & (2**BAND_BITS - 1) for place in range(BANDS)]


def probes(dhash: int) -> list[int]:
    """Return the bands of every hash that may be similar."""
    return [band ^ flipped for band in bands(dhash) for flipped in _flips()]


def _flips() -> Iterator[int]:
    for count in range(_REACH + 1):
        for places in combinations(range(BAND_BITS), count):
            yield sum(1 << place for place in places)


def distance(one: int, other: int) -> int:
    """Return in how many bits two hashes differ."""
    return (one ^ other).bit_count()


def is_similar(one: int, other: int) -> bool:
    """Tell whether two hashes probably stand for the same picture."""
    return distance(one, other) <= SIMILAR


def signed(dhash: int) -> int:
    """Return a hash as the database keeps it."""
    return dhash - (_SIGN << 1) if dhash >= _SIGN else dhash


def unsigned(kept: int) -> int:
    """Return a hash from how the database keeps it."""
    return kept % (_SIGN << 1)
