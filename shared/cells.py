"""What one cell of a spreadsheet means: text as people type it turned into exact values, or a Chinese sentence that says what to do.

Spreadsheets hold full-width digits, units behind numbers, dates as text or as day counts, and numbers where text was meant.
Everything is normalised first (NFKC) and nothing is guessed: what has two readings is refused.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar

CellValue = int | float | str | bool | date | datetime | time | timedelta
"""What a spreadsheet reader hands over; an empty cell is an empty string."""

T = TypeVar("T")

EXACT_FLOAT = 2**53
_FIRST_SERIAL_DAY = date(1899, 12, 30)
"""Day 0 of the 1900 date system as every spreadsheet counts it after February 1900."""
_SERIAL_DAYS = range(61, 60_000)
_EARLIEST = date(1900, 3, 1)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_CODE = re.compile(r"[0-9A-Z\u4e00-\u9fff][0-9A-Z\u4e00-\u9fff._#-]*")


class CellError(ValueError):
    """A cell that cannot be read; the message is the advice shown to the person who filled it in."""


def plain(value: CellValue) -> str:
    """Return the cell as the text a person sees: half-width, single spaces, no control characters, whole floats without `.0`."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_FLOAT:
        value = int(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return _plain_text(value if isinstance(value, str) else str(value))


@lru_cache(maxsize=4096)
def _plain_text(text: str) -> str:
    # A roster says 是, 否, 户主 and 配偶 thousands of times.
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(text.split())


def read_text(value: CellValue, *, max_length: int = 100) -> str:
    """Read a free text.

    Errors: CellError when it is longer than `max_length` characters.
    """
    text = plain(value)
    if len(text) > max_length:
        msg = f"内容太长（{len(text)} 个字），请缩短到 {max_length} 个字以内"
        raise CellError(msg)
    return text


def read_code(value: CellValue) -> str:
    """Read a number people give to a grid, building, unit or household: letters upper case, no spaces.

    Errors: CellError for other characters or more than 40 of them.
    """
    text = plain(value).replace(" ", "").replace("—", "-").replace("–", "-").upper()
    if len(text) > 40 or not _CODE.fullmatch(text):
        msg = "编号只能用数字、字母、汉字和 - _ . #，且不超过 40 个字"
        raise CellError(msg)
    return text


def read_whole(value: CellValue, *, least: int, most: int, suffixes: str = "") -> int:
    """Read a whole number; `suffixes` are characters people put behind it (层, 单元).

    Errors: CellError when it is not whole or out of range.
    """
    text = plain(value).replace(" ", "").rstrip(suffixes)
    if not re.fullmatch(r"-?[0-9]{1,9}", text) or not least <= int(text) <= most:
        msg = f"请填写 {least} 到 {most} 之间的整数"
        raise CellError(msg)
    return int(text)


def read_date(value: CellValue, *, today: date) -> date:
    """Read a day: a date cell, `1985-3-1`, `1985/03/01`, `1985年3月1日`, `19850301`, or the day count of a spreadsheet.

    Errors: CellError for a day that does not exist, lies before March 1900 or after `today`.
    """
    day = _day_of(value)
    if day is None:
        msg = "日期看不懂，请写成 1985-03-01 这样"
        raise CellError(msg)
    if not _EARLIEST <= day <= today:
        msg = f"日期 {day.isoformat()} 不在合理范围，请核对"
        raise CellError(msg)
    return day


def _day_of(value: CellValue) -> date | None:
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if isinstance(value, bool | time | timedelta):
        return None
    text = plain(value).replace(" ", "")
    if text.isdecimal() and int(text) in _SERIAL_DAYS:
        return _FIRST_SERIAL_DAY + timedelta(days=int(text))
    # A text of date and time ("1985-03-01 00:00:00") lost its space above; the day is its first ten characters.
    match = _DATE.fullmatch(text.removesuffix("00:00:00")) or _COMPACT_DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def read_choice(value: CellValue, choices: Mapping[str, T]) -> T:
    """Read one of a list of words.

    Errors: CellError listing the words.
    """
    text = plain(value).replace(" ", "")
    try:
        return choices[text]
    except KeyError:
        msg = f"请从这些里选一个：{'、'.join(choices)}"
        raise CellError(msg) from None
