"""How a person settled an installation that crossed on the way, and an index over promises that still run."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SERVICE = "property"


def upgrade() -> None:
    op.add_column("installation", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True), schema=SERVICE)
    op.add_column("installation", sa.Column("settled_by", sa.Uuid(), nullable=True), schema=SERVICE)
    op.add_column(
        "installation", sa.Column("settlement", sa.String(), server_default="", nullable=False), schema=SERVICE
    )
    op.create_check_constraint(
        op.f("ck_installation_settled"),
        "installation",
        "(settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (settlement = '')"
        " AND NOT (is_conflict AND settled_at IS NOT NULL)",
        schema=SERVICE,
    )
    op.create_index(
        "ix_installation_conflict",
        "installation",
        ["community_id", sa.literal_column("ordered_at DESC"), sa.literal_column("redemption_id DESC")],
        postgresql_where=sa.text("is_conflict"),
        schema=SERVICE,
    )
    op.create_index(
        "ix_ticket_clock_open",
        "ticket_clock",
        ["kind", "due_at"],
        postgresql_where=sa.text("stopped_at IS NULL"),
        schema=SERVICE,
    )
