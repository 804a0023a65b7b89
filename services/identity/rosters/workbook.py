"""From the bytes of a file to rows of plain values, and from columns to an empty template.

A file is hostile until measured. The parts of an `.xlsx` are unpacked here within fixed bounds, their cells are counted, and only
that measured copy is handed to the spreadsheet reader: what was checked is what is read. Formulas and macros are never evaluated;
a cell counts with the value that was last stored in it.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from services.identity.rosters.cells import CellValue, plain
from services.identity.rosters.columns import COLUMNS, Sheet
from services.identity.rosters.errors import (
    DamagedFileError,
    EmptyFileError,
    FileTooLargeError,
    LegacyWorkbookError,
    MacroWorkbookError,
    NotARosterFileError,
    OversizedContentError,
    TooManyRowsError,
    UndecodableTextError,
)

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_PARTS = 500
MAX_ROWS = 100_000
MAX_COLUMNS = 40
MAX_TEXT_BYTES = 100 * 1024 * 1024
"""All texts of a workbook together, counted as often as cells refer to them: one long shared text can be named by every cell."""

TABS = frozenset(sheet.value for sheet in Sheet)
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
_CELL = re.compile(rb"<(?:\w+:)?c(\s[^>]*)?>(?:\s*<(?:\w+:)?v[^>]*>(\d{1,9})<)?")
_POSITION = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_IS_SHARED = re.compile(rb"\st\s*=\s*[\"']s[\"']")
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w-]+)")


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
    """A sheet without its empty rows."""

    name: str
    rows: tuple[RawRow, ...]
    merged: tuple[MergedCells, ...] = ()


def read_sheets(content: bytes) -> tuple[RawSheet, ...]:
    """Read every sheet of an `.xlsx`, of a `.csv` with the sheets one below the other, or of a zip of one `.csv` per sheet.

    The kind of file is told by its content; its name and declared type are never believed.

    Errors: the InvalidErrors of `rosters.errors`.
    """
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLargeError(size_bytes=len(content), limit_bytes=MAX_FILE_BYTES)
    if not content.strip():
        raise EmptyFileError
    if content.startswith(_OLE):
        raise LegacyWorkbookError
    if content.startswith(_ZIP):
        return _read_archive(content)
    return _split_csv(_decode(content))


def _read_archive(content: bytes) -> tuple[RawSheet, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [entry.filename.lower() for entry in archive.infolist()]
            if len(names) > MAX_PARTS:
                raise OversizedContentError(limit=f"{MAX_PARTS} 个部分")
            if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names) or any(
                "xl/macrosheets/" in name for name in names
            ):
                raise MacroWorkbookError
            if "xl/workbook.xml" in names:
                return _read_workbook(
                    _unpack(
                        archive, lambda name: name.endswith((".xml", ".rels")) and not name.startswith(_UNUSED_PARTS)
                    )
                )
            if any(name.endswith(".csv") for name in names):
                parts = _unpack(archive, lambda name: name.endswith(".csv"))
                return tuple(_csv_sheet(_tab_name(name), _decode(data)) for name, data in parts.items())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, UnicodeDecodeError):
        # The archive reader signals damage, encryption and unknown methods in these six ways.
        raise DamagedFileError from None
    raise NotARosterFileError


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
            raise OversizedContentError(limit=f"{MAX_UNPACKED_BYTES // 1024 // 1024} MB")
        parts[entry.filename] = data
    return parts


def _read_workbook(parts: Mapping[str, bytes]) -> tuple[RawSheet, ...]:
    _measure(parts)
    measured = io.BytesIO()
    with zipfile.ZipFile(measured, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    measured.seek(0)
    try:
        with CalamineWorkbook.from_filelike(measured) as workbook:
            wanted = {name: plain(name) for name in workbook.sheet_names}
            return tuple(_calamine_sheet(workbook, name, title) for name, title in wanted.items() if title in TABS)
    except (CalamineError, ValueError, OverflowError, OSError):
        # A date beyond the calendar overflows; the rest is malformed XML under a good name.
        raise DamagedFileError from None


def _measure(parts: Mapping[str, bytes]) -> None:
    """Refuse what would make the reader allocate more than a roster can need.

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
            raise DamagedFileError
        if name.lower().endswith("sharedstrings.xml"):
            shared = [len(item) for item in re.split(rb"<(?:\w+:)?si[\s>]", data)[1:]]
    text_bytes = 0
    for name, data in parts.items():
        if b"sheetData" in data:
            text_bytes += _measure_cells(name, data, shared)
    if text_bytes > MAX_TEXT_BYTES:
        raise OversizedContentError(limit=f"{MAX_TEXT_BYTES // 1024 // 1024} MB")


