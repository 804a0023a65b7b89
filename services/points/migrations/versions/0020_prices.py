"""A price in cash that changed since the buyer looked is told, like one in points."""

from pathlib import Path

from alembic import op

from shared import ddl

revision = "0020"
down_revision = "0019"

FUNCTIONS = ("redemptions/redeem.sql", "baskets/basket.sql")
REPLACED = "points.redeem(uuid, uuid, uuid, uuid, int, int, text, bytea, uuid, text[], timestamptz, text, boolean)"


def upgrade() -> None:
    """Take the step."""
    # It takes a further argument now; beside its old self a call would be ambiguous.
    op.execute(f"DROP FUNCTION IF EXISTS {REPLACED}")
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
