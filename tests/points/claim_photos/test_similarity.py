from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from services.points.claim_photos.similarity import SIMILAR, bands, distance, is_similar, probes, signed, unsigned

HASHES = st.integers(0, 2**64 - 1)


@given(HASHES, st.sets(st.integers(0, 63), max_size=SIMILAR))
def test_every_similar_hash_is_found_by_its_bands(dhash: int, flipped: set[int]) -> None:
    other = dhash ^ sum(1 << bit for bit in flipped)

    assert is_similar(dhash, other)
    assert distance(dhash, other) == len(flipped)
    assert set(bands(other)) & set(probes(dhash))


@given(HASHES)
def test_a_hash_survives_the_database(dhash: int) -> None:
    assert -(2**63) <= signed(dhash) < 2**63
    assert unsigned(signed(dhash)) == dhash


def test_bands_know_their_place() -> None:
    assert len({*bands(0), *bands(2**64 - 1)}) == 8
    assert all(not set(a) & set(b) for a, b in combinations(([band] for band in bands(0)), 2))


def test_what_differs_more_is_another_picture() -> None:
    assert not is_similar(0, 2 ** (SIMILAR + 1) - 1)
