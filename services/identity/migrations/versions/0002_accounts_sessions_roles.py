"""Accounts, staff, bindings, sessions, signing keys, roles, clients, audit and consents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0002"
down_revision = "0001"

SERVICE = "identity"
CHANGING = (
    "account",
    "staff_credential",
    "wechat_user",
    "card_code",
    "session",
    "signing_key",
    "role_grant",
    "client",
    "client_secret",
    "consent",
)
APPEND_ONLY = ("audit_line", "consent_document")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'deleted') = (closed_at IS NOT NULL)", name=op.f("ck_account_closed")),
        sa.CheckConstraint(
            "kind = 'staff' OR status = 'deleted' OR resident_id IS NOT NULL", name=op.f("ck_account_bound")
        ),
        sa.CheckConstraint("kind IN ('resident', 'staff')", name=op.f("ck_account_kind")),
        sa.CheckConstraint("status IN ('active', 'suspended', 'deleted')", name=op.f("ck_account_status")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_account")),
        schema="identity",
    )
    op.create_index("ix_account_kind", "account", ["community_id", "kind", "id"], unique=False, schema="identity")
    op.create_index(
        "uq_account_resident",
        "account",
        ["community_id", "resident_id", "kind"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("status <> 'deleted' AND resident_id IS NOT NULL"),
    )
    op.create_table(
        "audit_line",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_line_number")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_audit_line_hash")),
        sa.PrimaryKeyConstraint("community_id", "number", name=op.f("pk_audit_line")),
        schema="identity",
    )
    op.create_index(
        "ix_audit_line_actor",
        "audit_line",
        ["community_id", "actor_id", sa.literal_column("number DESC")],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "ix_audit_line_subject",
        "audit_line",
        ["community_id", "subject_kind", "subject_id", sa.literal_column("number DESC")],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "card_code",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_card_code")),
        sa.UniqueConstraint("community_id", "code_index", name=op.f("uq_card_code_community_id_code_index")),
        schema="identity",
    )
    op.create_index(
        "ix_card_code_household", "card_code", ["community_id", "household_id"], unique=False, schema="identity"
    )
    op.create_index("ix_card_code_look_up", "card_code", ["code_index"], unique=False, schema="identity")
    op.create_table(
        "client",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_client")),
        schema="identity",
    )
    op.create_table(
        "consent_document",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_consent_document_version")),
        sa.PrimaryKeyConstraint("community_id", "kind", "version", name=op.f("pk_consent_document")),
        schema="identity",
    )
    op.create_table(
        "signing_key",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("private_key", sa.String(), nullable=False),
        sa.Column("public_key", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "kid", name=op.f("pk_signing_key")),
        schema="identity",
    )
    op.create_table(
        "client_secret",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "client_id"],
            ["identity.client.community_id", "identity.client.id"],
            name=op.f("fk_client_secret_community_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "client_id", "id", name=op.f("pk_client_secret")),
        schema="identity",
    )
    op.create_table(
        "consent",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["identity.account.community_id", "identity.account.id"],
            name=op.f("fk_consent_community_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "kind", "version"],
            [
                "identity.consent_document.community_id",
                "identity.consent_document.kind",
                "identity.consent_document.version",
            ],
            name=op.f("fk_consent_community_id_kind_version"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_consent")),
        schema="identity",
    )
    op.create_index(
        "uq_consent_standing",
        "consent",
        ["community_id", "account_id", "kind", "version"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "role_grant",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "scope_kind IN ('community', 'grid', 'building', 'department')", name=op.f("ck_role_grant_scope_kind")
        ),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_role_grant_revoked")),
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name=op.f("ck_role_grant_period")),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["identity.account.community_id", "identity.account.id"],
            name=op.f("fk_role_grant_community_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_role_grant")),
        schema="identity",
    )
    op.create_index("ix_role_grant_role", "role_grant", ["community_id", "role", "id"], unique=False, schema="identity")
    op.create_index(
        "uq_role_grant_held",
        "role_grant",
        ["community_id", "account_id", "role", "scope_kind", "scope_id", "from_on"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "session",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_session_ended")),
        sa.CheckConstraint("generation >= 0", name=op.f("ck_session_generation")),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["identity.account.community_id", "identity.account.id"],
            name=op.f("fk_session_community_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_session")),
        schema="identity",
    )
    op.create_index(
        "ix_session_account",
        "session",
        ["community_id", "account_id", sa.literal_column("refreshed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "staff_credential",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.String(), nullable=False),
        sa.Column("totp_used_step", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_staff_credential_failures")),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["identity.account.community_id", "identity.account.id"],
            name=op.f("fk_staff_credential_community_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "account_id", name=op.f("pk_staff_credential")),
        sa.UniqueConstraint("community_id", "user_name", name=op.f("uq_staff_credential_community_id_user_name")),
        schema="identity",
    )
    op.create_index("ix_staff_credential_user_name", "staff_credential", ["user_name"], unique=False, schema="identity")
    op.create_table(
        "wechat_user",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("openid", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["identity.account.community_id", "identity.account.id"],
            name=op.f("fk_wechat_user_community_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "app_id", "openid", name=op.f("pk_wechat_user")),
        sa.UniqueConstraint(
            "community_id", "account_id", "app_id", name=op.f("uq_wechat_user_community_id_account_id_app_id")
        ),
        schema="identity",
    )
    op.create_index("ix_wechat_user_openid", "wechat_user", ["app_id", "openid"], unique=False, schema="identity")
    for table in CHANGING:
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in ddl.tenant_table(SERVICE, table, append_only=True):
            op.execute(statement)
