"""Links: good as they are, worthless after any change, dead after their time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from services.media.assets.errors import LinkExpiredError, LinkInvalidError
from services.media.assets.signed_links import Rendition, check_link, link_path, make_link

KEY, OLD_KEY = b"k" * 32, b"o" * 32
NOW = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
LINK = make_link(
    community_id=UUID(int=1), asset_id=UUID(int=2), rendition=Rendition.SMALL, now=NOW, lifetime=timedelta(hours=1)
)
SIGNATURE = parse_qs(urlsplit(link_path(LINK, KEY)).query)["signature"][0]


def test_a_link_names_its_file_and_works_until_its_end():
    path = urlsplit(link_path(LINK, KEY)).path
    assert path == f"/api/v1/media/files/{UUID(int=1)}/{UUID(int=2)}/small"
    check_link(LINK, SIGNATURE, [KEY], LINK.expires - timedelta(seconds=1))
    with pytest.raises(LinkExpiredError):
        check_link(LINK, SIGNATURE, [KEY], LINK.expires)


def test_the_same_link_comes_out_for_a_quarter_of_an_hour():
    ends = {
        make_link(
            community_id=UUID(int=1),
            asset_id=UUID(int=2),
            rendition=Rendition.SMALL,
            now=NOW + timedelta(minutes=minutes),
            lifetime=timedelta(hours=1),
        ).expires
        for minutes in range(8)
    }
    assert ends == {datetime(2026, 3, 2, 10, 15, tzinfo=UTC)}


@pytest.mark.parametrize(
    "forged",
    [
        replace(LINK, community_id=UUID(int=9)),
        replace(LINK, asset_id=UUID(int=9)),
        replace(LINK, rendition=Rendition.PUBLIC),
        replace(LINK, expires_at=LINK.expires_at + 1),
        replace(LINK, is_held=True),
    ],
)
def test_every_fact_is_sealed(forged):
    with pytest.raises(LinkInvalidError):
        check_link(forged, SIGNATURE, [KEY], NOW)


@pytest.mark.parametrize("signature", ["", "0" * 64, SIGNATURE[:-1], SIGNATURE.upper(), SIGNATURE + " ", "签名"])
def test_any_other_signature_is_refused(signature):
    with pytest.raises(LinkInvalidError):
        check_link(LINK, signature, [KEY], NOW)


def test_a_forger_does_not_learn_that_a_link_has_run_out():
    with pytest.raises(LinkInvalidError):
        check_link(LINK, "0" * 64, [KEY], LINK.expires + timedelta(days=1))


def test_links_under_the_old_key_work_until_it_is_taken_away():
    check_link(LINK, SIGNATURE, [OLD_KEY, KEY], NOW)
    with pytest.raises(LinkInvalidError):
        check_link(LINK, SIGNATURE, [OLD_KEY], NOW)
    with pytest.raises(LinkInvalidError):
        check_link(LINK, SIGNATURE, [], NOW)
