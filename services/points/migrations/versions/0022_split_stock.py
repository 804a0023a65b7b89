"""Whoever waits for stock while it is split finds it where it went."""

from pathlib import Path

from alembic import op

from shared import ddl

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Take the step."""
    for statement in ddl.functions(Path(__file__).parents[2] / "redemptions" / "redeem.sql"):
        op.execute(statement)
