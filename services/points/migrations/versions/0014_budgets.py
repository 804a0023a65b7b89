"""Budgets say what a point is worth, so that the money behind them can be counted."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

SERVICE = "points"


def upgrade() -> None:
    """Take the step."""
    op.add_column("budget", sa.Column("point_value_fen", sa.Integer(), nullable=True), schema=SERVICE)
    op.create_check_constraint(op.f("ck_budget_point_value_fen"), "budget", "point_value_fen > 0", schema=SERVICE)
