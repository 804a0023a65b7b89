"""Ledger, rulebooks, claims, store and redemptions."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0001"
down_revision = None

SERVICE = "points"
CHANGING = (
    "household",
    "account",
    "lot",
    "lot_use",
    "product",
    "stock_bucket",
    "quota",
    "redemption",
    "claim",
    "claim_objection",
)
APPEND_ONLY = ("transfer", "entry", "hold", "hold_end", "batch", "stock_move", "rulebook", "rule_item", "claim_vote")
FUNCTIONS = ("ledger/ledger.sql", "redemptions/release.sql", "redemptions/redeem.sql")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("asset IN ('standing', 'spendable', 'time')", name=op.f("ck_account_asset")),
        sa.CheckConstraint(
            "kind IN ('household', 'resident', 'escrow', 'merchant', 'system')", name=op.f("ck_account_kind")
        ),
        sa.CheckConstraint("available >= 0", name=op.f("ck_account_available")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_account_held")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "community_id", "kind", "owner_id", "asset", name=op.f("uq_account_community_id_kind_owner_id_asset")
        ),
        schema="points",
    )
    op.create_table(
        "household",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("householder_name", sa.String(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("grid_name", sa.String(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("building_name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_household")),
        schema="points",
    )
    op.create_table(
        "product",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("price_points", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("household_limit", sa.Integer(), nullable=False),
        sa.Column("limit_window_days", sa.Integer(), nullable=False),
        sa.Column("hold_hours", sa.Integer(), nullable=False),
        sa.Column("buckets", sa.Integer(), nullable=False),
        sa.Column("picture_asset_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('goods', 'installation', 'service', 'honour')", name=op.f("ck_product_kind")),
        sa.CheckConstraint("state IN ('draft', 'on_sale', 'withdrawn')", name=op.f("ck_product_state")),
        sa.CheckConstraint("household_limit > 0", name=op.f("ck_product_household_limit")),
        sa.CheckConstraint("price_points > 0", name=op.f("ck_product_price_points")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_product")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_product_community_id_code")),
        schema="points",
    )
    op.create_index(
        op.f("ix_product_community_id_state_id"),
        "product",
        ["community_id", "state", "id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "quota",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("window_number", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_quota_used")),
        sa.PrimaryKeyConstraint("community_id", "household_id", "product_id", "window_number", name=op.f("pk_quota")),
        schema="points",
    )
    op.create_table(
        "rulebook",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("panel_quorum", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("notice_days > 0", name=op.f("ck_rulebook_notice_days")),
        sa.CheckConstraint("panel_quorum >= 3", name=op.f("ck_rulebook_panel_quorum")),
        sa.CheckConstraint("version > 0", name=op.f("ck_rulebook_version")),
        sa.PrimaryKeyConstraint("community_id", "version", name=op.f("pk_rulebook")),
        schema="points",
    )
    op.create_index(
        op.f("ix_rulebook_community_id_effective_on_version"),
        "rulebook",
        ["community_id", "effective_on", "version"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "stock_move",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("bucket_number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("acting_account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source IN ('supplier', 'shelf', 'reserved', 'household', 'loss') AND destination IN ('supplier', 'shelf', 'reserved', 'household', 'loss')",
            name=op.f("ck_stock_move_places"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_move_quantity")),
        sa.CheckConstraint("source <> destination", name=op.f("ck_stock_move_two_places")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_stock_move")),
        schema="points",
    )
    op.create_index(
        op.f("ix_stock_move_community_id_cause_id"),
        "stock_move",
        ["community_id", "cause_id"],
        unique=False,
        schema="points",
    )
    op.create_index(
        op.f("ix_stock_move_community_id_product_id_created_at_id"),
        "stock_move",
        ["community_id", "product_id", "created_at", "id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "batch",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cost_fen", sa.Integer(), nullable=False),
        sa.Column("fund_source", sa.String(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("keeps_until_on", sa.Date(), nullable=True),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("fund_source IN ('fiscal', 'donation', 'collective')", name=op.f("ck_batch_fund_source")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_batch_quantity")),
        sa.CheckConstraint("unit_cost_fen >= 0", name=op.f("ck_batch_unit_cost_fen")),
        sa.ForeignKeyConstraint(
            ["community_id", "product_id"],
            ["points.product.community_id", "points.product.id"],
            name=op.f("fk_batch_community_id_product_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_batch")),
        schema="points",
    )
    op.create_index(
        op.f("ix_batch_community_id_product_id"), "batch", ["community_id", "product_id"], unique=False, schema="points"
    )
    op.create_table(
        "entry",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("available_after", sa.BigInteger(), nullable=True),
        sa.Column("held_after", sa.BigInteger(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["points.account.community_id", "points.account.id"],
            name=op.f("fk_entry_community_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_entry")),
        schema="points",
    )
    op.create_index(
        "ix_entry_account",
        "entry",
        ["community_id", "account_id", sa.literal_column("version DESC")],
        unique=True,
        schema="points",
    )
    op.create_index(
        op.f("ix_entry_community_id_transfer_id"),
        "entry",
        ["community_id", "transfer_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "hold",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_amount")),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["points.account.community_id", "points.account.id"],
            name=op.f("fk_hold_community_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_hold")),
        schema="points",
    )
    op.create_index(
        op.f("ix_hold_community_id_account_id"), "hold", ["community_id", "account_id"], unique=False, schema="points"
    )
    op.create_table(
        "lot",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("remaining >= 0 AND remaining <= amount", name=op.f("ck_lot_remaining")),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["points.account.community_id", "points.account.id"],
            name=op.f("fk_lot_community_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_lot")),
        schema="points",
    )
    op.create_index(
        "ix_lot_expiring",
        "lot",
        ["expires_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("remaining > 0 AND expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_lot_open",
        "lot",
        ["community_id", "account_id", "expires_at", "id"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_table(
        "rule_item",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("cap_count", sa.Integer(), nullable=False),
        sa.Column("cap_days", sa.Integer(), nullable=False),
        sa.Column("photos_required", sa.Integer(), nullable=False),
        sa.CheckConstraint("\"group\" IN ('plus', 'minus')", name=op.f("ck_rule_item_group")),
        sa.CheckConstraint("cap_count > 0 AND cap_days > 0", name=op.f("ck_rule_item_cap")),
        sa.CheckConstraint("points > 0", name=op.f("ck_rule_item_points")),
        sa.ForeignKeyConstraint(
            ["community_id", "version"],
            ["points.rulebook.community_id", "points.rulebook.version"],
            name=op.f("fk_rule_item_community_id_version"),
        ),
        sa.PrimaryKeyConstraint("community_id", "version", "code", name=op.f("pk_rule_item")),
        schema="points",
    )
    op.create_table(
        "transfer",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("from_account_id", sa.Uuid(), nullable=False),
        sa.Column("to_account_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("acting_account_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_amount")),
        sa.CheckConstraint("from_account_id <> to_account_id", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(
            ["community_id", "from_account_id"],
            ["points.account.community_id", "points.account.id"],
            name=op.f("fk_transfer_community_id_from_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "reverses_id"],
            ["points.transfer.community_id", "points.transfer.id"],
            name=op.f("fk_transfer_community_id_reverses_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "to_account_id"],
            ["points.account.community_id", "points.account.id"],
            name=op.f("fk_transfer_community_id_to_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_transfer")),
        sa.UniqueConstraint(
            "community_id", "asset", "kind", "source_id", name=op.f("uq_transfer_community_id_asset_kind_source_id")
        ),
        sa.UniqueConstraint("community_id", "reverses_id", name=op.f("uq_transfer_community_id_reverses_id")),
        schema="points",
    )
    op.create_index(
        op.f("ix_transfer_community_id_event_at_id"),
        "transfer",
        ["community_id", "event_at", "id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "claim",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("item_name", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("panel_quorum", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("notice_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'publicised') <= (notice_ends_at IS NOT NULL)", name=op.f("ck_claim_notice")),
        sa.CheckConstraint(
            "state IN ('submitted', 'verified', 'voted', 'publicised', 'posted', 'rejected', 'withdrawn')",
            name=op.f("ck_claim_state"),
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_claim_points")),
        sa.ForeignKeyConstraint(
            ["community_id", "rulebook_version", "item_code"],
            ["points.rule_item.community_id", "points.rule_item.version", "points.rule_item.code"],
            name=op.f("fk_claim_community_id_rulebook_version_item_code"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_claim")),
        schema="points",
    )
    op.create_index(
        "ix_claim_cap",
        "claim",
        ["community_id", "household_id", "item_code", "happened_on"],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_claim_created",
        "claim",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_claim_due",
        "claim",
        ["notice_ends_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'publicised'"),
    )
    op.create_index(
        "ix_claim_household",
        "claim",
        ["community_id", "household_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_claim_state",
        "claim",
        ["community_id", "state", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "hold_end",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('captured', 'released', 'expired')", name=op.f("ck_hold_end_outcome")),
        sa.ForeignKeyConstraint(
            ["community_id", "hold_id"],
            ["points.hold.community_id", "points.hold.id"],
            name=op.f("fk_hold_end_community_id_hold_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "hold_id", name=op.f("pk_hold_end")),
        schema="points",
    )
    op.create_table(
        "lot_use",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("used_by", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("restored", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_lot_use_amount")),
        sa.CheckConstraint("restored >= 0 AND restored <= amount", name=op.f("ck_lot_use_restored")),
        sa.ForeignKeyConstraint(
            ["community_id", "lot_id"],
            ["points.lot.community_id", "points.lot.id"],
            name=op.f("fk_lot_use_community_id_lot_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "used_by", "lot_id", name=op.f("pk_lot_use")),
        schema="points",
    )
    op.create_index(
        op.f("ix_lot_use_community_id_lot_id"), "lot_use", ["community_id", "lot_id"], unique=False, schema="points"
    )
    op.create_table(
        "redemption",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("bucket_number", sa.Integer(), nullable=False),
        sa.Column("window_number", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("pickup_code", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by", sa.Uuid(), nullable=True),
        sa.Column("proxy_name", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('reserved', 'ready', 'picked_up', 'returned', 'cancelled', 'expired')",
            name=op.f("ck_redemption_state"),
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_redemption_points")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_redemption_quantity")),
        sa.ForeignKeyConstraint(
            ["community_id", "hold_id"],
            ["points.hold.community_id", "points.hold.id"],
            name=op.f("fk_redemption_community_id_hold_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "product_id"],
            ["points.product.community_id", "points.product.id"],
            name=op.f("fk_redemption_community_id_product_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_redemption")),
        schema="points",
    )
    op.create_index(
        "ix_redemption_created",
        "redemption",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_redemption_due",
        "redemption",
        ["expires_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state IN ('reserved', 'ready')"),
    )
    op.create_index(
        "ix_redemption_household",
        "redemption",
        ["community_id", "household_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_redemption_state",
        "redemption",
        ["community_id", "state", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_redemption_open_code",
        "redemption",
        ["community_id", "pickup_code"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("state IN ('reserved', 'ready')"),
    )
    op.create_table(
        "stock_bucket",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("available", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.CheckConstraint("available >= 0", name=op.f("ck_stock_bucket_available")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_bucket_reserved")),
        sa.ForeignKeyConstraint(
            ["community_id", "batch_id"],
            ["points.batch.community_id", "points.batch.id"],
            name=op.f("fk_stock_bucket_community_id_batch_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "product_id", "batch_id", "number", name=op.f("pk_stock_bucket")),
        schema="points",
    )
    op.create_table(
        "claim_objection",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (is_upheld IS NULL)", name=op.f("ck_claim_objection_answered")),
        sa.ForeignKeyConstraint(
            ["community_id", "claim_id"],
            ["points.claim.community_id", "points.claim.id"],
            name=op.f("fk_claim_objection_community_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_claim_objection")),
        schema="points",
    )
    op.create_index(
        op.f("ix_claim_objection_community_id_claim_id"),
        "claim_objection",
        ["community_id", "claim_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "claim_vote",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "claim_id"],
            ["points.claim.community_id", "points.claim.id"],
            name=op.f("fk_claim_vote_community_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "claim_id", "account_id", name=op.f("pk_claim_vote")),
        schema="points",
    )
    for statement in ddl.create_roles(SERVICE):
        op.execute(statement)
    for statement in ddl.plumbing(SERVICE):
        op.execute(statement)
    for table in CHANGING:
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in ddl.tenant_table(SERVICE, table, append_only=True):
            op.execute(statement)
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
    op.execute(
        "CREATE CONSTRAINT TRIGGER transfer_zero_sum AFTER INSERT ON points.transfer"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION points.check_zero_sum()"
    )
