import io
import random
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from services.identity.rosters import errors
from services.identity.rosters.columns import COLUMNS, Sheet
from services.identity.rosters.parsing import parse_roster
from services.identity.rosters.workbook import MAX_FILE_BYTES, read_sheets, write_template
from shared.kernel.errors import InvalidError

TODAY = date(2026, 6, 1)

ROWS = {
    "网格楼栋": [["网格编号", "网格名称", "楼栋编号", "楼栋名称", "单元数"], ["W01", "第一网格", "L001", "1号楼", 2]],
    "房屋": [["房屋编号", "楼栋编号", "单元", "房号", "建筑面积"], ["L001-1-101", "L001", 1, "101", "85㎡"]],
    "户": [["户编号", "房屋编号", "入住日期"], ["H1", "L001-1-101", date(2012, 5, 1)]],
    "居民": [["户编号", "姓名", "与户主关系"], ["H1", "张三", "户主"]],
}


def workbook(change=lambda book: None) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in ROWS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, data: bytes, *, level: int = 9) -> bytes:
    """Return the archive with one part added or replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, data)
    return out.getvalue()


def csv_text() -> str:
    lines = []
    for name, rows in ROWS.items():
        lines += [name, *(",".join(str(value) for value in row) for row in rows), ""]
    return "\r\n".join(lines)


def roster(content: bytes):
    parsed = parse_roster(read_sheets(content), today=TODAY)
    assert parsed.problems == ()
    return parsed.roster


def test_a_workbook_is_read():
    read = roster(workbook())
    assert read.units[0].area == 8500
    assert read.households[0].moved_in_on == date(2012, 5, 1)


@pytest.mark.parametrize(
    "content",
    [csv_text().encode("gb18030"), csv_text().encode("utf-8-sig"), csv_text().encode()],
    ids=["GB18030", "UTF-8 with mark", "UTF-8"],
)
def test_a_text_file_is_read_in_the_encodings_spreadsheets_save(content):
    assert roster(content) == roster(workbook())


@pytest.mark.parametrize("is_utf8", [True, False])
def test_a_zip_of_one_text_file_per_sheet_is_read(is_utf8):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, rows in ROWS.items():
            # Chinese editions of older packers write the name in GBK bytes without the flag that says so.
            stored = name if is_utf8 else name.encode("gb18030").decode("cp437")
            data = "\n".join(",".join(map(str, row)) for row in rows).encode("gb18030")
            entry = zipfile.ZipInfo(f"花名册/{name}.csv" if is_utf8 else f"{stored}.csv")
            archive.writestr(entry, data)
    assert roster(out.getvalue()) == roster(workbook())


def test_the_template_has_every_column_and_reads_as_empty():
    book = load_workbook(io.BytesIO(write_template()))
    assert book.sheetnames == ["填写说明", *(sheet.value for sheet in Sheet)]
    for sheet, columns in COLUMNS.items():
        assert [cell.value for cell in book[sheet.value][1]] == [column.title for column in columns]
    guide = {(row[0].value, row[1].value): row[2].value for row in book["填写说明"].iter_rows(min_row=2)}
    assert len(guide) == sum(map(len, COLUMNS.values()))
    assert guide["居民", "手机号码"] == "选填"
    parsed = parse_roster(read_sheets(write_template()), today=TODAY)
    assert [problem.advice for problem in parsed.problems] == ["表头下面没有数据"] * 4


def test_fifty_thousand_empty_rows_cost_nothing():
    def pad(book):
        sheet = book["居民"]
        for number in range(3, 50_003):
            sheet.cell(row=number, column=1, value="")
            sheet.cell(row=number, column=2, value="  ")

    padded = workbook(pad)
    sheets = {sheet.name: sheet for sheet in read_sheets(padded)}
    assert len(sheets["居民"].rows) == 2
    assert roster(padded) == roster(workbook())


def test_a_merged_range_is_seen():
    sheets = {s.name: s for s in read_sheets(workbook(lambda book: book["居民"].merge_cells("A2:A3")))}
    merged = sheets["居民"].merged[0]
    assert (merged.first_row, merged.last_row, merged.place) == (2, 3, "A2:A3")


def test_a_formula_is_never_evaluated():
    def formula(book):
        book["房屋"]["E2"] = "=80+5"

    parsed = parse_roster(read_sheets(workbook(formula)), today=TODAY)
    assert [(p.sheet, p.column) for p in parsed.problems] == [("房屋", "建筑面积")]
    assert "不能空着" in parsed.problems[0].advice


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", errors.EmptyFileError),
        (b"  \r\n ", errors.EmptyFileError),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, errors.LegacyWorkbookError),
        (b"%PDF-1.7 and so on", errors.NotARosterFileError),
        (b"<html><body>login</body></html>", errors.NotARosterFileError),
        (bytes(range(256)) * 4, errors.UndecodableTextError),
        (b"PK\x03\x04" + b"\x00" * 100, errors.DamagedFileError),
        (b"x" * (MAX_FILE_BYTES + 1), errors.FileTooLargeError),
        (csv_text().encode().replace("张三".encode(), '"张三'.encode()), errors.DamagedFileError),
    ],
    ids=["empty", "blank", "xls renamed", "pdf", "web page", "binary", "damaged zip", "too large", "open quote"],
)
def test_what_is_no_roster_is_refused_by_its_content(content, refusal):
    with pytest.raises(refusal) as caught:
        read_sheets(content)
    assert type(caught.value) is refusal
    assert "{" not in caught.value.message


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_refused(kept):
    content = workbook()
    with pytest.raises(errors.DamagedFileError):
        read_sheets(content[: int(len(content) * kept)])


def test_a_macro_workbook_is_refused():
    with pytest.raises(errors.MacroWorkbookError):
        read_sheets(with_part(workbook(), "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"))


def test_a_zip_of_something_else_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(errors.NotARosterFileError):
        read_sheets(out.getvalue())


def test_a_zip_bomb_is_refused_before_it_opens():
    bomb = with_part(workbook(), "xl/worksheets/sheet9.xml", b"<worksheet><sheetData>" + b" " * (120 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    with pytest.raises(errors.OversizedContentError):
        read_sheets(bomb)


def test_an_archive_of_thousands_of_parts_is_refused():
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(600):
            archive.writestr(f"xl/extra{number}.xml", "<x/>")
    with pytest.raises(errors.OversizedContentError):
        read_sheets(out.getvalue())


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("cells", "refusal"),
    [
        ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', errors.TooManyRowsError),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>', errors.OversizedContentError),
        ("<row r='1'><c s='1' r='XFD1'><v>1</v></c></row>", errors.OversizedContentError),
        ("<row><c><v>1</v></c><c x='1'><v>2</v></c></row>", errors.DamagedFileError),
    ],
    ids=["a cell in the last row", "a cell in the last column", "other quotes and order", "cells without a place"],
)
def test_a_far_away_cell_cannot_ask_for_terabytes(cells, refusal):
    with pytest.raises(refusal):
        read_sheets(with_part(workbook(), "xl/worksheets/sheet1.xml", SHEET.format(cells).encode()))


def test_a_styled_but_empty_cell_far_away_is_no_reason_to_refuse():
    content = workbook()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet4.xml")
    far = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
    assert far != sheet
    assert roster(with_part(content, "xl/worksheets/sheet4.xml", far)) == roster(content)


@pytest.mark.parametrize("unclosed", [b"<c ", b"<x:c ", b"<c><v ", b"<c a='", b"<c><v><", b"<si ", b"<c>" + b" " * 40])
def test_markup_that_never_closes_is_measured_in_one_pass(unclosed):
    """Looking for every end anew would take hours over these three megabytes, and nothing else would run meanwhile."""
    endless = b"<worksheet><sheetData>" + unclosed * (3_000_000 // len(unclosed))
    with pytest.raises(InvalidError):
        read_sheets(with_part(workbook(), "xl/worksheets/sheet1.xml", endless))


def test_one_long_text_named_by_every_cell_is_refused():
    text = (
        "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>"
        + "长" * 30_000
        + "</t></si></sst>"
    )
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 5_000))
    content = with_part(workbook(), "xl/sharedStrings.xml", text.encode())
    with pytest.raises(errors.OversizedContentError):
        read_sheets(with_part(content, "xl/worksheets/sheet1.xml", SHEET.format(cells).encode()))


@pytest.mark.parametrize(
    "sheet",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>',
        SHEET.format("").encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?><worksheet><sheetData/></worksheet>',
    ],
    ids=["entities", "UTF-16", "another encoding"],
)
def test_markup_that_could_hide_something_is_refused(sheet):
    with pytest.raises(errors.DamagedFileError):
        read_sheets(with_part(workbook(), "xl/worksheets/sheet1.xml", sheet))


def test_an_archive_that_lies_about_a_size_is_still_measured():
    content = bytearray(with_part(workbook(), "xl/worksheets/sheet9.xml", b"<sheetData>" + b" " * (110 * 1024 * 1024)))
    # The size written in the central directory is made small; the packed data stays what it is.
    place = content.rindex(b"xl/worksheets/sheet9.xml")
    content[place - 22 : place - 18] = (100).to_bytes(4, "little")
    with pytest.raises(InvalidError):
        read_sheets(bytes(content))


def test_random_damage_is_refused_or_read_but_never_breaks():
    content = workbook()
    dice = random.Random(4152)
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            parse_roster(read_sheets(bytes(damaged)), today=TODAY)
            outcomes.add("read")
        except InvalidError:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_damage_inside_the_markup_is_refused_or_read_but_never_breaks():
    content = workbook()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    dice = random.Random(14892)
    refused = 0
    for _ in range(300):
        name = dice.choice(sorted(parts))
        data = bytearray(parts[name])
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.choice(b"<>/\"'=&;x0\x00\xff")
        try:
            parse_roster(read_sheets(with_part(content, name, bytes(data), level=0)), today=TODAY)
        except InvalidError:
            refused += 1
    assert refused > 20
