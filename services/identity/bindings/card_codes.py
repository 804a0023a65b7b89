"""The one-time code on a household's card: twelve digits, because digits are what everyone can type.

The last digit checks the others, so a slip of the finger is told at once and never looked up. Eleven random digits leave one
chance in twenty million of meeting one of 4,152 open codes, and attempts are limited.
"""

import re

from services.identity.bindings.errors import CardCodeMistypedError

LENGTH = 12


def card_code(randomness: bytes) -> str:
    """Spell a code from random bytes.

    Errors: ValueError when there are fewer than 16 of them.
    """
    if len(randomness) < 16:
        msg = "a card code needs at least 16 random bytes"
        raise ValueError(msg)
    body = str(int.from_bytes(randomness, "big") % 10 ** (LENGTH - 1)).zfill(LENGTH - 1)
    return body + _check_digit(body)


def read_card_code(text: str) -> str:
    """Return the bare digits of what a person typed or scanned.

    Errors: CardCodeMistypedError.
    """
    digits = re.sub(r"[\s\-－—]", "", text).translate(_FULL_WIDTH)
    if not re.fullmatch(rf"[0-9]{{{LENGTH}}}", digits) or _check_digit(digits[:-1]) != digits[-1]:
        raise CardCodeMistypedError
    return digits


def print_card_code(code: str) -> str:
    """Return the code in groups of four, as it stands on the card."""
    return " ".join(code[i : i + 4] for i in range(0, LENGTH, 4))


_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def _check_digit(body: str) -> str:
    """Return the Luhn digit: it catches every single wrong digit and nearly every swap of neighbours."""
    total = 0
    for position, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
