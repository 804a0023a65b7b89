"""Message templates: which fields WeChat shows, and how our facts are cut to fit them.

Source: WeChat's list of field types (`thing` 20 characters, `phrase` 5 Chinese characters, `character_string` 32, …). A value that
does not fit is refused by WeChat as a whole (47003), so everything is made to fit here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.notifications.messages.errors import FieldEmptyError
from shared.kernel.clock import CHINA

ELLIPSIS = "…"
_LONGEST: Mapping[str, int] = {
    "thing": 20,
    "phrase": 5,
    "name": 10,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "amount": 12,
    "phone_number": 17,
    "car_number": 8,
}
_NOT_ASCII_TEXT = re.compile(r"[^\x20-\x7e]")
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]")
_SPACES = re.compile(r"\s+")


class TemplateKey(StrEnum):
    """The kinds of message there are; which WeChat template id each has is a setting."""

    POINTS_RESULT = "points_result"
    STORE_PICKUP = "store_pickup"
    VOTE_OPEN = "vote_open"
    PUBLIC_NOTICE = "public_notice"
    TICKET_PROGRESS = "ticket_progress"


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message: its name for people, and which fact goes into which of WeChat's fields."""

    name: str
    fields: Mapping[str, str]


TEMPLATES: Mapping[TemplateKey, Template] = {
    TemplateKey.POINTS_RESULT: Template(
        "积分变动提醒",
        {"thing1": "subject", "phrase2": "state", "time3": "at", "thing4": "hint"},
    ),
    TemplateKey.STORE_PICKUP: Template(
        "兑换进度提醒",
        {"thing1": "subject", "phrase2": "state", "time3": "at", "thing4": "hint"},
    ),
    TemplateKey.VOTE_OPEN: Template(
        "投票提醒",
        {"thing1": "subject", "phrase2": "state", "time3": "at", "thing4": "hint"},
    ),
    TemplateKey.PUBLIC_NOTICE: Template(
        "公示提醒",
        {"thing1": "subject", "phrase2": "state", "time3": "at", "thing4": "hint"},
    ),
    TemplateKey.TICKET_PROGRESS: Template(
        "报修进度提醒",
        {"thing1": "subject", "phrase2": "state", "time3": "at", "thing4": "hint"},
    ),
}


def render(template: Template, facts: Mapping[str, str]) -> dict[str, str]:
    """Return WeChat's fields filled from the facts, each cut to what it may hold.

    Errors: FieldEmptyError for a fact that is missing or of which nothing is left: WeChat refuses an empty field.
    """
    return {field: fit(field, facts.get(fact, "")) for field, fact in template.fields.items()}


def fit(field: str, value: str) -> str:
    """Make a value fit a field such as `thing1`, told by the letters of its name.

    A cut is marked with “…”, so that nobody takes the beginning for the whole. `time` and `date` are taken as `china_time` wrote them.

    Errors: FieldEmptyError.
    """
    kind = field.rstrip("0123456789")
    text = _SPACES.sub(" ", value).strip()
    if kind == "phrase":
        text = _NOT_HAN.sub("", text)[: _LONGEST[kind]]
    elif kind in {"character_string", "number", "letter", "amount", "phone_number"}:
        text = _NOT_ASCII_TEXT.sub("", text)[: _LONGEST[kind]].strip()
    elif kind in _LONGEST and len(text) > _LONGEST[kind]:
        text = text[: _LONGEST[kind] - 1] + ELLIPSIS
    if not text:
        raise FieldEmptyError(field=field)
    return text


def china_time(moment: datetime) -> str:
    """Write a moment as WeChat's `time` field wants it: 2026年3月2日 15:01."""
    local = moment.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
