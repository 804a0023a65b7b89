"""From the bytes of an uploaded spreadsheet to rows of plain values, and from rows to what a sheet was meant to say.

A file is hostile until measured. The parts of an `.xlsx` are unpacked here within fixed bounds, their cells are counted, and only
that measured copy is handed to the spreadsheet reader: what was checked is what is read. Formulas and macros are never evaluated;
a cell counts with the value that was last stored in it.

```
InvalidError
└── SheetError
    ├── SheetTooLargeError        sheet_too_large
    ├── SheetEmptyError           sheet_empty
    ├── NotASheetError            sheet_unknown_kind
    │   ├── LegacySheetError      sheet_legacy
    │   └── MacroSheetError       sheet_macro
    ├── SheetDamagedError         sheet_damaged
    ├── SheetUndecodableError     sheet_undecodable
    ├── SheetOversizedError       sheet_oversized
    └── SheetTooLongError         sheet_too_long
```
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared.cells import CellValue
from shared.kernel.errors import InvalidError

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 100 * 1024 * 1024
MAX_PARTS: Final = 500
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 40
MAX_TEXT_BYTES: Final = 100 * 1024 * 1024
"""All texts of a workbook together, counted as often as cells refer to them: one long shared text can be named by every cell."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UNUSED_PARTS = (
    "xl/drawings/",
    "xl/media/",
    "xl/charts/",
    "xl/embeddings/",
    "xl/externallinks/",
    "xl/printersettings/",
    "xl/theme/",
    "docprops/",
)
_CELL = re.compile(rb"<(?:\w+:)?c(\s[^<>]*)?>(?:\s*<(?:\w+:)?v[^<>]*>(\d{1,9})<)?")
"""A tag never reaches beyond the next `<`, which no attribute may hold: so a cell that is not closed is looked at once and not to the end."""
_POSITION = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_IS_SHARED = re.compile(rb"\st\s*=\s*[\"']s[\"']")
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w-]+)")


class SheetError(InvalidError):
    """An uploaded file that cannot be read as a spreadsheet."""


class SheetTooLargeError(SheetError):
    code = "sheet_too_large"
    title = "文件太大"
    detail = "文件有 {size_bytes} 字节，超过 {limit_bytes} 字节的上限；请删去图片和无关的工作表，或分几次上传。"


class SheetEmptyError(SheetError):
    code = "sheet_empty"
    title = "文件是空的"
    detail = "文件里没有内容，请检查是不是选错了文件。"


class NotASheetError(SheetError):
    code = "sheet_unknown_kind"
    title = "不是表格文件"
    detail = "只能上传 .xlsx 或 .csv 文件；请下载模板，按模板填写后再上传。"


class LegacySheetError(NotASheetError):
    code = "sheet_legacy"
    title = "旧版或加密的表格"
    detail = "这是旧版 .xls 表格，或设了打开密码；请用表格软件打开，去掉密码，另存为 .xlsx 后再上传。"


class MacroSheetError(NotASheetError):
    code = "sheet_macro"
    title = "表格里带有宏"
    detail = "为了安全，不接收带宏的表格（.xlsm）；请另存为“Excel 工作簿 (.xlsx)”后再上传。"


class SheetDamagedError(SheetError):
    code = "sheet_damaged"
    title = "文件已损坏"
    detail = "文件不完整或已损坏，打不开；请重新保存一份，再上传。"


class SheetUndecodableError(SheetError):
    code = "sheet_undecodable"
    title = "文字编码认不出来"
    detail = "这个 CSV 文件的文字编码认不出来；请另存为“CSV UTF-8”，或直接存成 .xlsx。"


class SheetOversizedError(SheetError):
    code = "sheet_oversized"
    title = "表格内容异常庞大"
    detail = "文件解开后的内容异常庞大，超过上限 {limit}；请只把数据复制到新下载的模板里再上传。"


