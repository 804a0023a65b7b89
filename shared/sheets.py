"""Lists as files an official opens in a spreadsheet: CSV with a byte-order mark, or XLSX.

What people wrote may begin with a character a spreadsheet takes for a formula; such a cell gets an apostrophe in front, so that
opening the file runs nothing. Reading what was uploaded is `shared.workbooks`.
"""

import asyncio
import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from shared.kernel.clock import CHINA
from shared.schemas import Day

CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Value = str | int | float | bool | Decimal | date | datetime | UUID | None

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN_IN_TAB: Final = re.compile(r"[\\/*?:\[\]]")
_LONGEST_TAB: Final = 31
_LONGEST_CELL: Final = 32_767


class SheetFormat(StrEnum):
    """Which file a list is wanted as."""

    CSV = "csv"
    XLSX = "xlsx"


WantedFormat = Annotated[SheetFormat, Query(alias="format", description="csv or xlsx.")]
FirstDay = Annotated[Day, Query(description="First day, in China.", examples=["2026-05-01"])]
LastDay = Annotated[Day, Query(description="Last day, in China.", examples=["2026-06-30"])]

SHEET_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {XLSX: {}, "text/csv": {}}, "description": "The file."}
}
"""What a route that answers with a file tells OpenAPI."""


def cell(value: Value) -> str | int | float | Decimal:
    """Return a value as it is written: moments in China's time, yes and no in Chinese, nothing that acts as a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case int() | float() | Decimal():
            return value
        case datetime():
            return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
    text = _UNWRITABLE.sub("", str(value))[: _LONGEST_CELL - 1]
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write rows under a header as UTF-8 with a byte-order mark, by which Chinese spreadsheet editions know it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([cell(title) for title in header])
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(name: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write rows under a bold, fixed header as a workbook with one sheet, row by row."""
    from openpyxl import Workbook  # The library is large; a process that writes no workbook does without.
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_FORBIDDEN_IN_TAB.sub(" ", name)[:_LONGEST_TAB] or "Sheet1")
    sheet.freeze_panes = "A2"
    titles = []
    for number, title in enumerate(header, start=1):
        heading = WriteOnlyCell(sheet, value=str(cell(title)))
        heading.font = Font(bold=True)
        titles.append(heading)
        sheet.column_dimensions[get_column_letter(number)].width = max(12, 2 * len(title) + 4)
    sheet.append(titles)
    for row in rows:
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Response:
    """Answer with `<name>.csv`."""
    return _file(f"{name}.csv", CSV, write_csv(header, rows))


def xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Response:
    """Answer with `<name>.xlsx`."""
    return _file(f"{name}.xlsx", XLSX, write_xlsx(name, header, rows))


async def sheet_response(
    file_format: SheetFormat, name: str, header: Sequence[str], rows: Iterable[Sequence[Value]]
) -> Response:
    """Answer with the list in the wanted format, written beside the event loop: thousands of rows take a while."""
    write = csv_response if file_format is SheetFormat.CSV else xlsx_response
    return await asyncio.to_thread(write, name, header, list(rows))


def _file(name: str, media_type: str, content: bytes) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
