"""Whether the rows of a roster agree with each other: codes that name something, one householder a household, nobody twice."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.identity.households.domain import HouseholdFacts
from services.identity.places.domain import Building, Grid, Unit
from services.identity.residents.domain import Relation, Sex
from services.identity.rosters.columns import Sheet
from services.identity.rosters.domain import RosterProblem, RosterResident, mask
from services.identity.rosters.identity_numbers import born_on_of, is_female


@dataclass(frozen=True, slots=True)
class RosterRows:
    """The well-formed rows of each sheet with their line numbers.

    `unreadable` names, per sheet, the buildings, units and households of rows that could not be read: they exist, so nothing
    that refers to them is called wrong because of that.
    """

    grids: Sequence[tuple[int, Grid]]
    buildings: Sequence[tuple[int, Building]]
    units: Sequence[tuple[int, Unit]]
    households: Sequence[tuple[int, HouseholdFacts]]
    residents: Sequence[tuple[int, RosterResident]]
    unreadable: Mapping[Sheet, frozenset[str]]


def check_rows(rows: RosterRows) -> Iterator[RosterProblem]:
    """Yield every contradiction between rows.

    A sheet without a single good row is not used against the others: its own problems were reported already.
    """
    yield from _check_grids(rows)
    yield from _check_units(rows)
    yield from _check_households(rows)
    yield from _check_residents(rows)
    yield from _check_families(rows)


def _check_grids(rows: RosterRows) -> Iterator[RosterProblem]:
    names: dict[str, tuple[int, str]] = {}
    for row, grid in rows.grids:
        first_row, name = names.setdefault(grid.code, (row, grid.name))
        if name != grid.name:
            yield RosterProblem(
                Sheet.PLACES, row, "网格名称", grid.name, f"网格 {grid.code} 在第 {first_row} 行叫“{name}”，请改成一致"
            )
    yield from _repeated(Sheet.PLACES, "楼栋编号", [(row, building.code) for row, building in rows.buildings])


def _check_units(rows: RosterRows) -> Iterator[RosterProblem]:
    stairwells = {building.code: building.stairwells for _, building in rows.buildings}
    doors: dict[tuple[str, int, str], int] = {}
    for row, unit in rows.units:
        if unit.building_code in rows.unreadable[Sheet.PLACES]:
            continue
        if stairwells and unit.building_code not in stairwells:
            yield RosterProblem(
                Sheet.UNITS, row, "楼栋编号", unit.building_code, f"“{Sheet.PLACES}”表里没有这栋楼，请核对编号"
            )
        elif stairwells and unit.stairwell > stairwells[unit.building_code]:
            most = stairwells[unit.building_code]
            yield RosterProblem(Sheet.UNITS, row, "单元", str(unit.stairwell), f"这栋楼只登记了 {most} 个单元，请核对")
        first_row = doors.setdefault((unit.building_code, unit.stairwell, unit.room), row)
        if first_row != row:
            yield RosterProblem(
                Sheet.UNITS, row, "房号", unit.room, f"与第 {first_row} 行是同一个门，请删去一行或改正房号"
            )
    yield from _repeated(Sheet.UNITS, "房屋编号", [(row, unit.code) for row, unit in rows.units])


def _check_households(rows: RosterRows) -> Iterator[RosterProblem]:
    units = {unit.code for _, unit in rows.units} | rows.unreadable[Sheet.UNITS]
    households = {household.code for _, household in rows.households} | rows.unreadable[Sheet.HOUSEHOLDS]
    for row, household in rows.households:
        for code in household.unit_codes:
            if units and code not in units:
                yield RosterProblem(
                    Sheet.HOUSEHOLDS, row, "房屋编号", code, f"“{Sheet.UNITS}”表里没有这套房，请核对编号"
                )
        if household.liaison_code is not None and household.liaison_code not in households:
            advice = "没有这个户编号；中心户要填它自己的户编号，没有就留空"
            yield RosterProblem(Sheet.HOUSEHOLDS, row, "中心户编号", household.liaison_code, advice)
    yield from _repeated(Sheet.HOUSEHOLDS, "户编号", [(row, household.code) for row, household in rows.households])


def _check_residents(rows: RosterRows) -> Iterator[RosterProblem]:
    households = {household.code for _, household in rows.households} | rows.unreadable[Sheet.HOUSEHOLDS]
    numbers: dict[str, int] = {}
    names: dict[tuple[str, str], tuple[int, str | None]] = {}
    for row, resident in rows.residents:
        if households and resident.household_code not in households:
            yield RosterProblem(
                Sheet.RESIDENTS,
                row,
                "户编号",
                resident.household_code,
                f"“{Sheet.HOUSEHOLDS}”表里没有这一户，请核对编号",
            )
        number = resident.identity_number
        if number is not None:
            first_row = numbers.setdefault(number, row)
            if first_row != row:
                advice = f"与第 {first_row} 行的身份证号相同；同一个人只能登记一次，请删去一行或改正号码"
                yield RosterProblem(Sheet.RESIDENTS, row, "身份证号", mask(number), advice)
            yield from _check_against_number(row, resident, number)
        first_row, first_number = names.setdefault((resident.household_code, resident.name), (row, number))
        if first_row != row and (number is None or first_number is None):
            advice = f"与第 {first_row} 行同户同名；如果是两个人，请都填上身份证号"
            yield RosterProblem(Sheet.RESIDENTS, row, "姓名", mask(resident.name), advice)


def _check_against_number(row: int, resident: RosterResident, number: str) -> Iterator[RosterProblem]:
    if resident.born_on != born_on_of(number):
        shown = resident.born_on.isoformat() if resident.born_on else ""
        yield RosterProblem(Sheet.RESIDENTS, row, "出生日期", shown, "与身份证号里的出生日期不一致，请核对")
    if (resident.sex is Sex.FEMALE) != is_female(number):
        shown = "女" if resident.sex is Sex.FEMALE else "男"
        yield RosterProblem(
            Sheet.RESIDENTS, row, "性别", shown, "与身份证号不一致（倒数第二位单数为男、双数为女），请核对"
        )


def _check_families(rows: RosterRows) -> Iterator[RosterProblem]:
    if not rows.residents:
        return
    members: dict[str, list[tuple[int, RosterResident]]] = defaultdict(list)
    for row, resident in rows.residents:
        members[resident.household_code].append((row, resident))
    for row, household in rows.households:
        if household.code in rows.unreadable[Sheet.RESIDENTS]:
            continue
        family = members.get(household.code, [])
        heads = [line for line, member in family if member.relation is Relation.HOUSEHOLDER]
        if not family:
            advice = f"“{Sheet.RESIDENTS}”表里没有这一户的人；请补上成员，或删去这一户"
            yield RosterProblem(Sheet.HOUSEHOLDS, row, "户编号", household.code, advice)
        elif not heads:
            yield RosterProblem(
                Sheet.HOUSEHOLDS, row, "户编号", household.code, "这一户没有户主；请把其中一人的“与户主关系”填为户主"
            )
        for line in heads[1:]:
            advice = f"户 {household.code} 在第 {heads[0]} 行已有户主，一户只能有一个户主"
            yield RosterProblem(Sheet.RESIDENTS, line, "与户主关系", "户主", advice)


def _repeated(sheet: Sheet, column: str, codes: Sequence[tuple[int, str]]) -> Iterator[RosterProblem]:
    first: dict[str, int] = {}
    for row, code in codes:
        first_row = first.setdefault(code, row)
        if first_row != row:
            yield RosterProblem(sheet, row, column, code, f"与第 {first_row} 行的编号重复，请改正其中一行")
