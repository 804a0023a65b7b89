"""Small decisions of the inbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.inbox.domain import InboxItem, TargetKind, Topic, Unread, count_unread, read, shorten
from shared.ids import new_id

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
ITEM = InboxItem(new_id(), new_id(), 1, Topic.POINTS, "标题", "内容", TargetKind.CLAIM, new_id(), NOW)


def test_the_first_reading_counts():
    once = read(ITEM, NOW)
    assert once == replace(ITEM, read_at=NOW)
    assert read(once, NOW + timedelta(days=1)) is once


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("12345", "12345"), ("123456", "1234…")])
def test_a_cut_is_marked(text, shown):
    assert shorten(text, 5) == shown


def test_topics_with_nothing_unread_are_left_out():
    assert count_unread({Topic.POINTS: 2, Topic.VOTES: 1, Topic.STORE: 0}) == Unread(
        3, {Topic.POINTS: 2, Topic.VOTES: 1}
    )
    assert count_unread({}) == Unread(0, {})
