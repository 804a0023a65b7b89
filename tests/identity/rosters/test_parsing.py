from datetime import date

import pytest

from services.identity.households.domain import Tenure
from services.identity.places.domain import AreaSource
from services.identity.residents.domain import Relation, Sex
from services.identity.rosters.columns import COLUMNS, Sheet
from services.identity.rosters.identity_numbers import check_character
from services.identity.rosters.parsing import MAX_PROBLEMS, parse_roster
from services.identity.rosters.workbook import MergedCells, RawRow, RawSheet

TODAY = date(2026, 6, 1)


def number(first_seventeen: str) -> str:
    return first_seventeen + check_character(first_seventeen)


ZHANG = number("00000019850301001")
LI = number("00000019870602002")


def tables() -> dict[Sheet, list[list[object]]]:
    """The smallest community without a fault: one building, two units, two households, three people."""
    rows: dict[Sheet, list[list[object]]] = {
        Sheet.PLACES: [["W01", "第一网格", "L001", "1号楼", 2, 6, ""]],
        Sheet.UNITS: [
            ["L001-1-101", "L001", 1, 1, "101", "85㎡", "登记", "住宅"],
            ["L001-1-102", "L001", 1, 1, "102", 60.5, "", ""],
        ],
        Sheet.HOUSEHOLDS: [["H1", "L001-1-101", "自有", "2012-05-01", ""], ["H2", "L001-1-102", "租住", "", "H1"]],
        Sheet.RESIDENTS: [
            ["H1", "张三", "户主", "男", ZHANG, "", "19400000001", "是", "否", ""],
            ["H1", "李四", "配偶", "女", LI, "1987-06-02", "", "", "", "是"],
            ["H2", "王五", "户主", "", "", 31107, "", "", "是", ""],
        ],
    }
    return {sheet: [[column.title for column in COLUMNS[sheet]], *rows[sheet]] for sheet in Sheet}


def parse(contents: dict[Sheet, list[list[object]]], **merged: MergedCells):
    sheets = [
        RawSheet(
            sheet.value,
            tuple(RawRow(n, tuple(row)) for n, row in enumerate(rows, start=1)),
            (merged[sheet.name.lower()],) if sheet.name.lower() in merged else (),
        )
        for sheet, rows in contents.items()
    ]
    return parse_roster(sheets, today=TODAY)


def only_problem(parsed):
    assert parsed.roster is None
    assert len(parsed.problems) == 1, parsed.problems
    return parsed.problems[0]


def test_a_roster_without_fault_is_read_whole():
    parsed = parse(tables())
    roster = parsed.roster
    assert parsed.problems == ()
    assert [grid.name for grid in roster.grids] == ["第一网格"]
    assert [unit.area for unit in roster.units] == [8500, 6050]
    assert roster.units[1].area_source is AreaSource.REGISTER
    assert roster.households[1].tenure is Tenure.TENANT
    assert roster.households[1].liaison_code == "H1"
    zhang, li, wang = roster.residents
    assert (zhang.sex, zhang.born_on, zhang.is_party_member, zhang.can_act) == (Sex.MALE, date(1985, 3, 1), True, True)
    assert (li.relation, li.can_act, li.phone) == (Relation.SPOUSE, True, None)
    assert (wang.born_on, wang.sex, wang.is_representative) == (date(1985, 3, 1), None, True)
    assert parsed.row_counts == {"网格楼栋": 1, "房屋": 2, "户": 2, "居民": 3}


def test_the_resident_does_not_print_what_is_personal():
    assert ZHANG not in repr(parse(tables()).roster)


@pytest.mark.parametrize("missing", list(Sheet))
def test_a_missing_sheet_is_named(missing):
    contents = tables()
    del contents[missing]
    problems = parse(contents).problems
    assert problems[0].sheet == missing.value
    assert problems[0].row is None
    assert f"缺少工作表“{missing.value}”" in problems[0].advice
    assert len(problems) == 1


def test_no_sheet_at_all_names_the_four():
    assert [problem.sheet for problem in parse({}).problems] == [sheet.value for sheet in Sheet]


