"""The twelve digits on a household's card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.bindings.card_codes import card_code, print_card_code, read_card_code
from services.identity.bindings.errors import CardCodeMistypedError

CODE = card_code(bytes(range(16)))


@given(st.binary(min_size=16, max_size=32))
def test_every_code_can_be_read_as_printed(randomness: bytes) -> None:
    code = card_code(randomness)
    assert len(code) == 12
    assert read_card_code(print_card_code(code)) == code


@pytest.mark.parametrize("spell", [str, print_card_code, "-".join, lambda c: f"　{c}\n"])
def test_spaces_and_dashes_do_not_matter(spell: object) -> None:
    assert callable(spell)
    assert read_card_code(spell(CODE)) == CODE


def test_full_width_digits_are_digits() -> None:
    assert read_card_code(CODE.translate(str.maketrans("0123456789", "０１２３４５６７８９"))) == CODE


@pytest.mark.parametrize("position", range(12))
def test_one_wrong_digit_is_always_noticed(position: int) -> None:
    for digit in set("0123456789") - {CODE[position]}:
        with pytest.raises(CardCodeMistypedError):
            read_card_code(CODE[:position] + digit + CODE[position + 1 :])


@pytest.mark.parametrize("typed", ["", CODE[:-1], CODE + "0", "ABCDEFGHIJKL", "٠" * 12])
def test_what_cannot_be_a_code_is_refused(typed: str) -> None:
    with pytest.raises(CardCodeMistypedError):
        read_card_code(typed)


def test_a_code_needs_randomness() -> None:
    with pytest.raises(ValueError, match="16"):
        card_code(b"short")
