"""The model community as the workbook a community would hand in, equal to the last byte every time it is written."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from xml.sax.saxutils import escape

from launcher.demo.community import Community, model_community

Cell = str | int | date | None

_SPACE = "http://schemas.openxmlformats.org"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WRITTEN = (2026, 1, 1, 8, 0, 0)


@cache
def demo_workbook() -> bytes:
    """Return the workbook of the model community."""
    return write_xlsx(dict(sheets(model_community())))


def sheets(community: Community) -> Iterator[tuple[str, list[Sequence[Cell]]]]:
    """Yield the four sheets: name, header and rows."""
    places: list[Sequence[Cell]] = [("网格编号", "网格名称", "楼栋编号", "楼栋名称", "单元数", "层数", "地址")]
    places += [
        (b.grid_code, b.grid_name, b.code, b.name, b.stairwells, b.floors, b.address) for b in community.buildings
    ]
    yield "网格楼栋", places
    units: list[Sequence[Cell]] = [("房屋编号", "楼栋编号", "单元", "楼层", "房号", "建筑面积", "面积依据", "用途")]
    units += [
        (u.code, u.building_code, u.stairwell, u.floor, u.room, _square_metres(u.area_cm2e2), "登记", u.use)
        for u in community.units
    ]
    yield "房屋", units
    households: list[Sequence[Cell]] = [("户编号", "房屋编号", "住房关系", "入住日期", "中心户编号")]
    households += [
        (h.code, "、".join(h.unit_codes), h.tenure, h.moved_in_on, h.liaison_code) for h in community.households
    ]
    yield "户", households
    residents: list[Sequence[Cell]] = [
        ("户编号", "姓名", "与户主关系", "性别", "身份证号", "出生日期", "手机号码", "党员", "居民代表", "可代表本户")
    ]
    residents += [
        (
            r.household_code,
            r.name,
            r.relation,
            "女" if r.is_female else "男",
            r.identity_number,
            r.born_on,
            r.phone,
            _yes(r.is_party_member),
            _yes(r.is_representative),
            _yes(r.can_act),
        )
        for r in community.residents
    ]
    yield "居民", residents


def _square_metres(area_cm2e2: int) -> str:
    return f"{area_cm2e2 // 100}.{area_cm2e2 % 100:02d}"


def _yes(flag: bool) -> str:
    return "是" if flag else "否"


def write_xlsx(contents: dict[str, list[Sequence[Cell]]]) -> bytes:
    """Write sheets of texts, whole numbers and days as a plain workbook without times, authors or styles but one for days."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in _parts(contents):
            entry = zipfile.ZipInfo(name, _WRITTEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text, compresslevel=6)
    return out.getvalue()


def _parts(contents: dict[str, list[Sequence[Cell]]]) -> Iterator[tuple[str, str]]:
    numbers = range(1, len(contents) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_HEAD}<Types xmlns="{_SPACE}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
            f"{overrides}</Types>"
        ),
    )
    yield (
        "_rels/.rels",
        (
            f'{_HEAD}<Relationships xmlns="{_SPACE}/package/2006/relationships"><Relationship Id="rId1" '
            f'Type="{_SPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
    )
    tabs = "".join(
        f'<sheet name="{escape(title)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, title in zip(numbers, contents, strict=True)
    )
    yield (
        "xl/workbook.xml",
        (
            f'{_HEAD}<workbook xmlns="{_SPACE}/spreadsheetml/2006/main" xmlns:r="{_SPACE}/officeDocument/2006/relationships">'
            f"<sheets>{tabs}</sheets></workbook>"
        ),
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_SPACE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (
            f'{_HEAD}<Relationships xmlns="{_SPACE}/package/2006/relationships">{relations}<Relationship Id="rId{len(contents) + 1}" '
            f'Type="{_SPACE}/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>'
        ),
    )
    yield (
        "xl/styles.xml",
        (
            f'{_HEAD}<styleSheet xmlns="{_SPACE}/spreadsheetml/2006/main"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
            '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
            '<cellXfs count="2"><xf xfId="0"/><xf numFmtId="14" applyNumberFormat="1" xfId="0"/></cellXfs></styleSheet>'
        ),
    )
    for n, rows in zip(numbers, contents.values(), strict=True):
        body = "".join(_row(number, row) for number, row in enumerate(rows, start=1))
        yield (
            f"xl/worksheets/sheet{n}.xml",
            f'{_HEAD}<worksheet xmlns="{_SPACE}/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>',
        )


def _row(number: int, values: Iterable[Cell]) -> str:
    cells = "".join(
        _cell(f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[place]}{number}", value) for place, value in enumerate(values)
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(reference: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f'<c r="{reference}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, int):
        return f'<c r="{reference}"><v>{value}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
