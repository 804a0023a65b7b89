"""Reading a sheet line by line into claims, and telling everything that is wrong with it at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, TypeVar
from uuid import UUID

from services.points.claims.caps import Taken, check_caps
from services.points.claims.domain import Claim, State, check_new
from services.points.claims.entering import Entry, Place, write
from services.points.rulebooks.domain import Claimant, ItemGroup, RulebookVersion, RuleItem
from shared.cells import CellError, CellValue, plain, read_choice, read_date, read_text, read_whole
from shared.kernel.errors import DomainError
from shared.workbooks import RawRow, RawSheet

MAX_LINES: Final = 50_000
MAX_PROBLEMS: Final = 2_000
"""Problems told of one sheet; who made more made the same one."""

_T = TypeVar("_T")

HOUSEHOLD, ITEM, QUANTITY, DAY, PLACE, NOTE = "户号", "项目", "数量", "日期", "地点", "说明"
COLUMNS: Final[Mapping[str, tuple[bool, str, str]]] = {
    HOUSEHOLD: (True, "花名册里的户号", "QLQ-0001"),
    ITEM: (True, "细则里的项目名称或编号", "家庭卫生整洁"),
    QUANTITY: (False, "不填就是 1", "1"),
    DAY: (False, "不填就是考评日期", "2026-06-28"),
    PLACE: (False, "不填就是“入户考评”", "1栋"),
    NOTE: (False, "最多 200 字", ""),
}
_ALIASES: Final = {"门牌户号": HOUSEHOLD, "户编号": HOUSEHOLD, "项目名称": ITEM, "项目编号": ITEM, "备注": NOTE}


@dataclass(frozen=True, slots=True)
class Household:
    """A household as a sheet may name it."""

    id: UUID
    grid_id: UUID
    building_id: UUID


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what stands there, and what to do."""

    row: int | None
    column: str | None
    value: str
    advice: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What a sheet is checked against. `taken` holds (household, item, day, units, points earned) of what was claimed before."""

    rulebook: RulebookVersion
    households: Mapping[str, Household]
    taken: Sequence[tuple[UUID, str, date, int, int]]
    assessed_on: date
    today: date


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a sheet: its claims, as verified by who looked, and what is wrong."""

    lines: tuple[Claim, ...]
    problems: tuple[Problem, ...]
    row_count: int

    @property
    def plus_points(self) -> int:
        """Points it gives."""
        return sum(line.issued for line in self.lines)

    @property
    def minus_points(self) -> int:
        """Points it takes away."""
        return sum(line.points - line.issued for line in self.lines)


def check_sheet(
    sheets: Sequence[RawSheet],
    basis: Basis,
    *,
    sheet_id: UUID,
    account_id: UUID,
    now: datetime,
    new_id: Callable[[], UUID],
    note: Callable[[int, int], None] = lambda _done, _total: None,
) -> Checked:
    """Read the first sheet that holds something into claims; a line is a claim only when nothing is wrong with it."""
    rows = next((sheet.rows for sheet in sheets if sheet.rows), ())
    if not rows:
        return Checked((), (Problem(None, None, "", "表里没有内容，请从第二行起每行填一户一项"),), 0)
    places, problems = _header(rows[0])
    body = rows[1:]
    if not body:
        problems = [*problems, Problem(None, None, "", "只有表头，没有内容")]
    if len(body) > MAX_LINES:
        problems = [*problems, Problem(None, None, str(len(body)), f"最多 {MAX_LINES} 行，请分几次上传")]
    if problems:
        return Checked((), tuple(problems), len(body))
    reader = _Reader(basis, places, sheet_id, account_id, now, new_id)
    for done, row in enumerate(body, start=1):
        reader.read(row)
        if done % 200 == 0:
            note(done, len(body))
    return Checked(tuple(reader.lines), tuple(reader.problems[:MAX_PROBLEMS]), len(body))


def _header(row: RawRow) -> tuple[dict[str, int], list[Problem]]:
    places: dict[str, int] = {}
    problems = []
    for number, value in enumerate(row.values):
        title = plain(value).strip("*（必填）() ")
        title = _ALIASES.get(title, title)
        if title in places:
            problems.append(Problem(row.number, title, plain(value), "这一列出现了两次，请删去一列"))
        elif title in COLUMNS:
            places[title] = number
    for title, (is_required, help_text, _) in COLUMNS.items():
        if is_required and title not in places:
            problems.append(Problem(row.number, title, "", f"缺少“{title}”这一列（{help_text}）"))
    return places, problems