def _measure_cells(name: str, data: bytes, shared: Sequence[int]) -> int:
    text_bytes, columns = 0, set[bytes]()
    for attributes, value in _CELL.findall(data):
        if attributes[-1:] == b"/":
            continue
        position = _POSITION.search(attributes)
        if position is None:
            raise DamagedFileError
        letters, row = position.groups()
        columns.add(letters)
        if int(row) > MAX_ROWS:
            raise TooManyRowsError(sheet=name.rpartition("/")[2], rows=int(row), limit=MAX_ROWS)
        if value and shared and int(value) < len(shared) and _IS_SHARED.search(attributes):
            text_bytes += shared[int(value)]
    if any(_column_number(letters) > MAX_COLUMNS for letters in columns):
        raise OversizedContentError(limit=f"{MAX_COLUMNS} 列")
    return text_bytes


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _calamine_sheet(workbook: CalamineWorkbook, name: str, title: str) -> RawSheet:
    from openpyxl.utils import get_column_letter  # The library is large; a process that reads no workbook does without.

    sheet = workbook.get_sheet_by_name(name)
    rows = _filled(enumerate(sheet.to_python(skip_empty_area=False), start=1))
    merged = tuple(
        MergedCells(
            top + 1, bottom + 1, f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"
        )
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return RawSheet(title, tuple(rows), merged)


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
    raise UndecodableTextError


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if reader.line_num > 4 * MAX_ROWS:
                raise TooManyRowsError(sheet="CSV", rows=reader.line_num, limit=4 * MAX_ROWS)
            if len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]):
                raise OversizedContentError(limit=f"{MAX_COLUMNS} 列")
            yield reader.line_num, row[:MAX_COLUMNS]
    except csv.Error:
        raise DamagedFileError from None


def _csv_sheet(title: str, text: str) -> RawSheet:
    return RawSheet(title, tuple(_filled(_csv_rows(text))))


def _split_csv(text: str) -> tuple[RawSheet, ...]:
    """Split one text into sheets: a line that holds nothing but the name of a sheet begins it."""
    sections: dict[str, list[RawRow]] = {}
    current: list[RawRow] | None = None
    for row in _filled(_csv_rows(text)):
        filled = [plain(value) for value in row.values if value != ""]
        title = filled[0].strip("[]【】# ") if len(filled) == 1 else ""
        if title in TABS:
            current = sections.setdefault(title, [])
        elif current is None:
            raise NotARosterFileError
        else:
            current.append(row)
    return tuple(RawSheet(title, tuple(rows)) for title, rows in sections.items())


def _tab_name(path: str) -> str:
    """Return the sheet a packed `.csv` stands for; older packers write Chinese names in GBK without saying so."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    try:
        return plain(stem.encode("cp437").decode("gb18030"))
    except (UnicodeEncodeError, UnicodeDecodeError):
        return plain(stem)


def write_template() -> bytes:
    """Write the empty workbook communities fill in, with a page that explains every column."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    workbook = Workbook()
    guide = workbook.active
    if guide is None:
        raise AssertionError
    guide.title = "填写说明"
    guide.append(["工作表", "列", "是否必填", "怎么填", "例子"])
    for sheet, columns in COLUMNS.items():
        page = workbook.create_sheet(sheet.value)
        page.freeze_panes = "A2"
        for number, column in enumerate(columns, start=1):
            guide.append(
                [sheet.value, column.title, "必填" if column.is_required else "选填", column.help, column.example]
            )
            heading = page.cell(row=1, column=number, value=column.title)
            heading.font = Font(bold=True)
            heading.fill = PatternFill("solid", fgColor="FFE7B3" if column.is_required else "EEEEEE")
            letter = get_column_letter(number)
            page.column_dimensions[letter].width = 20 if column.is_personal else 14
            # Text format keeps leading zeros and the last digits of an identity number.
            page.column_dimensions[letter].number_format = "@"
    for letter, width in zip("ABCDE", (12, 14, 10, 60, 20), strict=True):
        guide.column_dimensions[letter].width = width
    for row in guide.iter_rows():
        for cell in row:
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()
