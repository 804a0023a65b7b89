"""Range headers, row by row as RFC 9110 §14 has them."""

import pytest

from services.media.assets.byte_ranges import ByteRange, UnsatisfiableRangeError, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-99", (0, 100)),
        ("bytes=0-100", (0, 100)),
        ("bytes=99-", (99, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-100", (0, 100)),
        ("bytes=-5000", (0, 100)),
        (" bytes=10-19 ", (10, 20)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=1", None),
        ("bytes=٠-٩", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_ranges_of_a_hundred_bytes(header, expected):
    assert parse_range(header, 100) == (ByteRange(*expected) if expected else None)


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=500-600", 100), ("bytes=-0", 100), ("bytes=0-", 0)]
)
def test_ranges_beyond_the_end(header, size):
    with pytest.raises(UnsatisfiableRangeError):
        parse_range(header, size)


def test_the_count_is_what_content_length_says():
    assert ByteRange(10, 30).byte_count == 20