class SheetTooLongError(SheetError):
    code = "sheet_too_long"
    title = "行数太多"
    detail = "工作表“{sheet}”有 {rows} 行，超过 {limit} 行的上限；请删去多余的行，或分几次上传。"


SHEET_ERRORS: Final = (
    SheetTooLargeError,
    SheetEmptyError,
    NotASheetError,
    LegacySheetError,
    MacroSheetError,
    SheetDamagedError,
    SheetUndecodableError,
    SheetOversizedError,
    SheetTooLongError,
)
"""What `read_sheets` may refuse, for a route to declare."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row that holds something; `number` is the one a person sees at its left edge."""

    number: int
    values: tuple[CellValue, ...]


@dataclass(frozen=True, slots=True)
class MergedCells:
    """A merged range, as 1-based row numbers and the title of its place (`A3:A5`)."""

    first_row: int
    last_row: int
    place: str


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A sheet without its empty rows; one text of comma-separated values is a single sheet without a name."""

    name: str
    rows: tuple[RawRow, ...]
    merged: tuple[MergedCells, ...] = ()


def read_sheets(content: bytes, *, is_wanted: Callable[[str], bool] = lambda _name: True) -> tuple[RawSheet, ...]:
    """Read the wanted sheets of an `.xlsx`, a `.csv`, or a zip of one `.csv` per sheet.

    The kind of file is told by its content; its name and declared type are never believed.

    Errors: those of `SHEET_ERRORS`.
    """
    if len(content) > MAX_FILE_BYTES:
        raise SheetTooLargeError(size_bytes=len(content), limit_bytes=MAX_FILE_BYTES)
    if not content.strip():
        raise SheetEmptyError
    if content.startswith(_OLE):
        raise LegacySheetError
    if content.startswith(_ZIP):
        return _read_archive(content, is_wanted)
    return (_csv_sheet("", _decode(content)),)


def _read_archive(content: bytes, is_wanted: Callable[[str], bool]) -> tuple[RawSheet, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [entry.filename.lower() for entry in archive.infolist()]
            if len(names) > MAX_PARTS:
                raise SheetOversizedError(limit=f"{MAX_PARTS} 个部分")
            if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names) or any(
                "xl/macrosheets/" in name for name in names
            ):
                raise MacroSheetError
            if "xl/workbook.xml" in names:
                parts = _unpack(
                    archive, lambda name: name.endswith((".xml", ".rels")) and not name.startswith(_UNUSED_PARTS)
                )
                return _read_workbook(parts, is_wanted)
            if any(name.endswith(".csv") for name in names):
                parts = _unpack(archive, lambda name: name.endswith(".csv"))
                return tuple(_csv_sheet(_packed_name(name), _decode(data)) for name, data in parts.items())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, UnicodeDecodeError):
        # The archive reader signals damage, encryption and unknown methods in these six ways.
        raise SheetDamagedError from None
    raise NotASheetError


def _unpack(archive: zipfile.ZipFile, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Unpack the wanted parts while counting what really comes out, since the sizes written in an archive may lie."""
    parts: dict[str, bytes] = {}
    room = MAX_UNPACKED_BYTES
    for entry in archive.infolist():
        if entry.is_dir() or not is_wanted(entry.filename.lower()):
            continue
        with archive.open(entry) as stream:
            data = stream.read(room + 1)
        room -= len(data)
        if room < 0:
            raise SheetOversizedError(limit=f"{MAX_UNPACKED_BYTES // 1024 // 1024} MB")
        parts[entry.filename] = data
    return parts


