"""From rows of plain values to a typed roster, or to the list of everything that is wrong with it.

Reading goes on after a mistake, so that one report names them all. A row with a bad cell takes no part in the checks across
rows: a household is not called empty because one of its members has a wrong phone number.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from services.identity.households.domain import HouseholdFacts, Tenure
from services.identity.places.domain import AreaSource, Building, Grid, Unit, UnitUse
from services.identity.residents.domain import Relation, Sex
from services.identity.rosters import cells
from services.identity.rosters.cells import CellError, CellValue
from services.identity.rosters.columns import COLUMNS, Column, Sheet
from services.identity.rosters.consistency import RosterRows, check_rows
from services.identity.rosters.domain import Roster, RosterProblem, RosterResident, mask
from services.identity.rosters.identity_numbers import born_on_of, is_female
from services.identity.rosters.workbook import RawRow, RawSheet

MAX_PROBLEMS = 1_000
"""More than anybody mends in one go; the total is still counted."""
_KEYS: Mapping[Sheet, str] = MappingProxyType(
    {
        Sheet.PLACES: "building_code",
        Sheet.UNITS: "unit_code",
        Sheet.HOUSEHOLDS: "household_code",
        Sheet.RESIDENTS: "household_code",
    }
)
_HEADER_WITHIN = 6
"""A title and a remark may stand above the header."""

RELATIONS: Mapping[str, Relation] = MappingProxyType(
    {
        "户主": Relation.HOUSEHOLDER,
        "本人": Relation.HOUSEHOLDER,
        "配偶": Relation.SPOUSE,
        "妻": Relation.SPOUSE,
        "夫": Relation.SPOUSE,
        "子女": Relation.CHILD,
        "子": Relation.CHILD,
        "女": Relation.CHILD,
        "儿子": Relation.CHILD,
        "女儿": Relation.CHILD,
        "父母": Relation.PARENT,
        "父亲": Relation.PARENT,
        "母亲": Relation.PARENT,
        "父": Relation.PARENT,
        "母": Relation.PARENT,
        "孙子女": Relation.GRANDCHILD,
        "孙子": Relation.GRANDCHILD,
        "孙女": Relation.GRANDCHILD,
        "祖父母": Relation.GRANDPARENT,
        "兄弟姐妹": Relation.SIBLING,
        "其他": Relation.OTHER,
    }
)
AREA_SOURCES: Mapping[str, AreaSource] = MappingProxyType(
    {"登记": AreaSource.REGISTER, "实测": AreaSource.SURVEY, "合同": AreaSource.CONTRACT}
)
USES: Mapping[str, UnitUse] = MappingProxyType(
    {"住宅": UnitUse.DWELLING, "商铺": UnitUse.SHOP, "车库": UnitUse.GARAGE, "其他": UnitUse.OTHER}
)
TENURES: Mapping[str, Tenure] = MappingProxyType({"自有": Tenure.OWNER, "租住": Tenure.TENANT})
SEXES: Mapping[str, Sex] = MappingProxyType({"男": Sex.MALE, "女": Sex.FEMALE})

Progress = Callable[[int, int], None]
"""Told how many rows are done of how many."""


@dataclass(frozen=True, slots=True)
class ParsedRoster:
    """What came out: the roster when nothing blocks it, the problems (at most MAX_PROBLEMS of `problem_count`), the row counts."""

    roster: Roster | None
    problems: tuple[RosterProblem, ...]
    problem_count: int
    row_counts: Mapping[str, int]


@dataclass(slots=True)
class _Report:
    problems: list[RosterProblem] = field(default_factory=list)
    blocking: int = 0

    def add(self, problem: RosterProblem) -> None:
        self.blocking += problem.is_blocking
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)


def parse_roster(
    sheets: Sequence[RawSheet], *, today: date, progress: Progress = lambda _done, _total: None
) -> ParsedRoster:
    """Read the four sheets into a roster, or report what is wrong.

    Idempotency: pure; the same sheets give the same report.
    """
    report = _Report()
    found = {sheet.name: sheet for sheet in sheets}
    total = sum(len(sheet.rows) for sheet in sheets)
    done = 0
    read: dict[Sheet, list[tuple[int, dict[str, Any]]]] = {}
    unreadable: dict[Sheet, frozenset[str]] = {}
    for sheet in Sheet:
        raw = found.get(sheet.value)
        if raw is None:
            report.add(_missing_sheet(sheet, found))
            read[sheet], unreadable[sheet] = [], frozenset()
            continue
        read[sheet], unreadable[sheet] = _read_sheet(sheet, raw, today, report)
        done += len(raw.rows)
        progress(done, total)
    rows = _typed(read, unreadable)
    for problem in check_rows(rows):
        report.add(problem)
    roster = None
    if report.blocking == 0:
        roster = Roster(
            grids=tuple({row.code: row for _, row in rows.grids}.values()),
            buildings=tuple(row for _, row in rows.buildings),
            units=tuple(row for _, row in rows.units),
            households=tuple(row for _, row in rows.households),
            residents=tuple(row for _, row in rows.residents),
        )
    counts = {sheet.value: len(read[sheet]) for sheet in Sheet}
    ordered = tuple(sorted(report.problems, key=_reading_order))
    return ParsedRoster(roster, ordered, report.blocking, MappingProxyType(counts))


def _reading_order(problem: RosterProblem) -> tuple[int, int]:
    return [sheet.value for sheet in Sheet].index(problem.sheet), problem.row or 0


def _missing_sheet(sheet: Sheet, found: Iterable[str]) -> RosterProblem:
    names = "、".join(found) or "没有认得出的工作表"
    advice = f"缺少工作表“{sheet.value}”；请按模板把标签改成这个名字（现有：{names}）"
    return RosterProblem(sheet.value, None, None, "", advice)


def _read_sheet(
    sheet: Sheet, raw: RawSheet, today: date, report: _Report
) -> tuple[list[tuple[int, dict[str, Any]]], frozenset[str]]:
    header = _find_header(sheet, raw)
    if header is None:
        titles = "、".join(column.title for column in COLUMNS[sheet] if column.is_required)
        advice = f"没有找到表头；前 {_HEADER_WITHIN} 行里要有一行写着：{titles}"
        report.add(RosterProblem(sheet.value, raw.rows[0].number if raw.rows else None, None, "", advice))
        return [], frozenset()
    header_row, places = header
    problems_before = report.blocking
    _check_header(sheet, header_row, places, report)
    for merged in raw.merged:
        if merged.last_row > header_row.number:
            advice = "数据行里有合并单元格，看不出每一行各是什么；请取消合并，逐行填写"
            report.add(
                RosterProblem(sheet.value, max(merged.first_row, header_row.number + 1), None, merged.place, advice)
            )
    if report.blocking > problems_before:
        return [], frozenset()
    data = [row for row in raw.rows if row.number > header_row.number]
    if not data:
        report.add(RosterProblem(sheet.value, header_row.number, None, "", "表头下面没有数据"))
    good: list[tuple[int, dict[str, Any]]] = []
    unreadable: set[str] = set()
    for row in data:
        record, is_good = _read_row(sheet, row, places, today, report)
        if is_good:
            good.append((row.number, record))
        else:
            unreadable.add(record.get(_KEYS[sheet], ""))
    return good, frozenset(unreadable)


def _find_header(sheet: Sheet, raw: RawSheet) -> tuple[RawRow, dict[str, tuple[int, Column]]] | None:
    """Take the row, among the first few, that names the most columns of this sheet; at least two."""
    best: tuple[RawRow, dict[str, tuple[int, Column]]] | None = None
    for row in raw.rows[:_HEADER_WITHIN]:
        places = _places(sheet, row)
        if len(places) >= 2 and (best is None or len(places) > len(best[1])):
            best = (row, places)
    return best


def _places(sheet: Sheet, row: RawRow) -> dict[str, tuple[int, Column]]:
    titles = {_heading(title): column for column in COLUMNS[sheet] for title in (column.title, *column.aliases)}
    places: dict[str, tuple[int, Column]] = {}
    for index, value in enumerate(row.values):
        column = titles.get(_heading(value))
        if column is not None:
            places.setdefault(column.field, (index, column))
    return places


def _heading(value: CellValue) -> str:
    return cells.plain(value).replace(" ", "").strip("*:").lower()


def _check_header(sheet: Sheet, row: RawRow, places: Mapping[str, tuple[int, Column]], report: _Report) -> None:
    for column in COLUMNS[sheet]:
        if column.is_required and column.field not in places:
            advice = f"表头里缺少“{column.title}”这一列；请按模板补上（{column.help}）"
            report.add(RosterProblem(sheet.value, row.number, column.title, "", advice))
    known = {index for index, _ in places.values()}
    for index, value in enumerate(row.values):
        heading = cells.plain(value)
        if heading and index not in known:
            advice = f"不认识或重复的列“{heading}”，这一列没有读取；如果写错了列名请改正"
            report.add(RosterProblem(sheet.value, row.number, heading, "", advice, is_blocking=False))


def _read_row(
    sheet: Sheet, row: RawRow, places: Mapping[str, tuple[int, Column]], today: date, report: _Report
) -> tuple[dict[str, Any], bool]:
    record: dict[str, Any] = {}
    is_good = True
    for name, (index, column) in places.items():
        value = row.values[index] if index < len(row.values) else ""
        is_blank = value == "" or (isinstance(value, str) and not value.strip())
        try:
            if not is_blank:
                record[name] = _READERS[sheet, name](value, today)
            elif column.is_required:
                record[name] = _required(column)
        except CellError as error:
            is_good = False
            shown = cells.plain(value)[:60]
            report.add(
                RosterProblem(
                    sheet.value, row.number, column.title, mask(shown) if column.is_personal else shown, str(error)
                )
            )
    return record, is_good


def _required(column: Column) -> Any:
    msg = f"“{column.title}”不能空着（{column.help}）"
    raise CellError(msg)


def _name(value: CellValue, _today: date) -> str:
    return cells.read_name(value)


def _code(value: CellValue, _today: date) -> str:
    return cells.read_code(value)


def _text(value: CellValue, _today: date) -> str:
    return cells.read_text(value)


def _flag(value: CellValue, _today: date) -> bool:
    return cells.read_yes_no(value)


def _day(value: CellValue, today: date) -> date:
    return cells.read_date(value, today=today)


_READERS: Mapping[tuple[Sheet, str], Callable[[CellValue, date], Any]] = MappingProxyType(
    {
        (Sheet.PLACES, "grid_code"): _code,
        (Sheet.PLACES, "grid_name"): _text,
        (Sheet.PLACES, "building_code"): _code,
        (Sheet.PLACES, "building_name"): _text,
        (Sheet.PLACES, "stairwells"): lambda v, _: cells.read_whole(v, least=1, most=50, suffixes="个单元"),
        (Sheet.PLACES, "floors"): lambda v, _: cells.read_whole(v, least=1, most=150, suffixes="层"),
        (Sheet.PLACES, "address"): _text,
        (Sheet.UNITS, "unit_code"): _code,
        (Sheet.UNITS, "building_code"): _code,
        (Sheet.UNITS, "stairwell"): lambda v, _: cells.read_whole(v, least=1, most=50, suffixes="单元"),
        (Sheet.UNITS, "floor"): lambda v, _: cells.read_whole(v, least=-5, most=150, suffixes="层楼"),
        (Sheet.UNITS, "room"): _text,
        (Sheet.UNITS, "area"): lambda v, _: cells.read_area(v),
        (Sheet.UNITS, "area_source"): lambda v, _: cells.read_choice(v, AREA_SOURCES),
        (Sheet.UNITS, "use"): lambda v, _: cells.read_choice(v, USES),
        (Sheet.HOUSEHOLDS, "household_code"): _code,
        (Sheet.HOUSEHOLDS, "unit_codes"): lambda v, _: cells.read_codes(v),
        (Sheet.HOUSEHOLDS, "tenure"): lambda v, _: cells.read_choice(v, TENURES),
        (Sheet.HOUSEHOLDS, "moved_in_on"): _day,
        (Sheet.HOUSEHOLDS, "liaison_code"): _code,
        (Sheet.RESIDENTS, "household_code"): _code,
        (Sheet.RESIDENTS, "name"): _name,
        (Sheet.RESIDENTS, "relation"): lambda v, _: cells.read_choice(v, RELATIONS),
        (Sheet.RESIDENTS, "sex"): lambda v, _: cells.read_choice(v, SEXES),
        (Sheet.RESIDENTS, "identity_number"): lambda v, _: cells.read_identity_number(v),
        (Sheet.RESIDENTS, "born_on"): _day,
        (Sheet.RESIDENTS, "phone"): lambda v, _: cells.read_phone(v),
        (Sheet.RESIDENTS, "is_party_member"): _flag,
        (Sheet.RESIDENTS, "is_representative"): _flag,
        (Sheet.RESIDENTS, "can_act"): _flag,
    }
)


def _typed(
    read: Mapping[Sheet, Sequence[tuple[int, dict[str, Any]]]], unreadable: Mapping[Sheet, frozenset[str]]
) -> RosterRows:
    return RosterRows(
        grids=[(row, Grid(r["grid_code"], r["grid_name"])) for row, r in read[Sheet.PLACES]],
        buildings=[(row, _building(r)) for row, r in read[Sheet.PLACES]],
        units=[(row, _unit(r)) for row, r in read[Sheet.UNITS]],
        households=[(row, _household(r)) for row, r in read[Sheet.HOUSEHOLDS]],
        residents=[(row, _resident(r)) for row, r in read[Sheet.RESIDENTS]],
        unreadable=unreadable,
    )


def _building(r: Mapping[str, Any]) -> Building:
    return Building(
        r["building_code"], r["grid_code"], r["building_name"], r["stairwells"], r.get("floors"), r.get("address", "")
    )


def _unit(r: Mapping[str, Any]) -> Unit:
    return Unit(
        r["unit_code"],
        r["building_code"],
        r["stairwell"],
        r["room"],
        r["area"],
        r.get("floor"),
        r.get("area_source", AreaSource.REGISTER),
        r.get("use", UnitUse.DWELLING),
    )


def _household(r: Mapping[str, Any]) -> HouseholdFacts:
    return HouseholdFacts(
        r["household_code"], r["unit_codes"], r.get("tenure", Tenure.OWNER), r.get("moved_in_on"), r.get("liaison_code")
    )


def _resident(r: Mapping[str, Any]) -> RosterResident:
    number = r.get("identity_number")
    sex, born_on = r.get("sex"), r.get("born_on")
    if number is not None:
        sex = sex or (Sex.FEMALE if is_female(number) else Sex.MALE)
        born_on = born_on or born_on_of(number)
    relation = r["relation"]
    return RosterResident(
        household_code=r["household_code"],
        name=r["name"],
        relation=relation,
        sex=sex,
        identity_number=number,
        born_on=born_on,
        phone=r.get("phone"),
        is_party_member=r.get("is_party_member", False),
        is_representative=r.get("is_representative", False),
        can_act=r.get("can_act", False) or relation is Relation.HOUSEHOLDER,
    )
