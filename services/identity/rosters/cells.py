"""What one cell of a roster means: text as people type it turned into exact values, or a Chinese sentence that says what to do.

Spreadsheets hold full-width digits, units behind numbers, dates as text or as day counts, and numbers where text was meant.
Everything is normalised first (NFKC) and nothing is guessed: what has two readings is refused.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from services.identity.rosters.identity_numbers import born_on_of, is_well_formed
from shared.kernel.values import Area

CellValue = int | float | str | bool | date | datetime | time | timedelta
"""What a spreadsheet reader hands over; an empty cell is an empty string."""

T = TypeVar("T")

MAX_AREA_M2 = 100_000
_FIRST_SERIAL_DAY = date(1899, 12, 30)
"""Day 0 of the 1900 date system as every spreadsheet counts it after February 1900."""
_SERIAL_DAYS = range(61, 60_000)
_EARLIEST = date(1900, 3, 1)
_EXACT_FLOAT = 2**53
_AREA = re.compile(r"(\d{1,6}(?:\.\d+)?)(?:m2|m\^2|平方米|平方|平米|平)?", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_PHONE = re.compile(r"1\d{10}", re.ASCII)
_CODE = re.compile(r"[0-9A-Z\u4e00-\u9fff][0-9A-Z\u4e00-\u9fff._#-]*")
_SEPARATORS = re.compile(r"[、,;/\s]+")
_YES = frozenset({"是", "有", "√", "✓", "Y", "YES", "1", "对", "TRUE"})
_NO = frozenset({"", "否", "无", "×", "N", "NO", "0", "不是", "FALSE"})


class CellError(ValueError):
    """A cell that cannot be read; the message is the advice shown to the person who filled it in."""


def plain(value: CellValue) -> str:
    """Return the cell as the text a person sees: half-width, single spaces, no control characters, whole floats without `.0`."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
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


def read_name(value: CellValue) -> str:
    """Read a person's name; spaces between Chinese characters (张 三) are layout, not part of the name.

    Errors: CellError for digits or more than 40 characters.
    """
    text = read_text(value, max_length=40)
    if any(c.isdigit() for c in text):
        msg = "姓名里不应有数字，请填写身份证上的姓名"
        raise CellError(msg)
    return text if text.isascii() else text.replace(" ", "")


def read_code(value: CellValue) -> str:
    """Read a number people give to a grid, building, unit or household: letters upper case, no spaces.

    Errors: CellError for other characters or more than 40 of them.
    """
    text = plain(value).replace(" ", "").replace("—", "-").replace("–", "-").upper()
    if len(text) > 40 or not _CODE.fullmatch(text):
        msg = "编号只能用数字、字母、汉字和 - _ . #，且不超过 40 个字"
        raise CellError(msg)
    return text


def read_codes(value: CellValue) -> tuple[str, ...]:
    """Read several codes in one cell, separated by 、 or a comma; a code named twice counts once.

    Errors: CellError as `read_code`.
    """
    text = plain(value)
    return tuple(dict.fromkeys(read_code(part) for part in _SEPARATORS.split(text) if part))


def read_whole(value: CellValue, *, least: int, most: int, suffixes: str = "") -> int:
    """Read a whole number; `suffixes` are characters people put behind it (层, 单元).

    Errors: CellError when it is not whole or out of range.
    """
    text = plain(value).replace(" ", "").rstrip(suffixes)
    if not re.fullmatch(r"-?[0-9]{1,9}", text) or not least <= int(text) <= most:
        msg = f"请填写 {least} 到 {most} 之间的整数"
        raise CellError(msg)
    return int(text)


def read_area(value: CellValue) -> Area:
    """Read a floor area: `85`, `85.5 平方米`, `85㎡`, full-width digits.

    Units/shapes: result in 0.01 m².

    Errors: CellError for other text, zero, more than two decimals, or more than 100,000 m².
    """
    text = plain(value).replace(" ", "").replace(",", "").lower()
    match = _AREA.fullmatch(text)
    if match is None:
        msg = "面积请填数字，单位是平方米，例如 85.50"
        raise CellError(msg)
    hundredths = Decimal(match[1]) * 100
    whole = int(hundredths.to_integral_value())
    # A stored 85.33 may come back as 85.33000000000001; that is the same area. 85.335 is not.
    if abs(hundredths - whole) > Decimal("0.0001"):
        msg = "面积最多两位小数，请按房产证上的数字填写"
        raise CellError(msg)
    if not 0 < whole <= MAX_AREA_M2 * 100:
        msg = f"面积应大于 0、不超过 {MAX_AREA_M2} 平方米"
        raise CellError(msg)
    return Area(whole)


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


def read_phone(value: CellValue) -> str:
    """Read a mobile number of eleven digits; `+86`, spaces and hyphens are dropped.

    Errors: CellError for anything else.
    """
    text = re.sub(r"[\s()-]", "", plain(value)).removeprefix("+86")
    if len(text) == 13:
        text = text.removeprefix("86")
    if not _PHONE.fullmatch(text):
        msg = "手机号码应是 1 开头的 11 位数字；没有手机就留空"
        raise CellError(msg)
    return text


def read_identity_number(value: CellValue) -> str:
    """Read an 18-character citizen identity number and check its date and check character.

    Errors: CellError naming what is wrong; a number stored as a number has lost its last digits and is refused.
    Source: GB 11643-1999.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT_FLOAT:
        msg = "身份证号被表格当成数字保存，末尾几位已丢失；请把这一列设为“文本”后重新填写"
        raise CellError(msg)
    text = plain(value).replace(" ", "").upper()
    if len(text) != 18 or not (text[:17].isascii() and text[:17].isdecimal()):
        msg = "身份证号应是 18 位（最后一位可以是 X）"
        raise CellError(msg)
    if born_on_of(text) is None:
        msg = "身份证号里的出生日期不存在，请核对"
        raise CellError(msg)
    if not is_well_formed(text):
        msg = "身份证号最后一位校验不对，多半是抄错了一个数字，请对照证件核对"
        raise CellError(msg)
    return text


def read_yes_no(value: CellValue) -> bool:
    """Read 是 / 否; an empty cell means 否.

    Errors: CellError for anything else.
    """
    text = plain(value).upper()
    if text in _YES:
        return True
    if text in _NO:
        return False
    msg = "请填“是”或“否”"
    raise CellError(msg)


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
