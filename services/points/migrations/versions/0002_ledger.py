"""Arrears, live accounts of every kind, seals and policies of the ledger."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0002"
down_revision = "0001"

SERVICE = "points"
CHANGING = ("seal_schedule",)
APPEND_ONLY = ("seal", "seal_leaf", "points_policy")

FUNCTIONS = (
    "ledger/ledger.sql",
    "ledger/lots.sql",
    "ledger/holds.sql",
    "ledger/arrears.sql",
    "ledger/reversals.sql",
    "ledger/households.sql",
    "ledger/expiry.sql",
)


def upgrade() -> None:
    """Take the step."""
    for name, rule in (
        ("available", "available >= 0 OR asset = 'standing' OR kind = 'arrears'"),
        ("arrears", "kind <> 'arrears' OR (available <= 0 AND held = 0)"),
        ("kind", "kind IN ('household', 'resident', 'escrow', 'merchant', 'pool', 'arrears', 'system')"),
    ):
        op.execute(f"ALTER TABLE points.account DROP CONSTRAINT IF EXISTS ck_account_{name}")
        op.create_check_constraint(op.f(f"ck_account_{name}"), "account", rule, schema="points")
    op.create_index(op.f("ix_lot_community_id_transfer_id"), "lot", ["community_id", "transfer_id"], schema="points")
    op.create_index(
        "ix_entry_system",
        "entry",
        ["community_id", "account_id"],
        schema="points",
        postgresql_include=["amount"],
        postgresql_where=sa.text("version IS NULL"),
    )
    _create_seals()
    _create_policies()
    for table in CHANGING:
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in ddl.tenant_table(SERVICE, table, append_only=True):
            op.execute(statement)
    # It takes one argument more now, and a second function of the name would stay beside the first.
    op.execute(
        "DROP FUNCTION IF EXISTS points.capture_hold(uuid, uuid, text, text, uuid, text, uuid, uuid, timestamptz)"
    )
    op.execute(
        "DROP FUNCTION IF EXISTS points.debit(uuid, uuid, text, bigint, text, text, uuid, text, int, uuid, uuid, timestamptz, timestamptz)"
    )
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)


def _create_seals() -> None:
    op.create_table(
        "seal",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("totals", postgresql.JSONB(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(root) = 32 AND octet_length(hash) = 32", name=op.f("ck_seal_hashes")),
        sa.PrimaryKeyConstraint("community_id", "number", name=op.f("pk_seal")),
        schema="points",
    )
    op.create_index("uq_seal_previous_hash", "seal", ["community_id", "previous_hash"], unique=True, schema="points")
    op.create_table(
        "seal_leaf",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "number"],
            ["points.seal.community_id", "points.seal.number"],
            name=op.f("fk_seal_leaf_community_id_number"),
        ),
        sa.PrimaryKeyConstraint("community_id", "number", "account_id", name=op.f("pk_seal_leaf")),
        schema="points",
    )
    op.create_index(
        "ix_seal_leaf_account",
        "seal_leaf",
        ["community_id", "account_id", sa.literal_column("number DESC")],
        schema="points",
    )
    op.create_table(
        "seal_schedule",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_seal_schedule")),
        schema="points",
    )
    op.create_index("ix_seal_schedule_due", "seal_schedule", ["due_at"], schema="points")
    op.execute("INSERT INTO points.seal_schedule SELECT DISTINCT community_id, now() FROM points.household")


def _create_policies() -> None:
    op.create_table(
        "points_policy",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opening_standing", sa.Integer(), nullable=False),
        sa.Column("is_base_spendable", sa.Boolean(), nullable=False),
        sa.Column("expiry_mode", sa.String(), nullable=False),
        sa.Column("expiry_months", sa.Integer(), nullable=False),
        sa.Column("expiry_month", sa.Integer(), nullable=False),
        sa.Column("expiry_day", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("opening_standing >= 0", name=op.f("ck_points_policy_opening_standing")),
        sa.CheckConstraint(
            "expiry_mode IN ('none', 'months', 'yearly') AND expiry_months BETWEEN 0 AND 120"
            " AND (expiry_mode <> 'months' OR expiry_months > 0)",
            name=op.f("ck_points_policy_expiry"),
        ),
        sa.CheckConstraint("make_date(2001, expiry_month, expiry_day) IS NOT NULL", name=op.f("ck_points_policy_day")),
        sa.PrimaryKeyConstraint("community_id", "version", name=op.f("pk_points_policy")),
        schema="points",
    )
    op.add_column("household", sa.Column("merged_into_id", sa.Uuid(), nullable=True), schema="points")
    op.add_column("lot", sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True), schema="points")
    op.create_index(
        "ix_lot_reminder",
        "lot",
        ["remind_at"],
        schema="points",
        postgresql_where=sa.text("remaining > 0 AND remind_at IS NOT NULL"),
    )
    op.create_index(
        "ix_lot_coming",
        "lot",
        ["community_id", "expires_at", "account_id"],
        schema="points",
        postgresql_where=sa.text("remaining > 0 AND expires_at IS NOT NULL"),
    )
