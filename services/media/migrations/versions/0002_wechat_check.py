"""Whom WeChat knows, and under which name it checks a picture."""

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("asset", sa.Column("check_trace_id", sa.String(), nullable=True), schema="media")
    op.create_index(
        "ix_asset_trace",
        "asset",
        ["check_trace_id"],
        schema="media",
        postgresql_where=sa.text("check_trace_id IS NOT NULL"),
    )
    op.create_table(
        "uploader",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("wechat_openid", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "account_id", name=op.f("pk_uploader")),
        schema="media",
    )
    for statement in ddl.tenant_table("media", "uploader"):
        op.execute(statement)
