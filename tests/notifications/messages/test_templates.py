"""Every template fits what WeChat takes, however long the facts are."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.messages.errors import FieldEmptyError
from services.notifications.messages.templates import TEMPLATES, TemplateKey, china_time, fit, render

TWENTY = "一二三四五六七八九十一二三四五六七八九十"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("thing1", TWENTY, TWENTY),
        ("thing1", TWENTY + "超", TWENTY[:19] + "…"),
        ("thing12", "  楼道灯\n不亮  ", "楼道灯 不亮"),
        ("phrase2", "已通过", "已通过"),
        ("phrase2", "已经通过评议小组", "已经通过评"),
        ("phrase2", "通过(3票)", "通过票"),
        ("name3", "欧阳青龙泉网格员小王同志", "欧阳青龙泉网格员小…"),
        ("character_string4", "编号A-12", "A-12"),
        ("character_string4", "x" * 40, "x" * 32),
        ("number5", "100", "100"),
        ("time6", "2026年3月2日 15:01", "2026年3月2日 15:01"),
    ],
)
def test_values_are_cut_to_their_field(field, value, shown):
    assert fit(field, value) == shown


@pytest.mark.parametrize(
    ("field", "value"), [("thing1", ""), ("thing1", " \n"), ("phrase2", "OK"), ("character_string3", "无")]
)
def test_an_empty_field_is_told_before_wechat_refuses_it(field, value):
    with pytest.raises(FieldEmptyError) as refusal:
        fit(field, value)
    assert refusal.value.facts == {"field": field}


@pytest.mark.parametrize("key", TemplateKey)
def test_every_template_can_be_filled(key):
    facts = {
        "subject": TWENTY * 3,
        "state": "已通过评议",
        "at": china_time(datetime(2026, 3, 2, 7, 1, tzinfo=UTC)),
        "hint": "请看",
    }
    fields = render(TEMPLATES[key], facts)
    assert list(fields) == ["thing1", "phrase2", "time3", "thing4"]
    assert fields["time3"] == "2026年3月2日 15:01"


def test_a_missing_fact_is_told():
    with pytest.raises(FieldEmptyError):
        render(TEMPLATES[TemplateKey.VOTE_OPEN], {"subject": "投票"})


@given(st.text(min_size=1))
def test_a_thing_never_has_more_than_twenty_characters_nor_a_line_break(text):
    try:
        shown = fit("thing1", text)
    except FieldEmptyError:
        assert not text.strip()
        return
    assert 1 <= len(shown) <= 20
    assert "\n" not in shown
    assert fit("thing1", shown) == shown
