"""Inboxes, messages, and what is known of recipients."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in ddl.create_roles("notifications"):
        op.execute(statement)
    op.create_table(
        "grant_wallet",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("grants", sa.Integer(), nullable=False),
        sa.CheckConstraint("grants >= 0", name=op.f("ck_grant_wallet_grants")),
        sa.PrimaryKeyConstraint("community_id", "account_id", "template", name=op.f("pk_grant_wallet")),
        schema="notifications",
    )
    op.create_table(
        "household_place",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "household_id", name=op.f("pk_household_place")),
        schema="notifications",
    )
    op.create_index(
        "ix_household_place_building",
        "household_place",
        ["community_id", "building_id"],
        unique=False,
        schema="notifications",
    )
    op.create_index(
        "ix_household_place_grid", "household_place", ["community_id", "grid_id"], unique=False, schema="notifications"
    )
    op.create_table(
        "inbox_item",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("fact_key", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_inbox_item")),
        sa.UniqueConstraint(
            "community_id", "account_id", "fact_key", name=op.f("uq_inbox_item_community_id_account_id_fact_key")
        ),
        sa.UniqueConstraint(
            "community_id", "account_id", "sequence", name=op.f("uq_inbox_item_community_id_account_id_sequence")
        ),
        schema="notifications",
    )
    op.create_index(
        "ix_inbox_item_unread",
        "inbox_item",
        ["community_id", "account_id", "topic"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "mailbox",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_sequence >= 0", name=op.f("ck_mailbox_last_sequence")),
        sa.PrimaryKeyConstraint("community_id", "account_id", name=op.f("pk_mailbox")),
        schema="notifications",
    )
    op.create_table(
        "message",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("fact_key", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("send_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'sending') = (begun_at IS NOT NULL)", name=op.f("ck_message_begun")),
        sa.CheckConstraint(
            "(state IN ('queued', 'sending')) = (finished_at IS NULL)", name=op.f("ck_message_finished")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'spent', 'failed', 'unknown', 'expired')",
            name=op.f("ck_message_state"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "community_id",
            "account_id",
            "template",
            "fact_key",
            name=op.f("uq_message_community_id_account_id_template_fact_key"),
        ),
        schema="notifications",
    )
    op.create_index(
        "ix_message_due",
        "message",
        ["send_after"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_message_stuck",
        "message",
        ["begun_at"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_table(
        "quiet_hours",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "effective_at", name=op.f("pk_quiet_hours")),
        schema="notifications",
    )
    op.create_table(
        "recipient",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("wechat_openid", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "account_id", name=op.f("pk_recipient")),
        schema="notifications",
    )
    op.create_index(
        "ix_recipient_household", "recipient", ["community_id", "household_id"], unique=False, schema="notifications"
    )
    op.create_index("ix_recipient_kind", "recipient", ["community_id", "kind"], unique=False, schema="notifications")
    op.create_index(
        "ix_recipient_resident", "recipient", ["community_id", "resident_id"], unique=False, schema="notifications"
    )
    op.create_table(
        "role_holder",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint(
            "community_id", "account_id", "role", "scope_kind", "scope_id", name=op.f("pk_role_holder")
        ),
        schema="notifications",
    )
    op.create_index(
        "ix_role_holder_role", "role_holder", ["community_id", "role"], unique=False, schema="notifications"
    )
    for statement in ddl.plumbing("notifications"):
        op.execute(statement)
    for table in (
        "recipient",
        "household_place",
        "role_holder",
        "mailbox",
        "inbox_item",
        "grant_wallet",
        "message",
    ):
        for statement in ddl.tenant_table("notifications", table):
            op.execute(statement)
    for table in ("quiet_hours",):
        for statement in ddl.tenant_table("notifications", table, append_only=True):
            op.execute(statement)
