"""Rows made from the catalogue alone: for every table one that its rules let pass, which a test then spoils in one place.

Other tables and triggers play no part: foreign keys are off while such a row is written.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

Value = str | int | bool | None
Row = dict[str, Value]

MOMENT: Final = "2026-05-11 01:00:00+00"
OF_TYPE: Final[dict[str, str]] = {
    "uuid": "00000000-0000-0000-0000-{n:012}",
    "int2": "{n}",
    "int4": "{n}",
    "int8": "{n}",
    "bool": "false",
    "timestamptz": MOMENT,
    "date": "2026-06-{n:02}",
    "jsonb": "{{}}",
    "bytea": "\\x{n:064x}",
    "varchar": "text {n}",
    "text": "text {n}",
}
GOOD: Final[dict[str, Row]] = {
    "adoption": {"adopter_kind": "firm"},
    "adoption_duty": {"points": 0},
    "board_policy": {"panel_quorum": 3},
    "help_kind": {"rate_percent": 100},
    "installation": {"outcome": ""},
    "award_policy": {"panel_quorum": 3},
    "points_policy": {"expiry_mode": "none"},
    "offer": {"kind": "points", "valid_until": "2027-01-01", "discount_percent": None},
    "rulebook": {"panel_quorum": 3},
    "settlement": {"month": "2026-06-01"},
    "voucher": {"points": 0},
    "redemption": {"cash_received_fen": 0},
    "delivery": {"volunteer_household_id": None},
    "gig": {"work_until": "2026-05-12"},
    "help_request": {"wanted_until": "2026-05-12"},
    "period": {"begins_on": "2026-05-01"},
    "statement_edition": {"ends_at": "2026-06-01"},
    "statement_total": {
        "standing_opening": 0, "standing_added": 0, "standing_taken": 0, "standing_corrected": 0, "standing_closing": 0,
        "spendable_opening": 0, "spendable_added": 0, "spendable_taken": 0, "spendable_corrected": 0, "spendable_closing": 0,
    },
    "time_move": {"points": 0},
    "transfer": {"to_account_id": "00000000-0000-0000-0000-0000000000aa"},
    "fund_transfer": {"to_account_id": "00000000-0000-0000-0000-0000000000aa"},
    "stock_move": {"source": "shelf", "destination": "loss"},
}  # fmt: skip
"""What a good row needs beyond a value of the right type, and the first of the words its rules list."""

COLUMNS: Final = """
    SELECT c.relname AS table, a.attname AS column, t.typname AS type, a.attnotnull AS required, a.attidentity <> '' AS counted
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = 'points'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_version' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum
"""
WORDS: Final = """
    SELECT conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE connamespace = 'points'::regnamespace AND contype = 'c'
"""
LIST: Final = re.compile(r'^CHECK \(\(\("?(\w+)"?\)::text = ANY \(\(ARRAY\[\'(\w*)\'')


@dataclass(frozen=True)
class Rows:
    """The good row of every table."""

    columns: dict[str, list[Any]]
    words: dict[tuple[str, str], str]

    @classmethod
    async def read(cls, connection: Any) -> "Rows":
        """Read tables and rules from the catalogue."""
        columns: dict[str, list[Any]] = {}
        for column in await connection.fetch(COLUMNS):
            if not column["counted"]:
                columns.setdefault(column["table"], []).append(column)
        words = {}
        for rule in await connection.fetch(WORDS):
            if listed := LIST.match(rule["rule"]):
                words[rule["table"].removeprefix("points."), listed[1]] = listed[2]
        return cls(columns, words)

    def good(self, table: str, n: int = 1) -> Row:
        """Return the good row number `n` of a table; no two have anything required in common but words."""
        row: Row = {}
        for column in self.columns[table]:
            name = column["column"]
            if (word := self.words.get((table, name))) is not None:
                row[name] = word
            elif column["required"]:
                row[name] = "{}" if column["type"].startswith("_") else OF_TYPE[column["type"]].format(n=n)
        return row | GOOD.get(table, {})


def insertion(table: str, row: Row) -> str:
    """Return the statement that writes a row."""
    names = ", ".join(f'"{name}"' for name in row)
    return f"INSERT INTO points.{table} ({names}) VALUES ({', '.join(_literal(value) for value in row.values())})"


def _literal(value: Value) -> str:
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
