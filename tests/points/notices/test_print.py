"""The notice on paper: printed by a real browser as it comes over HTTP, then read from the PDF as a passer-by would."""

import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.points.notices.notice_page import CONTENT_SECURITY_POLICY, STYLE, Notice, render
from services.points.periods.domain import Period, State
from services.points.statements.domain import Level, Total
from shared.ids import new_id

GRIDS = ("第一网格", "第二网格")
HOUSEHOLDS = 197
"""Of each grid; enough for several full sheets of each."""
ROWS_OF_A_SHEET = range(28, 40)
SMALLEST_PT = 10.5
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIETLY = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def missing() -> str:
    """Return what the machine lacks to print a notice and look at it."""
    if CHROMIUM is None:
        return "no Chromium on this machine"
    if not all(map(shutil.which, ("pdfinfo", "pdftotext", "pdftoppm", "fc-list"))):
        return "no poppler-utils or fontconfig on this machine"
    fonts = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=True)
    return "" if fonts.stdout.strip() else "no Chinese font on this machine"


LACKING = missing()
needs_browser = pytest.mark.skipif(bool(LACKING), reason=LACKING)


def total(level: Level, label: str, households: int, added: int, **facts: object) -> Total:
    """Totals of somebody who opened with 100 points a household."""
    blank = Total(
        level=level,
        subject_id=new_id(),
        label=label,
        householder_name="",
        grid_id=None,
        grid_name="",
        building_id=None,
        building_name="",
        households=households,
        standing_opening=100 * households,
        standing_added=added,
        standing_taken=0,
        standing_corrected=0,
        standing_closing=100 * households + added,
        spendable_opening=100 * households,
        spendable_added=added,
        spendable_taken=0,
        spendable_corrected=0,
        spendable_closing=100 * households + added,
        claims=added // 3,
        deductions=0,
        score_e2=0,
        rank=1,
    )
    return replace(blank, **facts)


@pytest.fixture(scope="module")
def notice() -> Notice:
    """A sealed round of two grids."""
    grids = [replace(total(Level.GRID, name, HOUSEHOLDS, 3 * HOUSEHOLDS), grid_name=name) for name in GRIDS]
    households = [
        total(
            Level.HOUSEHOLD,
            f"H{grid_number}{number:03d}",
            1,
            3,
            householder_name="王**",
            grid_id=grid.subject_id,
            grid_name=grid.label,
            building_name=f"{number // 30 + 1}号楼",
        )
        for grid_number, grid in enumerate(grids, start=1)
        for number in range(1, HOUSEHOLDS + 1)
    ]
    period = Period(
        id=new_id(),
        number=1,
        name="2026年5—6月",
        begins_on=date(2026, 5, 1),
        ends_on=date(2026, 6, 30),
        notice_days=5,
        state=State.SEALED,
        edition=1,
        opened_at=datetime(2026, 5, 1, 1, tzinfo=UTC),
        reviewed_by=None,
        reviewed_at=None,
        publicised_at=datetime(2026, 7, 1, 1, tzinfo=UTC),
        objections_until=datetime(2026, 7, 6, 1, tzinfo=UTC),
        sealed_at=datetime(2026, 7, 6, 1, tzinfo=UTC),
        root="ab12cd34" * 8,
        ledger_seal_number=7,
        ledger_seal_root=None,
        reason="",
    )
    return Notice(
        heading="青龙泉社区",
        period=period,
        whole=total(Level.COMMUNITY, "", 2 * HOUSEHOLDS, 6 * HOUSEHOLDS),
        grids=grids,
        households=households,
        corrections=0,
        seal_number=7,
        seal_code="9F86 D081 884C 7D65",
        seal_made_at=datetime(2026, 7, 6, 2, tzinfo=UTC),
        root="ab12cd34" * 8,
        link=f"https://points.example.org/api/v1/points/public/{new_id()}/periods/{period.id}/page",
    )


