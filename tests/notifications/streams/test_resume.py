"""The wire of a live stream, and where it goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.streams.resume import (
    KEEPALIVE,
    MAX_SEQUENCE,
    encode_event,
    encode_opening,
    parse_last_event_id,
    start_after,
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 17 ", 17),
        ("007", 7),
        ("-1", None),
        ("1.5", None),
        ("abc", None),
        ("١٢", None),
        ("²", None),
        ("9" * 19, MAX_SEQUENCE),
        ("9" * 20, None),
        ("9" * 5000, None),
    ],
)
def test_last_event_ids(header, expected):
    assert parse_last_event_id(header) == expected


@pytest.mark.parametrize(
    ("last", "newest", "after"), [(None, 7, 7), (None, 0, 0), (3, 7, 3), (7, 7, 7), (99, 7, 7), (0, 7, 0)]
)
def test_where_a_reader_goes_on(last, newest, after):
    assert start_after(last, newest) == after


def test_an_event_as_browsers_read_it():
    wire = encode_event(event="inbox_item", data={"title": "积分\n到账", "sequence": 5}, event_id=5)
    assert wire.decode() == 'id: 5\nevent: inbox_item\ndata: {"title":"积分\\n到账","sequence":5}\n\n'
    assert encode_event(event="unread", data={"unread": 0}) == b'event: unread\ndata: {"unread":0}\n\n'


def test_comments_and_opening_end_with_an_empty_line():
    assert encode_opening() == b"retry: 3000\n\n"
    assert KEEPALIVE.startswith(b":")
    assert KEEPALIVE.endswith(b"\n\n")


@given(st.text())
def test_no_text_breaks_out_of_its_field(text):
    wire = encode_event(event="inbox_item", data={"title": text}, event_id=1).decode()
    assert wire.count("\n") == 4
    assert "\r" not in wire


@pytest.mark.parametrize("name", ["a\nb", "a\rb"])
def test_a_name_of_two_lines_is_refused(name):
    with pytest.raises(ValueError, match="one line"):
        encode_event(event=name, data={})