class _Reader:
    def __init__(
        self,
        basis: Basis,
        places: Mapping[str, int],
        sheet_id: UUID,
        account_id: UUID,
        now: datetime,
        new_id: Callable[[], UUID],
    ) -> None:
        self._basis, self._places = basis, places
        self._sheet_id, self._account_id, self._now, self._new_id = sheet_id, account_id, now, new_id
        self._items = {key: item for item in basis.rulebook.items for key in (item.name, item.code)}
        self._units: dict[tuple[UUID, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
        self._everybody: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        self._earned: dict[UUID, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        self._seen: dict[tuple[UUID, str, date], int] = {}
        self.lines: list[Claim] = []
        self.problems: list[Problem] = []
        for household_id, code, day, units, points in basis.taken:
            self._count(household_id, code, day, units, points)

    def read(self, row: RawRow) -> None:
        before = len(self.problems)
        household = self._cell(row, HOUSEHOLD, self._household)
        item = self._cell(row, ITEM, self._item)
        quantity = self._cell(row, QUANTITY, lambda v: 1 if v == "" else read_whole(v, least=1, most=1000))
        day = self._cell(
            row, DAY, lambda v: self._basis.assessed_on if v == "" else read_date(v, today=self._basis.today)
        )
        place = self._cell(row, PLACE, lambda v: read_text(v, max_length=100) or "入户考评")
        note = self._cell(row, NOTE, lambda v: read_text(v, max_length=200))
        if len(self.problems) > before or household is None or item is None or quantity is None or day is None:
            return
        first = self._seen.setdefault((household.id, item.code, day), row.number)
        if first != row.number:
            self._tell(row, ITEM, f"和第 {first} 行重复：同一户同一天同一项只写一行，数量合在一起")
            return
        entry = Entry(household.id, item.code, day, quantity, place or "", note or "")
        self._enter(row, household, item, entry)

    def _enter(self, row: RawRow, household: Household, item: RuleItem, entry: Entry) -> None:
        claimants = frozenset({Claimant.ASSESSOR})
        claim = write(
            entry,
            Place(household.grid_id, household.building_id),
            self._basis.rulebook,
            claimants,
            claim_id=self._new_id(),
            account_id=self._account_id,
            now=self._now,
        )
        taken = Taken(self._units[household.id, item.code], self._everybody[item.code], self._earned[household.id])
        try:
            check_new(item, claimants, entry.happened_on, entry.quantity, 0, self._basis.today)
            check_caps(claim, item, self._basis.rulebook.policy, taken)
        except DomainError as refusal:
            self._tell(row, ITEM, refusal.message)
            return
        # Who looked has verified it; the panel still judges.
        self.lines.append(replace(claim, state=State.VERIFIED, sheet_id=self._sheet_id))
        earned = 0 if item.group is ItemGroup.MINUS else claim.points
        self._count(household.id, item.code, entry.happened_on, entry.quantity, earned)

    def _count(self, household_id: UUID, code: str, day: date, units: int, points: int) -> None:
        self._units[household_id, code][day] += units
        self._everybody[code][day] += units
        self._earned[household_id][day] += points

    def _household(self, value: CellValue) -> Household:
        if (household := self._basis.households.get(code_of(value))) is None:
            msg = "花名册里没有这个户号，请核对" if value != "" else "请填写户号"
            raise CellError(msg)
        return household

    def _item(self, value: CellValue) -> RuleItem:
        if plain(value) == "":
            msg = "请填写细则里的项目名称"
            raise CellError(msg)
        return read_choice(value, self._items)

    def _cell(self, row: RawRow, column: str, read: Callable[[CellValue], _T]) -> _T | None:
        place = self._places.get(column)
        value = row.values[place] if place is not None and place < len(row.values) else ""
        try:
            return read("" if isinstance(value, str) and not value.strip() else value)
        except CellError as error:
            self._tell(row, column, str(error))
            return None

    def _tell(self, row: RawRow, column: str, advice: str) -> None:
        place = self._places.get(column)
        value = row.values[place] if place is not None and place < len(row.values) else ""
        self.problems.append(Problem(row.number, column, plain(value)[:100], advice))


def code_of(value: CellValue) -> str:
    """Return a household's number as it is compared: half-width, upper case, without spaces."""
    return plain(value).replace(" ", "").upper()
