"""What one cell of a roster means beyond what any spreadsheet's does: names, areas, phones and identity numbers.

Nothing is guessed: what has two readings is refused with a Chinese sentence that says what to do.
"""

import re
from decimal import Decimal

from services.identity.rosters.identity_numbers import born_on_of, is_well_formed
from shared.cells import (
    EXACT_FLOAT,
    CellError,
    CellValue,
    plain,
    read_choice,
    read_code,
    read_date,
    read_text,
    read_whole,
)
from shared.kernel.values import Area

__all__ = [
    "CellError",
    "CellValue",
    "plain",
    "read_area",
    "read_choice",
    "read_code",
    "read_codes",
    "read_date",
    "read_identity_number",
    "read_name",
    "read_phone",
    "read_text",
    "read_whole",
    "read_yes_no",
]

MAX_AREA_M2 = 100_000
_AREA = re.compile(r"(\d{1,6}(?:\.\d+)?)(?:m2|m\^2|平方米|平方|平米|平)?", re.ASCII)
_PHONE = re.compile(r"1\d{10}", re.ASCII)
_SEPARATORS = re.compile(r"[、,;/\s]+")
_YES = frozenset({"是", "有", "√", "✓", "Y", "YES", "1", "对", "TRUE"})
_NO = frozenset({"", "否", "无", "×", "N", "NO", "0", "不是", "FALSE"})


def read_name(value: CellValue) -> str:
    """Read a person's name; spaces between Chinese characters (张 三) are layout, not part of the name.

    Errors: CellError for digits or more than 40 characters.
    """
    text = read_text(value, max_length=40)
    if any(c.isdigit() for c in text):
        msg = "姓名里不应有数字，请填写身份证上的姓名"
        raise CellError(msg)
    return text if text.isascii() else text.replace(" ", "")


def read_codes(value: CellValue) -> tuple[str, ...]:
    """Read several codes in one cell, separated by 、 or a comma; a code named twice counts once.

    Errors: CellError as `read_code`.
    """
    text = plain(value)
    return tuple(dict.fromkeys(read_code(part) for part in _SEPARATORS.split(text) if part))


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
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= EXACT_FLOAT:
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
