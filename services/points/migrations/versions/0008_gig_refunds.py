"""A part of a gig's escrow goes back to the lots it came from; households that are no longer here have no rank."""

from pathlib import Path

from alembic import op

from shared import ddl

revision = "0008"
down_revision = "0007"

FUNCTIONS = ("gig_places/refund_part.sql", "statements/totals.sql")
SLICES = Path(__file__).parents[2]


def upgrade() -> None:
    """Take the step."""
    for name in FUNCTIONS:
        for statement in ddl.functions(SLICES / name):
            op.execute(statement)
