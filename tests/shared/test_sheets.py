import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from openpyxl import load_workbook

from shared.sheets import SheetFormat, Value, cell, csv_response, sheet_response, xlsx_response
from shared.workbooks import SHEET_ERRORS, SheetEmptyError, read_sheets

HEADER = ["户号", "分数"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "是"),
        (False, "否"),
        (-5, -5),
        (Decimal("0.5"), Decimal("0.5")),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 16, 30, tzinfo=UTC), "2026-05-02 00:30:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("清扫楼道 🧹", "清扫楼道 🧹"),
        ("-5", "'-5"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("  =1+1", "'  =1+1"),
        ("+86", "'+86"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("a\x00\x1fb", "ab"),
    ],
)
def test_a_value_as_it_is_written(value: Value, written: object) -> None:
    assert cell(value) == written


def test_a_long_text_fits_a_cell() -> None:
    assert len(str(cell("=" * 50_000))) == 32_767


def test_csv_opens_in_a_chinese_spreadsheet() -> None:
    response = csv_response("积分/台账", HEADER, [["QLQ-0001", 5], ['=cmd|"/c"', -3]])

    assert bytes(response.body).startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(bytes(response.body).decode("utf-8-sig"), newline="")))
    assert rows == [HEADER, ["QLQ-0001", "5"], ['\'=cmd|"/c"', "-3"]]
    assert response.headers["content-disposition"].endswith("%E7%A7%AF%E5%88%86%2F%E5%8F%B0%E8%B4%A6.csv")


def test_xlsx_holds_texts_and_numbers_and_no_formula() -> None:
    response = xlsx_response("积分[台账]", HEADER, [["QLQ-0001", 5], ["=1+1", -3]])

    sheet = load_workbook(io.BytesIO(bytes(response.body))).active
    assert sheet is not None
    assert sheet.title == "积分 台账 "
    assert [[c.value for c in row] for row in sheet.iter_rows()] == [HEADER, ["QLQ-0001", 5], ["'=1+1", -3]]
    assert {c.data_type for row in sheet.iter_rows() for c in row} == {"s", "n"}


@pytest.mark.parametrize("file_format", SheetFormat)
async def test_what_is_written_can_be_read_back(file_format: SheetFormat) -> None:
    response = await sheet_response(file_format, "台账", HEADER, [["QLQ-0001", 5]])

    (sheet,) = read_sheets(bytes(response.body))
    assert [[str(v).removesuffix(".0") for v in row.values] for row in sheet.rows] == [HEADER, ["QLQ-0001", "5"]]


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(SheetEmptyError):
        read_sheets(b" \n")


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [error.code for error in SHEET_ERRORS]
    assert len(set(codes)) == len(codes)
