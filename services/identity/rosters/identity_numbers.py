"""The arithmetic of citizen identity numbers: check character, day of birth, sex.

The region code is not looked up: regions were merged and renamed for decades, and old numbers stay valid.

Source: GB 11643-1999.
"""

from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"


def check_character(first_seventeen: str) -> str:
    """Return the eighteenth character for seventeen digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def is_well_formed(number: str) -> bool:
    """Tell whether an 18-character number carries the right check character."""
    return len(number) == 18 and number[:17].isdecimal() and number[17] == check_character(number[:17])


def born_on_of(number: str) -> date | None:
    """Return the day of birth written in the number, None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def is_female(number: str) -> bool:
    """Tell the sex: the seventeenth digit is even for women."""
    return int(number[16]) % 2 == 0