def test_a_wrong_header_names_the_missing_column():
    contents = tables()
    contents[Sheet.UNITS][0][5] = "价格"
    problems = parse(contents).problems
    assert [(p.row, p.column, p.is_blocking) for p in problems if p.sheet == "房屋"] == [
        (1, "建筑面积", True),
        (1, "价格", False),
    ]
    assert len(problems) == 2


def test_a_sheet_without_any_header_says_what_is_expected():
    contents = tables()
    contents[Sheet.UNITS] = contents[Sheet.UNITS][1:]
    problem = only_problem(parse(contents))
    assert "没有找到表头" in problem.advice
    assert "建筑面积" in problem.advice


def test_a_title_above_the_header_is_skipped_and_aliases_are_known():
    contents = tables()
    contents[Sheet.RESIDENTS][0][4] = "身份证"
    contents[Sheet.RESIDENTS][0][6] = " 手机号 * "
    contents[Sheet.RESIDENTS].insert(0, ["青龙泉社区居民花名册"])
    parsed = parse(contents, residents=MergedCells(1, 1, "A1:J1"))
    assert parsed.problems == ()
    assert parsed.roster.residents[0].phone == "19400000001"


def test_an_unknown_column_is_a_hint_that_does_not_block():
    contents = tables()
    for row in contents[Sheet.RESIDENTS]:
        row.append("备注")
    parsed = parse(contents)
    assert parsed.roster is not None
    assert [p.is_blocking for p in parsed.problems] == [False]
    assert parsed.problem_count == 0


def test_merged_cells_among_the_data_are_refused_at_their_place():
    problem = only_problem(parse(tables(), residents=MergedCells(2, 3, "A2:A3")))
    assert (problem.sheet, problem.row, problem.value) == ("居民", 2, "A2:A3")
    assert "取消合并" in problem.advice


@pytest.mark.parametrize(
    ("cell", "value", "column", "said"),
    [
        ((Sheet.PLACES, 1, 4), "两个", "单元数", "整数"),
        ((Sheet.PLACES, 1, 0), "", "网格编号", "不能空着"),
        ((Sheet.UNITS, 1, 5), "85平左右", "建筑面积", "数字"),
        ((Sheet.UNITS, 1, 6), "估计", "面积依据", "登记、实测、合同"),
        ((Sheet.UNITS, 1, 1), "L009", "楼栋编号", "没有这栋楼"),
        ((Sheet.UNITS, 1, 2), 3, "单元", "只登记了 2 个单元"),
        ((Sheet.UNITS, 2, 4), "101", "房号", "同一个门"),
        ((Sheet.HOUSEHOLDS, 1, 1), "L001-9-999", "房屋编号", "没有这套房"),
        ((Sheet.HOUSEHOLDS, 2, 4), "H9", "中心户编号", "没有这个户编号"),
        ((Sheet.HOUSEHOLDS, 1, 3), "2012-13-01", "入住日期", "1985-03-01"),
        ((Sheet.RESIDENTS, 3, 5), "2099-01-01", "出生日期", "合理范围"),
        ((Sheet.RESIDENTS, 2, 5), "1987-06-03", "出生日期", "不一致"),
        ((Sheet.RESIDENTS, 1, 3), "女", "性别", "不一致"),
        ((Sheet.RESIDENTS, 2, 2), "老婆", "与户主关系", "请从这些里选一个"),
        ((Sheet.RESIDENTS, 2, 2), "户主", "与户主关系", "已有户主"),
        ((Sheet.RESIDENTS, 2, 8), "也许", "居民代表", "是"),
    ],
)
def test_a_bad_cell_is_reported_with_its_place_and_what_to_do(cell, value, column, said):
    sheet, row, place = cell
    contents = tables()
    contents[sheet][row][place] = value
    problem = only_problem(parse(contents))
    assert (problem.sheet, problem.row, problem.column) == (sheet.value, row + 1, column)
    assert said in problem.advice


