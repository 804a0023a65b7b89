"""Cursors: nothing shown twice, nothing left out, and garbage refused in plain words."""

import base64
import json
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime, Uuid, column

from shared.pagination import (
    CursorInvalidError,
    PageRequest,
    Slice,
    before,
    beyond,
    decode_cursor,
    encode_cursor,
)
from shared.testing.clients import People
from tests.shared.conftest import NoteClient

NOTES = "/api/v1/trial/notes"


def raw(text: str | bytes) -> str:
    return base64.urlsafe_b64encode(text if isinstance(text, bytes) else text.encode()).decode().rstrip("=")


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), max_size=4))
def test_cursor_survives_the_road(parts: list[str]) -> None:
    assert decode_cursor(encode_cursor(tuple(parts))) == tuple(parts)


GARBAGE = [
    "!",
    "a",
    "中文",
    "%%%",
    raw(b"\xff\xfe"),
    raw("{}"),
    raw("null"),
    raw('"x"'),
    raw("[1]"),
    raw("[null]"),
    raw('[["x"]]'),
    raw(json.dumps(["a\x00b"])),
    raw('["\\ud800"]'),
    raw("[" * 750),
    raw('["x"'),
    "A" * 997,
]


@pytest.mark.parametrize("cursor", GARBAGE)
def test_garbage_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalidError):
        decode_cursor(cursor)


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_stumble(cursor: str) -> None:
    try:
        parts = decode_cursor(cursor)
    except CursorInvalidError:
        return
    assert all(isinstance(p, str) for p in parts)


ID = UUID("0190a7c4-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    "after",
    [
        (),
        ("2026-05-11T01:00:00+00:00",),
        ("2026-05-11T01:00:00+00:00", str(ID), "more"),
        ("yesterday", str(ID)),
        ("2026-05-11T01:00:00+00:00", "not-an-id"),
        ("2026-05-11T01:00:00", str(ID)),
        ("0001-01-01T00:00:00+14:00", str(ID)),
        ("9999-12-31T23:59:59-14:00", str(ID)),
        ("", ""),
    ],
)
def test_key_of_a_list_by_moment_that_does_not_fit(after: tuple[str, ...]) -> None:
    with pytest.raises(CursorInvalidError):
        PageRequest(after=after).after_moment_and_id()


@pytest.mark.parametrize("after", [(), ("x",), (str(ID), str(ID)), ("",)])
def test_key_of_a_list_by_id_that_does_not_fit(after: tuple[str, ...]) -> None:
    with pytest.raises(CursorInvalidError):
        PageRequest(after=after).after_id()


@pytest.mark.parametrize(
    "after", [(), ("x",), ("1", "2"), ("",), ("1.5",), (str(2**63),), (str(-(2**63) - 1),), ("9" * 5000,)]
)
def test_key_of_a_list_by_number_that_does_not_fit(after: tuple[str, ...]) -> None:
    with pytest.raises(CursorInvalidError):
        PageRequest(after=after).after_number()


def test_keys_are_read() -> None:
    moment = datetime(2026, 5, 11, 1, 0, tzinfo=UTC)
    assert PageRequest(after=(moment.isoformat(), str(ID))).after_moment_and_id() == (moment, ID)
    assert PageRequest(after=(str(ID),)).after_id() == ID
    assert PageRequest(after=("-42",)).after_number() == -42
    first = PageRequest()
    assert (first.after_moment_and_id(), first.after_id(), first.after_number()) == (None, None, None)


@pytest.mark.parametrize(("fetched", "shown", "more"), [(0, 0, False), (2, 2, False), (3, 3, False), (4, 3, True)])
def test_cut(fetched: int, shown: int, more: bool) -> None:
    page = Slice.cut(list(range(fetched)), 3, lambda n: (n, datetime(2026, 5, n + 1, tzinfo=UTC)))
    assert list(page.rows) == list(range(shown))
    assert page.next_after == (("2", "2026-05-03T00:00:00+00:00") if more else None)
    assert page.map(str).rows == [str(n) for n in range(shown)]
    assert page.map(str).next_after == page.next_after


def test_comparison_is_one_of_rows() -> None:
    columns = [column("created_at", DateTime(timezone=True)), column("id", Uuid)]
    values = [datetime(2026, 5, 11, tzinfo=UTC), ID]
    assert str(before(columns, values)).startswith("(created_at, id) < (")
    assert str(beyond(columns, values)).startswith("(created_at, id) > (")
    with pytest.raises(ValueError, match=r"shorter|longer"):
        before(columns, values[:1])


async def test_walk_shows_every_row_once_and_ends(notes_for: NoteClient, people: People) -> None:
    client = notes_for(people.staff())
    for slot in range(7):
        assert (await client.post(NOTES, json={"words": f"第{slot}张", "slot": slot})).status_code == 201

    seen: list[int] = []
    url: str | None = f"{NOTES}?limit=3"
    pages = 0
    while url is not None:
        response = await client.get(url)
        assert response.status_code == 200
        seen += [item["slot"] for item in response.json()["items"]]
        pages += 1
        cursor = response.json()["next_cursor"]
        link = response.headers.get("link")
        assert (cursor is None) == (link is None)
        url = None
        if link is not None:
            assert link.startswith(f"<{NOTES}?limit=3&cursor=")
            assert link.endswith('>; rel="next"')
            url = link[1 : link.index(">")]

    assert (seen, pages) == (list(range(7)), 3)


async def test_link_keeps_the_filters(notes_for: NoteClient, people: People) -> None:
    client = notes_for(people.staff())
    for slot in range(2):
        await client.post(NOTES, json={"words": "同样 & 的", "slot": slot})
    response = await client.get(NOTES, params={"limit": 1, "words": "同样 & 的"})
    following = response.headers["link"].split(">")[0][1:]
    assert (await client.get(following)).json()["items"][0]["slot"] == 1


async def test_row_added_meanwhile_neither_hides_nor_repeats_one(notes_for: NoteClient, people: People) -> None:
    client = notes_for(people.staff())
    for slot in range(4):
        await client.post(NOTES, json={"words": "先", "slot": slot})
    first = (await client.get(f"{NOTES}?limit=2")).json()
    await client.post(NOTES, json={"words": "后", "slot": 9})
    second = (await client.get(f"{NOTES}?limit=9&cursor={first['next_cursor']}")).json()
    assert [item["slot"] for item in first["items"] + second["items"]] == [0, 1, 2, 3, 9]


@pytest.mark.parametrize(
    "cursor",
    [*GARBAGE, encode_cursor(()), encode_cursor(("0198c0de-0000-7000-8000-000000000001", "x")), encode_cursor(("x",))],
)
async def test_garbage_over_http(notes_for: NoteClient, people: People, cursor: str) -> None:
    response = await notes_for(people.staff()).get(f"{NOTES}?cursor={quote(cursor)}")
    assert (response.status_code, response.json()["code"]) == (422, "cursor_invalid")
