import contextlib
import functools
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.rosters import cells
from services.identity.rosters.cells import CellError
from services.identity.rosters.identity_numbers import check_character

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("typed", "hundredths"),
    [
        ("85㎡", 8500),
        ("85.5 平方米", 8550),
        ("85.50", 8550),
        ("８５．５０", 8550),
        ("85m²", 8500),
        ("85 M2", 8500),
        ("1,234.5", 123450),
        (85, 8500),
        (85.33, 8533),
        (85.33000000000001, 8533),
        ("0.01", 1),
    ],
)
def test_an_area_is_read_exactly(typed, hundredths):
    assert cells.read_area(typed) == hundredths


@pytest.mark.parametrize(
    "typed", ["约85", "85左右", "85.335", 85.335, "0", 0, "-3", "85-90", "八十五", True, "1e3", "100000.01"]
)
def test_an_area_with_two_readings_is_refused(typed):
    with pytest.raises(CellError):
        cells.read_area(typed)


@given(st.integers(1, 10_000_000))
def test_every_area_survives_the_float_a_spreadsheet_stores(hundredths):
    assert cells.read_area(hundredths / 100) == hundredths


@pytest.mark.parametrize(
    "typed",
    [
        date(1985, 3, 1),
        datetime(1985, 3, 1),  # noqa: DTZ001  (a spreadsheet knows no zone)
        31107,
        31107.0,
        "31107",
        "1985-3-1",
        "1985/03/01",
        "1985.3.1",
        "1985年3月1日",
        "１９８５－０３－０１",
        "19850301",
        19850301,
        19850301.0,
        "1985-03-01 00:00:00",
    ],
)
def test_a_day_is_read_however_it_was_typed(typed):
    assert cells.read_date(typed, today=TODAY) == date(1985, 3, 1)


@pytest.mark.parametrize(
    "typed", ["1985-02-30", "85-3-1", "去年", 3.5, True, "2026-06-02", date(1899, 1, 1), 0, "1985年3月"]
)
def test_a_day_that_is_none_is_refused(typed):
    with pytest.raises(CellError):
        cells.read_date(typed, today=TODAY)


@pytest.mark.parametrize(
    "typed",
    [
        "19400001234",
        19400001234,
        19400001234.0,
        "194 0000 1234",
        "+8619400001234",
        "194-0000-1234",
        "１９４００００１２３４",
    ],
)
def test_a_phone_number_is_read(typed):
    assert cells.read_phone(typed) == "19400001234"


@pytest.mark.parametrize("typed", ["1940000123", "0719-1234567", "194000012345", "29400001234", "无"])
def test_a_wrong_phone_number_is_refused(typed):
    with pytest.raises(CellError):
        cells.read_phone(typed)


def _number(first_seventeen: str) -> str:
    return first_seventeen + check_character(first_seventeen)


def test_the_check_character_follows_the_published_example():
    # The example printed in GB 11643-1999.
    assert check_character("11010519491231002") == "X"


def test_an_identity_number_may_be_lower_case_and_full_width():
    number = _number("00000019491231002")
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in number)
    assert cells.read_identity_number(full_width) == number
    assert cells.read_identity_number("11010519491231002x") == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (110105194912310029, "末尾几位已丢失"),
        (1.1010519491231e17, "末尾几位已丢失"),
        ("110105194912310021", "最后一位校验不对"),
        (_number("11010519491331002"), "出生日期不存在"),
        ("110105491231002", "18 位"),
        ("11010519491231002XX", "18 位"),
        ("abcdefghijklmnopqr", "18 位"),
    ],
)
def test_a_wrong_identity_number_is_refused_with_the_reason(typed, said):
    with pytest.raises(CellError, match=said):
        cells.read_identity_number(typed)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place, shift):
    number = _number("00000019491231002")
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(CellError):
        cells.read_identity_number(wrong)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("l001 ", "L001"), (101, "101"), (101.0, "101"), ("Ｌ００１", "L001"), ("1号楼", "1号楼"), ("A—1", "A-1")],
)
def test_a_code_is_normalised(typed, code):
    assert cells.read_code(typed) == code


@pytest.mark.parametrize("typed", ["<b>", "=1+1", "A" * 41, "@x", "'"])
def test_a_code_of_other_characters_is_refused(typed):
    with pytest.raises(CellError):
        cells.read_code(typed)


def test_several_codes_share_a_cell():
    assert cells.read_codes("L1-101、l1-102, L1-101") == ("L1-101", "L1-102")


@pytest.mark.parametrize(
    ("typed", "answer"), [("是", True), ("√", True), (1, True), (True, True), ("否", False), ("", False), (0.0, False)]
)
def test_yes_and_no(typed, answer):
    assert cells.read_yes_no(typed) is answer


def test_yes_and_no_are_not_guessed():
    with pytest.raises(CellError):
        cells.read_yes_no("可能")


@pytest.mark.parametrize(
    ("typed", "name"),
    [("张 三", "张三"), ("张　三", "张三"), ("阿依古丽·买买提", "阿依古丽·买买提"), ("John  Smith", "John Smith")],
)
def test_a_name_loses_its_layout_only(typed, name):
    assert cells.read_name(typed) == name


def test_control_characters_disappear():
    assert cells.plain("a\x00b\tc\u200b") == "a b c"


@given(
    st.text() | st.floats() | st.integers() | st.booleans() | st.dates() | st.datetimes() | st.times() | st.timedeltas()
)
def test_whatever_a_cell_holds_is_read_or_refused(value):
    readers = {
        cells.read_text: str,
        cells.read_name: str,
        cells.read_code: str,
        cells.read_codes: tuple,
        cells.read_area: int,
        cells.read_phone: str,
        cells.read_identity_number: str,
        cells.read_yes_no: bool,
        functools.partial(cells.read_date, today=TODAY): date,
    }
    for read, kind in readers.items():
        with contextlib.suppress(CellError):
            assert type(read(value)) is kind
