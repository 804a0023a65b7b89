"""Films lose what tells where and when, and nothing moves."""

import pytest

from services.media.assets.errors import UnreadableFileError
from services.media.assets.movies import clean_movie
from tests.media.assets import samples


def test_place_and_time_are_gone_and_every_offset_stays():
    film = samples.mp4()
    clean = clean_movie(film)
    assert len(clean) == len(film)
    assert b"+32.8202+110.8085/" in film
    assert b"+32.8202" not in clean
    assert b"com.apple.quicktime.location" not in clean
    assert (3_800_000_000).to_bytes(4, "big") not in clean
    assert clean.index(b"moving pictures") == film.index(b"moving pictures")
    assert clean.count(b"REST") == 2


def test_cleaning_twice_changes_nothing_more():
    once = clean_movie(samples.mp4())
    assert clean_movie(once) == once


@pytest.mark.parametrize(
    "film",
    [
        pytest.param(samples.mp4()[:-3], id="cut off"),
        pytest.param(samples.box(b"ftyp", b"isom", bytes(4)) + samples.box(b"mdat", b"x"), id="no index"),
        pytest.param(samples.box(b"ftyp", b"isom", bytes(4)) + samples.box(b"moov"), id="no content"),
        pytest.param(samples.box(b"mdat", b"x") + samples.box(b"moov", b"\x00\x00\x00\xfftrak"), id="broken inside"),
        pytest.param(samples.endless_mp4(5_000), id="boxes in boxes"),
    ],
)
def test_broken_films_are_refused(film):
    with pytest.raises(UnreadableFileError):
        clean_movie(film)
