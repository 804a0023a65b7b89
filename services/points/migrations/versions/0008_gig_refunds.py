"""A part of a gig's escrow goes back to the lots it came from."""

from pathlib import Path

from alembic import op

from shared import ddl

revision = "0008"
down_revision = "0007"

SLICES = Path(__file__).parents[2]


def upgrade() -> None:
    """Take the step."""
    for statement in ddl.functions(SLICES / "gig_places" / "refund_part.sql"):
        op.execute(statement)