def _read_workbook(parts: Mapping[str, bytes], is_wanted: Callable[[str], bool]) -> tuple[RawSheet, ...]:
    from python_calamine import CalamineError, CalamineWorkbook  # A process that reads no workbook does without.

    _measure(parts)
    measured = io.BytesIO()
    with zipfile.ZipFile(measured, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    measured.seek(0)
    try:
        with CalamineWorkbook.from_filelike(measured) as workbook:
            return tuple(_calamine_sheet(workbook, name) for name in workbook.sheet_names if is_wanted(name))
    except (CalamineError, ValueError, OverflowError, OSError):
        # A date beyond the calendar overflows; the rest is malformed XML under a good name.
        raise SheetDamagedError from None


def _measure(parts: Mapping[str, bytes]) -> None:
    """Refuse what would make the reader allocate more than an honest sheet can need.

    The reader reserves the whole rectangle between the first and the last filled cell and copies a shared text for every cell
    that names it, so a file of a few hundred bytes could ask for terabytes.
    """
    shared: list[int] = []
    for name, data in parts.items():
        declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf")[:200])
        if (
            b"<!DOCTYPE" in data
            or b"\x00" in data[:4]
            or (declared and declared[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"})
        ):
            raise SheetDamagedError
        if name.lower().endswith("sharedstrings.xml"):
            shared = [len(item) for item in re.split(rb"<(?:\w+:)?si[\s>]", data)[1:]]
    text_bytes = 0
    for name, data in parts.items():
        if b"sheetData" in data:
            text_bytes += _measure_cells(name, data, shared)
    if text_bytes > MAX_TEXT_BYTES:
        raise SheetOversizedError(limit=f"{MAX_TEXT_BYTES // 1024 // 1024} MB")


def _measure_cells(name: str, data: bytes, shared: Sequence[int]) -> int:
    text_bytes, columns = 0, set[bytes]()
    # One after the other: all at once, the cells of the largest allowed sheet would fill a gigabyte.
    for cell in _CELL.finditer(data):
        attributes, value = cell[1] or b"", cell[2]
        if attributes[-1:] == b"/":
            continue
        position = _POSITION.search(attributes)
        if position is None:
            raise SheetDamagedError
        letters, row = position.groups()
        columns.add(letters)
        if int(row) > MAX_ROWS:
            raise SheetTooLongError(sheet=name.rpartition("/")[2], rows=int(row), limit=MAX_ROWS)
        if value and shared and int(value) < len(shared) and _IS_SHARED.search(attributes):
            text_bytes += shared[int(value)]
    if any(_column_number(letters) > MAX_COLUMNS for letters in columns):
        raise SheetOversizedError(limit=f"{MAX_COLUMNS} 列")
    return text_bytes


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _calamine_sheet(workbook: "CalamineWorkbook", name: str) -> RawSheet:
    from openpyxl.utils import get_column_letter  # The library is large; a process that reads no workbook does without.

    sheet = workbook.get_sheet_by_name(name)
    rows = _filled(enumerate(sheet.to_python(skip_empty_area=False), start=1))
    merged = tuple(
        MergedCells(
            top + 1, bottom + 1, f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"
        )
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return RawSheet(name, tuple(rows), merged)


def _filled(rows: Iterable[tuple[int, Sequence[CellValue]]]) -> Iterator[RawRow]:
    for number, values in rows:
        if any(value != "" and not (isinstance(value, str) and not value.strip()) for value in values):
            yield RawRow(number, tuple(values))


def _decode(content: bytes) -> str:
    """Decode text saved by a spreadsheet: UTF-8 with or without mark, otherwise GB18030, in which Chinese editions save."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(ord(c) < 32 and c not in "\t\r\n" for c in text[:4096]):
            return text
    raise SheetUndecodableError


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if reader.line_num > 4 * MAX_ROWS:
                raise SheetTooLongError(sheet="CSV", rows=reader.line_num, limit=4 * MAX_ROWS)
            if len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]):
                raise SheetOversizedError(limit=f"{MAX_COLUMNS} 列")
            yield reader.line_num, row[:MAX_COLUMNS]
    except csv.Error:
        raise SheetDamagedError from None


def _csv_sheet(name: str, text: str) -> RawSheet:
    return RawSheet(name, tuple(_filled(_csv_rows(text))))


def _packed_name(path: str) -> str:
    """Return the sheet a packed `.csv` stands for; older packers write Chinese names in GBK without saying so."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    try:
        return stem.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return stem
