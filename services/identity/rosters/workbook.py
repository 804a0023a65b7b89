"""The roster's sheets out of a file, and from columns to an empty template."""

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from services.identity.rosters import errors
from services.identity.rosters.cells import plain
from services.identity.rosters.columns import COLUMNS, Sheet
from shared import workbooks
from shared.kernel.errors import InvalidError
from shared.workbooks import MAX_FILE_BYTES, MergedCells, RawRow, RawSheet, SheetError

__all__ = ["MAX_FILE_BYTES", "MergedCells", "RawRow", "RawSheet", "read_sheets", "write_template"]

TABS = frozenset(sheet.value for sheet in Sheet)

_REFUSALS: Final[Mapping[type[SheetError], type[InvalidError]]] = {
    workbooks.SheetTooLargeError: errors.FileTooLargeError,
    workbooks.SheetEmptyError: errors.EmptyFileError,
    workbooks.NotASheetError: errors.NotARosterFileError,
    workbooks.LegacySheetError: errors.LegacyWorkbookError,
    workbooks.MacroSheetError: errors.MacroWorkbookError,
    workbooks.SheetDamagedError: errors.DamagedFileError,
    workbooks.SheetUndecodableError: errors.UndecodableTextError,
    workbooks.SheetOversizedError: errors.OversizedContentError,
    workbooks.SheetTooLongError: errors.TooManyRowsError,
}
"""A roster's refusals have names of their own, which callers know."""


def read_sheets(content: bytes) -> tuple[RawSheet, ...]:
    """Read every sheet of an `.xlsx`, of a `.csv` with the sheets one below the other, or of a zip of one `.csv` per sheet.

    Errors: the InvalidErrors of `rosters.errors`.
    """
    try:
        sheets = workbooks.read_sheets(content, is_wanted=lambda name: plain(name) in TABS)
    except SheetError as refusal:
        raise _REFUSALS[type(refusal)](**refusal.facts) from None
    if [sheet.name for sheet in sheets] == [""]:
        return _split(sheets[0])
    return tuple(replace(sheet, name=plain(sheet.name)) for sheet in sheets)


def _split(sheet: RawSheet) -> tuple[RawSheet, ...]:
    """Split one text into sheets: a line that holds nothing but the name of a sheet begins it."""
    sections: dict[str, list[RawRow]] = {}
    current: list[RawRow] | None = None
    for row in sheet.rows:
        filled = [plain(value) for value in row.values if value != ""]
        title = filled[0].strip("[]【】# ") if len(filled) == 1 else ""
        if title in TABS:
            current = sections.setdefault(title, [])
        elif current is None:
            raise errors.NotARosterFileError
        else:
            current.append(row)
    return tuple(RawSheet(title, tuple(rows)) for title, rows in sections.items())


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
