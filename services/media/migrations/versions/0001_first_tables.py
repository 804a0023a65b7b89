"""Assets and what was decided about them."""

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in ddl.create_roles("media"):
        op.execute(statement)
    op.create_table(
        "asset",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("original_media_type", sa.String(), nullable=False),
        sa.Column("original_sha256", sa.String(), nullable=False),
        sa.Column("original_bytes", sa.Integer(), nullable=False),
        sa.Column("public_bytes", sa.Integer(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=True),
        sa.Column("height_px", sa.Integer(), nullable=True),
        sa.Column("dhash", sa.BigInteger(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("check_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'deleted') = (deleted_at IS NOT NULL)", name=op.f("ck_asset_deleted")),
        sa.CheckConstraint("state IN ('pending', 'pass', 'review', 'risky', 'deleted')", name=op.f("ck_asset_state")),
        sa.CheckConstraint("(width_px IS NULL) = (height_px IS NULL)", name=op.f("ck_asset_dimensions")),
        sa.CheckConstraint("erased_at IS NULL OR deleted_at IS NOT NULL", name=op.f("ck_asset_erased")),
        sa.CheckConstraint("length(original_sha256) = 64", name=op.f("ck_asset_original_sha256")),
        sa.CheckConstraint("original_bytes > 0 AND public_bytes > 0", name=op.f("ck_asset_sizes")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_asset")),
        schema="media",
    )
    op.create_index(
        "ix_asset_check_due",
        "asset",
        ["check_due_at"],
        unique=False,
        schema="media",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_asset_owner",
        "asset",
        ["community_id", "owner_account_id", sa.literal_column("id DESC")],
        unique=False,
        schema="media",
    )
    op.create_index(
        "ix_asset_state", "asset", ["community_id", "state", sa.literal_column("id DESC")], unique=False, schema="media"
    )
    op.create_index(
        "ix_asset_to_erase",
        "asset",
        ["deleted_at"],
        unique=False,
        schema="media",
        postgresql_where=sa.text("deleted_at IS NOT NULL AND erased_at IS NULL"),
    )
    op.create_table(
        "verdict",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "asset_id"],
            ["media.asset.community_id", "media.asset.id"],
            name=op.f("fk_verdict_community_id_asset_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_verdict")),
        schema="media",
    )
    op.create_index("ix_verdict_asset", "verdict", ["community_id", "asset_id", "id"], unique=False, schema="media")
    for statement in ddl.plumbing("media"):
        op.execute(statement)
    for table in ("asset",):
        for statement in ddl.tenant_table("media", table):
            op.execute(statement)
    for table in ("verdict",):
        for statement in ddl.tenant_table("media", table, append_only=True):
            op.execute(statement)