def test_duplicate_identity_numbers_name_both_rows_and_are_masked():
    contents = tables()
    contents[Sheet.RESIDENTS][2][4] = ZHANG
    contents[Sheet.RESIDENTS][2][5] = ""
    contents[Sheet.RESIDENTS][2][3] = ""
    problem = only_problem(parse(contents))
    assert (problem.row, problem.column) == (3, "身份证号")
    assert "第 2 行" in problem.advice
    assert problem.value.startswith(ZHANG[:3])
    assert ZHANG[6:14] not in problem.value


def test_a_wrong_checksum_is_reported_masked():
    contents = tables()
    wrong = ZHANG[:-1] + ("0" if ZHANG[-1] != "0" else "1")
    contents[Sheet.RESIDENTS][1][4] = wrong
    problem = only_problem(parse(contents))
    assert "校验" in problem.advice
    assert wrong not in problem.value


def test_a_household_without_members_is_reported_on_its_own_row():
    contents = tables()
    del contents[Sheet.RESIDENTS][3]
    problem = only_problem(parse(contents))
    assert (problem.sheet, problem.row, problem.value) == ("户", 3, "H2")
    assert "没有这一户的人" in problem.advice


def test_a_household_without_householder_is_reported():
    contents = tables()
    contents[Sheet.RESIDENTS][3][2] = "其他"
    assert "没有户主" in only_problem(parse(contents)).advice


def test_a_household_is_not_called_empty_because_of_a_bad_member():
    contents = tables()
    contents[Sheet.RESIDENTS][3][6] = "123"
    problem = only_problem(parse(contents))
    assert (problem.column, problem.row) == ("手机号码", 4)


def test_a_bad_area_does_not_make_the_household_homeless():
    contents = tables()
    contents[Sheet.UNITS][1][5] = "很大"
    assert only_problem(parse(contents)).column == "建筑面积"


@pytest.mark.parametrize("sheet", [Sheet.PLACES, Sheet.UNITS, Sheet.HOUSEHOLDS])
def test_a_repeated_code_names_the_first_row(sheet):
    contents = tables()
    contents[sheet].append(list(contents[sheet][1]))
    said = [problem.advice for problem in parse(contents).problems]
    assert any("第 2 行的编号重复" in advice for advice in said)


def test_two_names_for_one_grid():
    contents = tables()
    contents[Sheet.PLACES].append(["W01", "一网格", "L002", "2号楼", 1, 6, ""])
    assert "请改成一致" in only_problem(parse(contents)).advice


def test_same_name_in_one_household_needs_identity_numbers():
    contents = tables()
    contents[Sheet.RESIDENTS].append(["H2", "王五", "子女", "", "", "", "", "", "", ""])
    assert "同户同名" in only_problem(parse(contents)).advice


def test_an_empty_sheet_says_so():
    contents = tables()
    contents[Sheet.RESIDENTS] = contents[Sheet.RESIDENTS][:1]
    assert "没有数据" in only_problem(parse(contents)).advice


def test_all_mistakes_come_in_one_report_in_reading_order():
    contents = tables()
    contents[Sheet.RESIDENTS][1][6] = "1"
    contents[Sheet.PLACES][1][4] = "x"
    contents[Sheet.RESIDENTS][3][6] = "2"
    assert [(p.sheet, p.row) for p in parse(contents).problems] == [("网格楼栋", 2), ("居民", 2), ("居民", 4)]


def test_the_report_is_bounded_and_the_count_is_not():
    contents = tables()
    contents[Sheet.RESIDENTS] += [
        ["H2", f"人{chr(0x4E00 + n)}", "其他", "", "", "", "1", "", "", ""] for n in range(MAX_PROBLEMS + 50)
    ]
    parsed = parse(contents)
    assert len(parsed.problems) == MAX_PROBLEMS
    assert parsed.problem_count == MAX_PROBLEMS + 50


def test_progress_counts_every_row():
    told: list[tuple[int, int]] = []
    contents = tables()
    sheets = [
        RawSheet(s.value, tuple(RawRow(n, tuple(r)) for n, r in enumerate(rows, 1))) for s, rows in contents.items()
    ]
    parse_roster(sheets, today=TODAY, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (12, 12)
