"""Masks and entity tags of the public pages."""

import pytest

from services.points.public.domain import etag_of, is_known, masked


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王**"), ("王明", "王*"), ("王", "王*"), ("王**", "王**"), ("", ""), ("欧阳修远", "欧***")],
)
def test_nothing_but_the_surname(name: str, shown: str) -> None:
    assert masked(name) == shown


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (None, False),
        ("", False),
        ("*", True),
        ("{etag}", True),
        ("W/{etag}", True),
        ('"other", {etag}', True),
        ('"other"', False),
    ],
)
def test_a_reader_who_has_it_is_known(given: str | None, known: bool) -> None:
    etag = etag_of(b"body")
    assert is_known(etag, None if given is None else given.format(etag=etag)) is known


def test_every_byte_counts() -> None:
    assert etag_of(b"a") != etag_of(b"b")
    assert etag_of(b"a").startswith('"')
