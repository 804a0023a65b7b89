"""The notice of a period as a page that prints well on A4: grid by grid, a table head on every sheet, page numbers, seal and QR code."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

import segno

from services.points.periods.domain import Period, State
from services.points.statements.domain import Total
from shared.kernel.clock import CHINA

STYLE = """
@page { size: A4; margin: 16mm 14mm 18mm;
  @bottom-center { content: "第 " counter(page) " 页，共 " counter(pages) " 页"; font-size: 10.5pt; } }
body { font-family: "Noto Serif CJK SC", "Source Han Serif SC", SimSun, serif; font-size: 11pt; line-height: 1.35; color: #000;
  background: #fff; margin: 0 auto; max-width: 182mm; }
h1 { text-align: center; font-size: 20pt; margin: 0 0 4mm; }
h2 { font-size: 14pt; margin: 0 0 2mm; break-after: avoid; }
section { break-before: page; }
section.first { break-before: auto; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
tr, tbody.end { break-inside: avoid; }
th, td { border: 0.3mm solid #000; padding: 1mm 1.5mm; text-align: left; overflow-wrap: break-word; }
th { white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.sheet th { border: 0; padding: 0 0 1mm; font-weight: normal; font-size: 10.5pt; }
tr.sum td { font-weight: bold; }
tr.sheet div { display: flex; justify-content: space-between; }
.foot { display: flex; justify-content: space-between; align-items: flex-end; margin-top: 8mm; break-inside: avoid; }
.foot svg { width: 36mm; height: 36mm; flex: none; margin-left: 6mm; }
.hash { display: block; width: 33ch; max-width: 100%; font-family: monospace; font-size: 10.5pt; overflow-wrap: anywhere; }
@media screen { h2 { margin-top: 6mm; } tr.sheet { display: none; } }
@media screen and (max-width: 600px) {
  body { padding: 0 2mm; }
  th.n { white-space: normal; min-width: 2em; }
  td { white-space: nowrap; }
  th, td { padding: 1mm; }
  .foot { flex-wrap: wrap; } }
"""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
"""Nothing may be loaded or run; the page's own style is known by its hash."""

QUIET_MODULES = 4
"""White around a QR code, as its standard asks."""
COLUMNS = ("上期结余", "本期加分", "本期扣分", "更正", "本期结余")


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Households of a grid that want to stay unnamed, summed up so that the columns add up."""

    households: int
    opening: int
    added: int
    taken: int
    corrected: int
    closing: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything that stands on a notice. `households` are those that are named, in printing order."""

    heading: str
    period: Period
    whole: Total
    grids: Sequence[Total]
    households: Sequence[Total]
    corrections: int
    seal_number: int | None
    seal_code: str | None
    seal_made_at: datetime | None
    root: str
    link: str


def unnamed_of(grid: Total, named: Sequence[Total]) -> Unnamed:
    """Return what the unnamed households of a grid come to: the grid less those that are named."""
    return Unnamed(
        households=grid.households - len(named),
        opening=grid.standing_opening - sum(t.standing_opening for t in named),
        added=grid.standing_added - sum(t.standing_added for t in named),
        taken=grid.standing_taken - sum(t.standing_taken for t in named),
        corrected=grid.standing_corrected - sum(t.standing_corrected for t in named),
        closing=grid.standing_closing - sum(t.standing_closing for t in named),
    )


def _numbers(*numbers: int) -> str:
    return "".join(f'<td class="n">{number}</td>' for number in numbers)


def _points(total: Total) -> str:
    return _numbers(
        total.standing_opening,
        total.standing_added,
        total.standing_taken,
        total.standing_corrected,
        total.standing_closing,
    )


def _head(titles: Sequence[str], numbers: Sequence[str], sheet: str = "") -> str:
    """Return what stands above the rows on every sheet: the columns, and above them where the sheet belongs."""
    columns = "".join(f"<th>{title}</th>" for title in titles) + "".join(f'<th class="n">{n}</th>' for n in numbers)
    span = len(titles) + len(numbers)
    above = f'<tr class="sheet"><th colspan="{span}"><div>{sheet}</div></th></tr>' if sheet else ""
    return f"<thead>{above}<tr>{columns}</tr></thead>"


def _sheet(notice: Notice, of: str) -> str:
    """Return what a sheet that came off the wall is known by: its round, its list and the seal of the books."""
    seal = "" if notice.seal_code is None else f"<span>账本封签 {escape(notice.seal_code)}</span>"
    return f"<span>{escape(' · '.join(filter(None, (notice.heading, notice.period.name, of))))}</span>{seal}"


def _body(rows: Sequence[str], total: str) -> str:
    """Return the rows and their sum; the last row goes with the sum, so that a sum never stands alone on a sheet."""
    return f'<tbody>{"".join(rows[:-1])}</tbody><tbody class="end">{"".join(rows[-1:])}{total}</tbody>'


def _grid(notice: Notice, grid: Total, named: Sequence[Total]) -> str:
    rows = [
        f"<tr><td>{escape(t.label)}</td><td>{escape(t.householder_name)}</td><td>{escape(t.building_name)}</td>{_points(t)}</tr>"
        for t in named
    ]
    rest = unnamed_of(grid, named)
    if rest.households:
        numbers = _numbers(rest.opening, rest.added, rest.taken, rest.corrected, rest.closing)
        rows.append(f'<tr><td colspan="3">匿名 {rest.households} 户合计</td>{numbers}</tr>')
    head = _head(("户号", "户主", "楼栋"), COLUMNS, _sheet(notice, grid.label))
    body = _body(rows, f'<tr class="sum"><th colspan="3">本网格合计</th>{_points(grid)}</tr>')
    return f"<section><h2>{escape(grid.label)}（{grid.households} 户）</h2><table>{head}{body}</table></section>"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _written(moment: datetime | None) -> str:
    if moment is None:
        return "—"
    local = moment.astimezone(CHINA)
    return f"{_day(local)} {local:%H:%M}"


def _terms(notice: Notice) -> str:
    period = notice.period
    if period.state is State.SEALED:
        return f"本期已于 {_written(period.sealed_at)} 封存，今后如有更正，记入以后各期。"
    return f"公示到 {_written(period.objections_until)} 为止。有异议的，请在期满前向网格员提出，或在手机上提交。"


def _foot(notice: Notice) -> str:
    # Without a size of its own the picture has a view box, and is scaled to its place instead of cut off by it.
    code = segno.make(notice.link, error="m").svg_inline(border=QUIET_MODULES, omitsize=True)
    seal = "账本还没有封签"
    if notice.seal_number is not None:
        seal = (
            f"账本封签第 {notice.seal_number} 号：{escape(notice.seal_code or '')}（{_written(notice.seal_made_at)}）"
        )
    return (
        f'<div class="foot"><div><p>{seal}</p><p>本期汇总校验码：<span class="hash">{escape(notice.root)}</span></p>'
        f"<p>公示日期：{_written(notice.period.publicised_at)}</p><p>扫码可查看网上公示。</p></div>{code}</div>"
    )


def render(notice: Notice) -> str:
    """Return the whole page; every text from people is escaped."""
    period, whole = notice.period, notice.whole
    title = escape(f"{notice.heading}积分公示 · {period.name}")
    by_grid = {grid.subject_id: [t for t in notice.households if t.grid_id == grid.subject_id] for grid in notice.grids}
    overview = _body(
        [
            f'<tr><td>{escape(grid.label)}</td><td class="n">{grid.households}</td>{_points(grid)}</tr>'
            for grid in notice.grids
        ],
        f'<tr class="sum"><th>合计</th><td class="n">{whole.households}</td>{_points(whole)}</tr>',
    )
    corrections = f"本期更正以前各期 {notice.corrections} 笔，单列在“更正”一栏。" if notice.corrections else ""
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style></head><body>'
        f'<section class="first"><h1>{title}</h1>'
        f"<p>起止日期：{_day(period.begins_on)}至{_day(period.ends_on)}，共 {whole.households} 户，"
        f"核定申报 {whole.claims} 件，扣分 {whole.deductions} 件。{corrections}</p><p>{_terms(notice)}</p>"
        f"<table>{_head(('网格',), ('户数', *COLUMNS))}{overview}</table>{_foot(notice)}</section>"
        f"{''.join(_grid(notice, grid, by_grid[grid.subject_id]) for grid in notice.grids)}</body></html>"
    )
