"""Suppliers, stock-takes, prices and funds of the store; baskets, installations, deliveries and offline pickups."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0005"
down_revision = "0004"

SERVICE = "points"
CHANGING = ("supplier", "fund_account", "stocktake", "stocktake_line", "installation", "delivery")
APPEND_ONLY = (
    "product_price",
    "fund_transfer",
    "fund_entry",
    "basket",
    "basket_line",
    "offline_list",
    "offline_pickup",
)
FUNCTIONS = ("redemptions/release.sql", "redemptions/redeem.sql", "baskets/basket.sql", "funds/funds.sql")
HELD_STATES = "state IN ('reserved', 'ready', 'scheduled')"
STATES = "'reserved', 'ready', 'scheduled', 'picked_up', 'installed', 'accepted', 'returned', 'cancelled', 'expired'"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "basket",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_basket")),
        schema="points",
    )
    op.create_index(
        op.f("ix_basket_community_id_household_id_id"),
        "basket",
        ["community_id", "household_id", "id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "fund_account",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind <> 'fund' OR balance_fen >= 0", name=op.f("ck_fund_account_balance")),
        sa.CheckConstraint("kind IN ('fund', 'income', 'spending')", name=op.f("ck_fund_account_kind")),
        sa.CheckConstraint("source IN ('fiscal', 'donation', 'collective')", name=op.f("ck_fund_account_source")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_fund_account")),
        sa.UniqueConstraint("community_id", "fund_id", "kind", name=op.f("uq_fund_account_community_id_fund_id_kind")),
        sa.UniqueConstraint("community_id", "kind", "name", name=op.f("uq_fund_account_community_id_kind_name")),
        schema="points",
    )
    op.create_table(
        "offline_list",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_offline_list")),
        schema="points",
    )
    op.create_table(
        "stocktake",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("clerk_account_id", sa.Uuid(), nullable=False),
        sa.Column("clerk_name", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.CheckConstraint(
            "decided_by IS NULL OR state <> 'approved' OR decided_by <> clerk_account_id",
            name=op.f("ck_stocktake_two_people"),
        ),
        sa.CheckConstraint(
            "state IN ('counting', 'submitted', 'approved', 'cancelled')", name=op.f("ck_stocktake_state")
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_stocktake")),
        schema="points",
    )
    op.create_index(
        "ix_stocktake_started",
        "stocktake",
        ["community_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "supplier",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_supplier_community_id_name")),
        schema="points",
    )
    op.create_table(
        "fund_transfer",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("from_account_id", sa.Uuid(), nullable=False),
        sa.Column("to_account_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("counterparty", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("acting_account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('income', 'spending', 'reversal')", name=op.f("ck_fund_transfer_kind")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_fund_transfer_amount_fen")),
        sa.CheckConstraint("from_account_id <> to_account_id", name=op.f("ck_fund_transfer_two_accounts")),
        sa.ForeignKeyConstraint(
            ["community_id", "from_account_id"],
            ["points.fund_account.community_id", "points.fund_account.id"],
            name=op.f("fk_fund_transfer_community_id_from_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "to_account_id"],
            ["points.fund_account.community_id", "points.fund_account.id"],
            name=op.f("fk_fund_transfer_community_id_to_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_fund_transfer")),
        sa.UniqueConstraint(
            "community_id", "kind", "source_id", name=op.f("uq_fund_transfer_community_id_kind_source_id")
        ),
        sa.UniqueConstraint("community_id", "reverses_id", name=op.f("uq_fund_transfer_community_id_reverses_id")),
        schema="points",
    )
    op.create_index(
        "ix_fund_transfer_fund",
        "fund_transfer",
        ["community_id", "fund_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "offline_pickup",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proxy_name", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("other_device", sa.String(), nullable=True),
        sa.Column("other_handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('applied', 'used_twice', 'code_wrong', 'already_ended', 'own_counter', 'outside_list')",
            name=op.f("ck_offline_pickup_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "list_id"],
            ["points.offline_list.community_id", "points.offline_list.id"],
            name=op.f("fk_offline_pickup_community_id_list_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_offline_pickup")),
        sa.UniqueConstraint(
            "community_id",
            "list_id",
            "redemption_id",
            "handed_over_at",
            name=op.f("uq_offline_pickup_community_id_list_id_redemption_id_handed_over_at"),
        ),
        schema="points",
    )
    op.create_index(
        "ix_offline_pickup_conflict",
        "offline_pickup",
        ["community_id", sa.literal_column("uploaded_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
        postgresql_where=sa.text("outcome <> 'applied'"),
    )
    op.create_index(
        "uq_offline_pickup_applied",
        "offline_pickup",
        ["community_id", "redemption_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("outcome = 'applied'"),
    )
    op.create_table(
        "product_price",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("price_points", sa.Integer(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("price_points > 0", name=op.f("ck_product_price_price_points")),
        sa.ForeignKeyConstraint(
            ["community_id", "product_id"],
            ["points.product.community_id", "points.product.id"],
            name=op.f("fk_product_price_community_id_product_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_product_price")),
        schema="points",
    )
    op.create_index(
        "ix_product_price_product",
        "product_price",
        ["community_id", "product_id", sa.literal_column("effective_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "fund_entry",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("balance_after_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id"],
            ["points.fund_transfer.community_id", "points.fund_transfer.id"],
            name=op.f("fk_fund_entry_community_id_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "transfer_id", "account_id", name=op.f("pk_fund_entry")),
        schema="points",
    )
    op.create_table(
        "stocktake_line",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("stocktake_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_stocktake_line_counted")),
        sa.ForeignKeyConstraint(
            ["community_id", "batch_id"],
            ["points.batch.community_id", "points.batch.id"],
            name=op.f("fk_stocktake_line_community_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "stocktake_id"],
            ["points.stocktake.community_id", "points.stocktake.id"],
            name=op.f("fk_stocktake_line_community_id_stocktake_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "stocktake_id", "batch_id", name=op.f("pk_stocktake_line")),
        schema="points",
    )
    op.create_table(
        "basket_line",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("basket_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "basket_id"],
            ["points.basket.community_id", "points.basket.id"],
            name=op.f("fk_basket_line_community_id_basket_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "redemption_id"],
            ["points.redemption.community_id", "points.redemption.id"],
            name=op.f("fk_basket_line_community_id_redemption_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "redemption_id", name=op.f("pk_basket_line")),
        schema="points",
    )
    op.create_index(
        op.f("ix_basket_line_community_id_basket_id"),
        "basket_line",
        ["community_id", "basket_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "delivery",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("building_name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reward_points", sa.Integer(), nullable=False),
        sa.Column("is_charged", sa.Boolean(), nullable=False),
        sa.Column("volunteer_account_id", sa.Uuid(), nullable=True),
        sa.Column("volunteer_household_id", sa.Uuid(), nullable=True),
        sa.Column("volunteer_name", sa.String(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'taken', 'sent', 'delivered', 'cancelled')", name=op.f("ck_delivery_state")
        ),
        sa.CheckConstraint("reward_points >= 0", name=op.f("ck_delivery_reward_points")),
        sa.CheckConstraint("volunteer_household_id <> household_id", name=op.f("ck_delivery_volunteer")),
        sa.ForeignKeyConstraint(
            ["community_id", "redemption_id"],
            ["points.redemption.community_id", "points.redemption.id"],
            name=op.f("fk_delivery_community_id_redemption_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_delivery")),
        schema="points",
    )
    op.create_index(
        "ix_delivery_requested",
        "delivery",
        ["community_id", sa.literal_column("requested_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_delivery_state",
        "delivery",
        ["community_id", "state", sa.literal_column("requested_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_delivery_open",
        "delivery",
        ["community_id", "redemption_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("state IN ('requested', 'taken', 'sent')"),
    )
    op.create_table(
        "installation",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheduled_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_name", sa.String(), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accept_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("is_accepted_silently", sa.Boolean(), nullable=False),
        sa.Column("conflict", sa.String(), nullable=False),
        sa.CheckConstraint("(outcome = '') = (ended_at IS NULL)", name=op.f("ck_installation_ended")),
        sa.CheckConstraint(
            "outcome IN ('', 'accepted', 'cancelled', 'expired', 'picked_up', 'returned')",
            name=op.f("ck_installation_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "redemption_id"],
            ["points.redemption.community_id", "points.redemption.id"],
            name=op.f("fk_installation_community_id_redemption_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "redemption_id", name=op.f("pk_installation")),
        schema="points",
    )
    op.create_index(
        "ix_installation_ordered",
        "installation",
        ["community_id", sa.literal_column("ordered_at DESC"), sa.literal_column("redemption_id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_installation_silent",
        "installation",
        ["accept_by"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("installed_at IS NOT NULL AND ended_at IS NULL"),
    )
    op.add_column("batch", sa.Column("fund_id", sa.Uuid(), nullable=True), schema="points")
    op.add_column("batch", sa.Column("supplier_id", sa.Uuid(), nullable=True), schema="points")
    op.create_index(
        "ix_batch_keeps_until",
        "batch",
        ["community_id", "keeps_until_on", "id"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("keeps_until_on IS NOT NULL"),
    )
    op.add_column("product", sa.Column("low_stock_threshold", sa.Integer(), nullable=True), schema="points")
    op.add_column("product", sa.Column("low_stock_told_at", sa.DateTime(timezone=True), nullable=True), schema="points")
    op.create_index(
        "ix_product_watched",
        "product",
        ["community_id", "id"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("low_stock_threshold IS NOT NULL AND low_stock_told_at IS NULL AND state = 'on_sale'"),
    )
    op.add_column("redemption", sa.Column("proxy_for", sa.String(), nullable=True), schema="points")
    op.add_column("stock_bucket", sa.Column("sell_until", sa.DateTime(timezone=True), nullable=True), schema="points")
    op.create_index(
        "ix_stock_move_created",
        "stock_move",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )

    op.create_index(
        "ix_delivery_unused_charge",
        "delivery",
        ["id"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("is_charged AND state = 'cancelled'"),
    )
    op.create_index(
        "ix_installation_household",
        "installation",
        ["community_id", "household_id", sa.literal_column("ordered_at DESC"), sa.literal_column("redemption_id DESC")],
        unique=False,
        schema="points",
    )
    # Goods that are fitted have states of their own, and a scheduled one still holds points and stock.
    op.execute("ALTER TABLE points.redemption DROP CONSTRAINT ck_redemption_state")
    op.execute(f"ALTER TABLE points.redemption ADD CONSTRAINT ck_redemption_state CHECK (state IN ({STATES}))")
    op.execute("DROP INDEX points.ix_redemption_due")
    op.execute(f"CREATE INDEX ix_redemption_due ON points.redemption (expires_at) WHERE {HELD_STATES}")
    op.execute("ALTER TABLE points.stock_bucket DISABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE points.batch DISABLE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE points.stock_bucket s SET sell_until = (b.keeps_until_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'"
        " FROM points.batch b WHERE b.community_id = s.community_id AND b.id = s.batch_id AND b.keeps_until_on IS NOT NULL"
    )
    op.execute("ALTER TABLE points.stock_bucket ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE points.batch ENABLE ROW LEVEL SECURITY")
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
        "CREATE CONSTRAINT TRIGGER fund_transfer_zero_sum AFTER INSERT ON points.fund_transfer"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION points.check_fund_zero_sum()"
    )
