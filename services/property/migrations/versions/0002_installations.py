"""Installations of redeemed goods."""

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0002"
down_revision = "0001"

SERVICE = "property"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "installation",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("worker_account_id", sa.Uuid(), nullable=True),
        sa.Column("worker_name", sa.String(), nullable=False),
        sa.Column("scheduled_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.Column("is_conflict", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ordered', 'scheduled', 'installed', 'cancelled')", name=op.f("ck_installation_state")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_installation_quantity")),
        sa.CheckConstraint("state <> 'installed' OR installed_at IS NOT NULL", name=op.f("ck_installation_installed")),
        sa.PrimaryKeyConstraint("community_id", "redemption_id", name=op.f("pk_installation")),
        schema=SERVICE,
    )
    for name, first in (
        ("ordered", ["community_id"]),
        ("state", ["community_id", "state"]),
        ("household", ["community_id", "household_id"]),
    ):
        op.create_index(
            f"ix_installation_{name}",
            "installation",
            [*first, sa.literal_column("ordered_at DESC"), sa.literal_column("redemption_id DESC")],
            unique=False,
            schema=SERVICE,
        )
    for statement in ddl.tenant_table(SERVICE, "installation"):
        op.execute(statement)
