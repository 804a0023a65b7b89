"""For every trigger that is not the plain "never changed": what must stand before, and the statement it forbids."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.points.workloads.rows import MOMENT, Row, Rows, insertion

ONE, OTHER = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-0000000000aa"
SEALED: Final[Row] = {
    "state": "sealed", "sealed_at": MOMENT, "root": "\\x01", "objections_until": MOMENT, "edition": 1,
    "begins_on": "2026-05-01", "ends_on": "2026-05-31",
}  # fmt: skip


@dataclass(frozen=True)
class Story:
    """Rows written first, then the statement, and the SQLSTATE it is refused with."""

    refusal: str
    forbidden: Callable[[Rows], str]
    before: list[tuple[str, Row]] = field(default_factory=list)


def _at_once(table: str, **row: str) -> Callable[[Rows], str]:
    return lambda rows: f"SET CONSTRAINTS ALL IMMEDIATE; {insertion(table, rows.good(table) | row)}"


STORIES: Final[dict[str, Story]] = {
    # A transfer without its lines.
    "transfer_zero_sum": Story(
        "DP009", _at_once("transfer"), [("account", {"id": ONE}), ("account", {"id": OTHER, "owner_id": OTHER})]
    ),
    "fund_transfer_zero_sum": Story(
        "DP029",
        _at_once("fund_transfer"),
        [("fund_account", {"id": ONE}), ("fund_account", {"id": OTHER, "fund_id": OTHER, "name": "另一个"})],
    ),
    # A transfer dated back into a round that hangs out.
    "transfer_in_open_period": Story(
        "DP041",
        lambda rows: insertion("transfer", rows.good("transfer") | {"event_at": "2026-05-10 01:00:00+00"}),
        [("account", {"id": ONE}), ("account", {"id": OTHER, "owner_id": OTHER}), ("period", SEALED)],
    ),
    "period_stays_sealed": Story("DY001", lambda _: "UPDATE points.period SET name = '改名'", [("period", SEALED)]),
    # One more total for statements that are drawn up.
    "statement_total_is_complete": Story(
        "DY001", lambda rows: insertion("statement_total", rows.good("statement_total")), [("statement_edition", {})]
    ),
}
"""By trigger."""
