"""Names: what a community is called, and the order people look names up in; and installations that property refused."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0011"
down_revision = "0009"

SERVICE = "points"
SLICES = Path(__file__).parents[2]
FUNCTIONS = ("statements/reading_order.sql",)
BY_LABEL = "points.reading_order(label::text)"
INDEXES = {
    "ix_statement_total_label": ("level",),
    "ix_statement_total_grid": ("grid_id", "level"),
    "ix_statement_total_building": ("building_id", "level"),
}
"""Lists of statements by label: what comes between the edition and the label."""

OUTCOMES = "outcome IN ('', 'accepted', 'cancelled', 'expired', 'picked_up', 'refused', 'returned')"
"""How an installation may end; property may refuse one now."""


def upgrade() -> None:
    """Take the step."""
    op.drop_constraint(op.f("ck_installation_outcome"), "installation", schema=SERVICE)
    op.create_check_constraint(op.f("ck_installation_outcome"), "installation", OUTCOMES, schema=SERVICE)
    op.create_table(
        "community",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        schema=SERVICE,
    )
    for statement in ddl.reference_table(SERVICE, "community"):
        op.execute(statement)
    for name in FUNCTIONS:
        for statement in ddl.functions(SLICES / name):
            op.execute(statement)
    for name, place in INDEXES.items():
        op.drop_index(name, "statement_total", schema=SERVICE)
        op.create_index(
            name,
            "statement_total",
            ["community_id", "period_id", "edition", *place, sa.text(BY_LABEL), "subject_id"],
            schema=SERVICE,
        )