@pytest.fixture(scope="module")
def address(notice: Notice) -> Iterator[str]:
    """Where the page hangs, under the same content security policy as the real one."""
    page = render(notice).encode()

    class Wall(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Wall) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def paper(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The printed notice."""
    folder = tmp_path_factory.mktemp("paper")
    pdf = folder / "notice.pdf"
    printing = [f"--user-data-dir={folder / 'browser'}", f"--print-to-pdf={pdf}", "--no-pdf-header-footer", address]
    assert CHROMIUM is not None
    subprocess.run([CHROMIUM, *QUIETLY, *printing], check=True, capture_output=True, timeout=240)
    return pdf


@pytest.fixture(scope="module")
def sheets(paper: Path) -> list[str]:
    """The text of each sheet."""
    read = subprocess.run(["pdftotext", "-layout", str(paper), "-"], check=True, capture_output=True, text=True)
    return read.stdout.split("\f")[:-1]


@needs_browser
@pytest.mark.browser
def test_it_prints_on_a4_and_wastes_no_paper(paper: Path, sheets: list[str]) -> None:
    told = subprocess.run(["pdfinfo", str(paper)], check=True, capture_output=True, text=True).stdout
    assert "(A4)" in told
    rows = [len(re.findall(r"^ *H\d{4} ", sheet, re.MULTILINE)) for sheet in sheets]
    assert rows[0] == 0, "the overview has a sheet of its own"
    for number in range(len(GRIDS)):
        of_grid = [count for sheet, count in zip(sheets, rows, strict=True) if f"· {GRIDS[number]}" in sheet]
        assert sum(of_grid) == HOUSEHOLDS
        assert {count in ROWS_OF_A_SHEET for count in of_grid[:-1]} == {True}, of_grid
        assert of_grid[-1] > 0, "the sum of a grid never stands alone on a sheet"


@needs_browser
@pytest.mark.browser
def test_every_sheet_can_be_read_by_itself(sheets: list[str], notice: Notice) -> None:
    for number, sheet in enumerate(sheets, start=1):
        assert f"第 {number} 页，共 {len(sheets)} 页" in sheet
    for sheet in sheets[1:]:
        assert re.search(r"户号 +户主 +楼栋 +上期结余 +本期加分 +本期扣分 +更正 +本期结余", sheet)
        assert re.search(r"青龙泉社区 · 2026年5—6月 · 第[一二]网格 +账本封签 9F86 D081 884C 7D65", sheet)
    whole = "\n".join(sheets)
    for household in notice.households:
        rows = re.findall(rf"^ *{household.label} +王\*\* +{household.building_name}( +\d+){{5}}$", whole, re.MULTILINE)
        assert len(rows) == 1, f"{household.label} stands once, whole, in one row"


@needs_browser
@pytest.mark.browser
@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="no zbarimg on this machine")
def test_the_qr_code_leads_to_the_public_page(paper: Path, notice: Notice) -> None:
    picture = paper.with_suffix("")
    look = ["pdftoppm", "-r", "150", "-gray", "-png", "-singlefile", "-f", "1", "-l", "1", str(paper), str(picture)]
    subprocess.run(look, check=True, capture_output=True)
    decode = ["zbarimg", "--quiet", "--raw", str(picture.with_suffix(".png"))]
    decoded = subprocess.run(decode, check=True, capture_output=True, text=True)
    assert decoded.stdout.strip() == notice.link


def test_the_qr_code_fills_its_place_whole(notice: Notice) -> None:
    (opening,) = re.findall(r"<svg[^>]*>", render(notice))
    assert re.search(r'viewBox="0 0 (\d+) \1"', opening)
    assert "width" not in opening, "a fixed size would be cut off by the place the style gives it"


def test_who_scans_it_gets_a_page_for_the_telephone(notice: Notice) -> None:
    assert '<meta name="viewport" content="width=device-width">' in render(notice)


def test_nothing_is_printed_too_small_for_old_eyes_or_in_grey() -> None:
    assert min(float(size) for size in re.findall(r"font-size: ([\d.]+)pt", STYLE)) >= SMALLEST_PT
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", STYLE)) == {"#000", "#fff"}
