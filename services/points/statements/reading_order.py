"""The order people look names up in: 2号楼 before 10号楼, 第二网格 before 第十网格.

`reading_order.sql` orders in the same way, for lists that are read page by page.
"""

import re
from typing import TypeAlias

Place: TypeAlias = tuple[tuple[bool, int, str], ...]

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100}
_NUMBER = re.compile(rf"([0-9]+|[{''.join(_DIGITS)}{''.join(_UNITS)}]+)")


def reading_order(name: str) -> Place:
    """Return a key to sort names by, their numbers as numbers, in Arabic or Chinese numerals."""
    return tuple(
        (False, _value(part), "") if _NUMBER.fullmatch(part) else (True, 0, part)
        for part in _NUMBER.split(name)
        if part
    )


def _value(numeral: str) -> int:
    if numeral.isascii():
        return int(numeral)
    if not set(numeral) & _UNITS.keys():
        return int("".join(str(_DIGITS[character]) for character in numeral))
    whole = digit = 0
    for character in numeral:
        if character in _UNITS:
            # 十二 is twelve: ten stands there without a one before it.
            whole += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return whole + digit
