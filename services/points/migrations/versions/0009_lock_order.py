"""One order of locks for everything that moves points or goods."""

from pathlib import Path

from alembic import op

from shared import ddl

revision = "0009"
down_revision = "0008"

FUNCTIONS = (
    "ledger/ledger.sql",
    "ledger/lots.sql",
    "ledger/holds.sql",
    "ledger/arrears.sql",
    "ledger/reversals.sql",
    "redemptions/release.sql",
    "redemptions/redeem.sql",
    "baskets/basket.sql",
    "claims/posting.sql",
)
REPLACED = (
    "points.lock_accounts(uuid, uuid, uuid)",
    "points.redeem(uuid, uuid, uuid, uuid, int, int, text, bytea, uuid, text[], timestamptz, text)",
)


def upgrade() -> None:
    # These take further arguments now; beside their old selves a call would be ambiguous.
    for function in REPLACED:
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
