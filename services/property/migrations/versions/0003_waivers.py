"""Months without fee, given for awards."""

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0003"
down_revision = "0002"

SERVICE = "property"


def upgrade() -> None:
    op.create_table(
        "waiver",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("months", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('granted', 'refused', 'withdrawn')", name=op.f("ck_waiver_state")),
        sa.CheckConstraint("(state = 'withdrawn') = (ended_at IS NOT NULL)", name=op.f("ck_waiver_ended")),
        sa.PrimaryKeyConstraint("community_id", "award_id", name=op.f("pk_waiver")),
        schema=SERVICE,
    )
    op.create_index(
        "ix_waiver_asked",
        "waiver",
        ["community_id", sa.literal_column("asked_at DESC"), sa.literal_column("award_id DESC")],
        schema=SERVICE,
    )
    op.create_index(
        "ix_waiver_household",
        "waiver",
        ["community_id", "household_id", sa.literal_column("asked_at DESC"), sa.literal_column("award_id DESC")],
        schema=SERVICE,
    )
    op.create_table(
        "waiver_month",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_waiver_month_first_day")),
        sa.ForeignKeyConstraint(
            ["community_id", "award_id"],
            ["property.waiver.community_id", "property.waiver.award_id"],
            name=op.f("fk_waiver_month_community_id_award_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "household_id", "month", name=op.f("pk_waiver_month")),
        schema=SERVICE,
    )
    op.create_index(
        op.f("ix_waiver_month_community_id_award_id"), "waiver_month", ["community_id", "award_id"], schema=SERVICE
    )
    for table in ("waiver", "waiver_month"):
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
