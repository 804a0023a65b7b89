"""Pickup codes and the QR text around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.redemptions.errors import PickupTokenInvalidError
from services.points.redemptions.pickup_code import codes_of, read, sign
from shared.ids import new_id

KEY = b"a key of the store"


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        (0, ["000000", "000000"]),
        (7, ["000007", "000000"]),
        (123456_482913, ["482913", "123456"]),
        (10**12, ["000000"] * 2),
    ],
)
def test_codes_have_six_digits(number: int, codes: list[str]) -> None:
    assert codes_of(number, 2) == codes


def test_token_says_what_was_signed() -> None:
    redemption = new_id()

    assert read(KEY, sign(KEY, redemption, "482913")) == (redemption, "482913")


@given(st.text(max_size=120))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(PickupTokenInvalidError):
        read(KEY, text)


@pytest.mark.parametrize("position", [0, 5, 40, -1])
def test_one_changed_character_is_refused(position: int) -> None:
    token = list(sign(KEY, new_id(), "482913"))
    token[position] = "0" if token[position] != "0" else "1"

    with pytest.raises(PickupTokenInvalidError):
        read(KEY, "".join(token))


def test_another_key_is_refused() -> None:
    with pytest.raises(PickupTokenInvalidError):
        read(b"another key", sign(KEY, new_id(), "482913"))
