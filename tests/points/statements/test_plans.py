"""Every list of statements, rankings, periods and boards is answered by an index."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from services.points.boards import usecases as boards
from services.points.boards.domain import Board
from services.points.boards.domain import State as EntryState
from services.points.periods import usecases as periods
from services.points.periods.domain import State
from services.points.rankings import usecases as rankings
from services.points.statements import usecases as statements
from services.points.statements.domain import Level
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.pagination import PageRequest
from shared.testing.clients import Apps, People
from shared.testing.factories import WorkIn

NOW = "2026-05-11T01:00:00+00:00"
BY_MOMENT = PageRequest(20, (NOW, str(new_id())))
BY_LABEL = PageRequest(20, ("QLQ-0001", str(new_id())))
BY_RANK = PageRequest(20, ("7", str(new_id())))
TOTALS: dict[str, Any] = {"period_id": new_id(), "edition": 1}


@contextmanager
def recorded(apps: Apps) -> Iterator[list[tuple[str, Any]]]:
    """Collect the SELECTs sent to the database."""
    sent: list[tuple[str, Any]] = []
    engine = apps.runtime("points").database.app.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and "set_config" not in statement:
            sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def households(uow: Any) -> Any:
    return statements.list_totals(uow=uow, page=BY_LABEL, level=Level.HOUSEHOLD, **TOTALS)


# Of an empty table the planner may take any index that is in order; with rows the narrower one wins.
LISTS: dict[str, tuple[Any, str]] = {
    "households": (households, "ix_statement_total_label"),
    "households of a grid": (
        lambda uow: statements.list_totals(uow=uow, page=BY_LABEL, level=Level.HOUSEHOLD, grid_id=new_id(), **TOTALS),
        "ix_statement_total_(grid|label)",
    ),
    "households of a building": (
        lambda uow: statements.list_totals(
            uow=uow, page=BY_LABEL, level=Level.HOUSEHOLD, building_id=new_id(), **TOTALS
        ),
        "ix_statement_total_(building|label)",
    ),
    "ranking of a round": (
        lambda uow: statements.list_ranked_totals(uow=uow, page=BY_RANK, level=Level.HOUSEHOLD, **TOTALS),
        "ix_statement_total_rank",
    ),
    "ranking over all": (
        lambda uow: rankings.list_places(
            uow=uow, page=PageRequest(20, ("1", "7", str(new_id()))), level=Level.HOUSEHOLD
        ),
        "ix_ranking_row_rank",
    ),
    "corrections": (
        lambda uow: statements.list_corrections(
            uow=uow, page=PageRequest(20, (str(new_id()),)), household_id=new_id(), **TOTALS
        ),
        "ix_statement_correction_household",
    ),
    "periods": (
        lambda uow: periods.list_periods(uow=uow, page=PageRequest(20, ("7",))),
        "uq_period_community_id_number",
    ),
    "periods in a state": (
        lambda uow: periods.list_periods(uow=uow, page=PageRequest(), states=[State.OPEN]),
        "period",
    ),
    "a board": (
        lambda uow: boards.list_entries(
            uow=uow,
            principal=People(uow.community_id).staff(Role.SUPERVISOR),
            page=BY_MOMENT,
            board=Board.HONOUR,
            state=EntryState.LISTED,
            household_id=None,
        ),
        "ix_board_entry_state",
    ),
    "entries of a household": (
        lambda uow: boards.list_entries(
            uow=uow,
            principal=People(uow.community_id).staff(Role.SUPERVISOR),
            page=BY_MOMENT,
            board=None,
            state=None,
            household_id=new_id(),
        ),
        "ix_board_entry_(household|proposed)",
    ),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_is_answered_by_an_index(name: str, apps: Apps, people: People, work_in: WorkIn) -> None:
    ask, index = LISTS[name]
    async with work_in("points", people.community_id) as uow:
        with recorded(apps) as sent:
            await ask(uow)
        statement, parameters = sent[-1]
        # A small table is read at a glance and sorted; what counts is what a large one would do.
        await uow.session.execute(text("SET LOCAL enable_seqscan = off"))
        await uow.session.execute(text("SET LOCAL enable_bitmapscan = off"))
        await uow.session.execute(text("SET LOCAL enable_sort = off"))
        driver = await uow.session.connection()
        plan = await driver.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        lines = "\n".join(row[0] for row in plan)

    assert re.search(rf"Index.* using \w*{index}", lines), lines
    assert "Sort" not in lines, lines
    assert "Seq Scan" not in lines, lines
