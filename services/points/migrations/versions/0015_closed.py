"""Accounts of households that went up in another hold and spend nothing new."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0015"
down_revision = "0014"

SERVICE = "points"
FUNCTIONS = ("ledger/ledger.sql", "ledger/holds.sql")


def upgrade() -> None:
    """Take the step."""
    op.add_column(
        "account", sa.Column("is_closed", sa.Boolean(), nullable=False, server_default=sa.text("false")), schema=SERVICE
    )
    # The worker's role sees every community; the owner of the tables, unless a superuser, sees none.
    op.execute("SET LOCAL ROLE points_worker")
    op.execute(
        "UPDATE points.account a SET is_closed = true FROM points.household h WHERE h.community_id = a.community_id"
        " AND h.id = a.owner_id AND a.kind = 'household' AND h.merged_into_id IS NOT NULL"
    )
    op.execute("RESET ROLE")
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
