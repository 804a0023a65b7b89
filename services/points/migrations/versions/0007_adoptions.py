"""Adoptions, merchants and awards."""

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0007"
down_revision = "0006"

SERVICE = "points"
CHANGING = (
    "award_policy",
    "award",
    "talent",
    "merchant",
    "shop_account",
    "offer",
    "voucher",
    "settlement",
    "adoption_asset",
    "adoption",
    "adoption_duty",
)
APPEND_ONLY = ("step",)


def upgrade() -> None:
    op.create_table(
        "adoption_asset",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("latitude_e6", sa.Integer(), nullable=True),
        sa.Column("longitude_e6", sa.Integer(), nullable=True),
        sa.Column("picture_id", sa.Uuid(), nullable=True),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("duty_days", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('tree', 'bench', 'stairwell', 'plot', 'equipment')", name=op.f("ck_adoption_asset_kind")
        ),
        sa.CheckConstraint("state IN ('offered', 'retired')", name=op.f("ck_adoption_asset_state")),
        sa.CheckConstraint(
            "(latitude_e6 IS NULL) = (longitude_e6 IS NULL) AND latitude_e6 BETWEEN -90000000 AND 90000000 AND longitude_e6 BETWEEN -180000000 AND 180000000",
            name=op.f("ck_adoption_asset_place"),
        ),
        sa.CheckConstraint("duty_days > 0", name=op.f("ck_adoption_asset_duty_days")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_adoption_asset")),
        schema="points",
    )
    op.create_index(
        "ix_adoption_asset_created",
        "adoption_asset",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_adoption_asset_kind",
        "adoption_asset",
        ["community_id", "kind", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "award",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("talent", sa.String(), nullable=False),
        sa.Column("nominator_account_id", sa.Uuid(), nullable=False),
        sa.Column("nominator_household_id", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("spendable", sa.Integer(), nullable=False),
        sa.Column("fee_months", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("panel_quorum", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("notice_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("standing_transfer_id", sa.Uuid(), nullable=True),
        sa.Column("spendable_transfer_id", sa.Uuid(), nullable=True),
        sa.Column("waiver_state", sa.String(), nullable=False),
        sa.Column("waiver_months", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("waiver_reason", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'published') <= (notice_ends_at IS NOT NULL)", name=op.f("ck_award_notice")),
        sa.CheckConstraint(
            "(state IN ('granted', 'revoked')) = (granted_at IS NOT NULL)", name=op.f("ck_award_granted")
        ),
        sa.CheckConstraint(
            "state IN ('nominated', 'decided', 'published', 'objected', 'granted', 'refused', 'withdrawn', 'revoked')",
            name=op.f("ck_award_state"),
        ),
        sa.CheckConstraint(
            "waiver_state IN ('none', 'pending', 'granted', 'refused', 'withdrawn')", name=op.f("ck_award_waiver_state")
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_award")),
        schema="points",
    )
    op.create_index(
        "ix_award_created",
        "award",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_award_due",
        "award",
        ["notice_ends_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index(
        "ix_award_household",
        "award",
        ["community_id", "household_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_award_state",
        "award",
        ["community_id", "state", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_award_open",
        "award",
        ["community_id", "household_id", "resident_id", "category"],
        unique=True,
        schema="points",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state IN ('nominated', 'decided', 'published', 'objected')"),
    )
    op.create_table(
        "award_policy",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("spendable", sa.Integer(), nullable=False),
        sa.Column("fee_months", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("panel_quorum", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("fee_months BETWEEN 0 AND 12", name=op.f("ck_award_policy_fee_months")),
        sa.CheckConstraint("notice_days > 0", name=op.f("ck_award_policy_notice_days")),
        sa.CheckConstraint("panel_quorum >= 3", name=op.f("ck_award_policy_panel_quorum")),
        sa.CheckConstraint("standing > 0 AND spendable > 0", name=op.f("ck_award_policy_points")),
        sa.CheckConstraint("version > 0", name=op.f("ck_award_policy_version")),
        sa.PrimaryKeyConstraint("community_id", "version", name=op.f("pk_award_policy")),
        schema="points",
    )
    op.create_index(
        op.f("ix_award_policy_community_id_effective_on_version"),
        "award_policy",
        ["community_id", "effective_on", "version"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "merchant",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('applied', 'active', 'suspended', 'refused', 'closed')", name=op.f("ck_merchant_state")
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_merchant")),
        schema="points",
    )
    op.create_index(
        "ix_merchant_created",
        "merchant",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_merchant_state",
        "merchant",
        ["community_id", "state", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "step",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_step")),
        schema="points",
    )
    op.create_index(
        op.f("ix_step_community_id_subject_id_id"),
        "step",
        ["community_id", "subject_id", "id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "talent",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("tagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "award_id", name=op.f("pk_talent")),
        schema="points",
    )
    op.create_index(
        "ix_talent_tag",
        "talent",
        ["community_id", "tag", sa.literal_column("tagged_at DESC"), sa.literal_column("award_id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_talent_tagged",
        "talent",
        ["community_id", sa.literal_column("tagged_at DESC"), sa.literal_column("award_id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "adoption",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("asset_name", sa.String(), nullable=False),
        sa.Column("adopter_kind", sa.String(), nullable=False),
        sa.Column("adopter_name", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("motive", sa.String(), nullable=False),
        sa.Column("agreement", sa.String(), nullable=False),
        sa.Column("plaque", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("duty_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duty_due_on", sa.Date(), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(adopter_kind IN ('resident', 'household')) = (household_id IS NOT NULL)",
            name=op.f("ck_adoption_adopter_household"),
        ),
        sa.CheckConstraint(
            "(state IN ('active', 'renewing')) <= (ends_on IS NOT NULL AND deadline_at IS NOT NULL AND remind_at IS NOT NULL)",
            name=op.f("ck_adoption_caring"),
        ),
        sa.CheckConstraint(
            "(state IN ('refused', 'withdrawn', 'released')) = (ended_at IS NOT NULL)", name=op.f("ck_adoption_ended")
        ),
        sa.CheckConstraint(
            "adopter_kind IN ('resident', 'household', 'firm', 'association')", name=op.f("ck_adoption_adopter_kind")
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'agreed', 'active', 'renewing', 'refused', 'withdrawn', 'released')",
            name=op.f("ck_adoption_state"),
        ),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_adoption_term")),
        sa.ForeignKeyConstraint(
            ["community_id", "asset_id"],
            ["points.adoption_asset.community_id", "points.adoption_asset.id"],
            name=op.f("fk_adoption_community_id_asset_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_adoption")),
        schema="points",
    )
    op.create_index(
        "ix_adoption_created",
        "adoption",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_adoption_deadline",
        "adoption",
        ["deadline_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state IN ('agreed', 'active', 'renewing')"),
    )
    op.create_index(
        "ix_adoption_household",
        "adoption",
        ["community_id", "household_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_adoption_remind",
        "adoption",
        ["remind_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state IN ('active', 'renewing')"),
    )
    op.create_index(
        "ix_adoption_state",
        "adoption",
        ["community_id", "state", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_adoption_live",
        "adoption",
        ["community_id", "asset_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("state IN ('applied', 'agreed', 'active', 'renewing')"),
    )
    op.create_table(
        "offer",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("value_fen", sa.Integer(), nullable=False),
        sa.Column("discount_percent", sa.Integer(), nullable=True),
        sa.Column("total_limit", sa.Integer(), nullable=True),
        sa.Column("household_limit", sa.Integer(), nullable=False),
        sa.Column("is_for_adopters", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voucher_days", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'points') = (points > 0 AND value_fen > 0 AND discount_percent IS NULL) AND (kind = 'discount') = (points = 0 AND value_fen = 0 AND discount_percent BETWEEN 1 AND 99)",
            name=op.f("ck_offer_terms"),
        ),
        sa.CheckConstraint("kind IN ('points', 'discount')", name=op.f("ck_offer_kind")),
        sa.CheckConstraint("state IN ('proposed', 'open', 'refused', 'closed')", name=op.f("ck_offer_state")),
        sa.CheckConstraint("household_limit > 0 AND voucher_days > 0", name=op.f("ck_offer_limits")),
        sa.CheckConstraint(
            "issued >= 0 AND (total_limit IS NULL OR issued <= total_limit)", name=op.f("ck_offer_issued")
        ),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_offer_period")),
        sa.ForeignKeyConstraint(
            ["community_id", "merchant_id"],
            ["points.merchant.community_id", "points.merchant.id"],
            name=op.f("fk_offer_community_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_offer")),
        schema="points",
    )
    op.create_index(
        "ix_offer_created",
        "offer",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_offer_merchant",
        "offer",
        ["community_id", "merchant_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "settlement",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_name", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("vouchers", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("countersigned_by", sa.Uuid(), nullable=True),
        sa.Column("paid_by", sa.Uuid(), nullable=True),
        sa.Column("payment_reference", sa.String(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_settlement_paid")),
        sa.CheckConstraint(
            "state IN ('drafted', 'disputed', 'merchant_confirmed', 'community_confirmed', 'paid')",
            name=op.f("ck_settlement_state"),
        ),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_settlement_month")),
        sa.CheckConstraint("paid_by IS NULL OR paid_by <> countersigned_by", name=op.f("ck_settlement_two_people")),
        sa.CheckConstraint("vouchers >= 0 AND points >= 0 AND value_fen >= 0", name=op.f("ck_settlement_totals")),
        sa.ForeignKeyConstraint(
            ["community_id", "merchant_id"],
            ["points.merchant.community_id", "points.merchant.id"],
            name=op.f("fk_settlement_community_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_settlement")),
        sa.UniqueConstraint(
            "community_id", "merchant_id", "month", name=op.f("uq_settlement_community_id_merchant_id_month")
        ),
        schema="points",
    )
    op.create_index(
        "ix_settlement_created",
        "settlement",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_settlement_merchant",
        "settlement",
        ["community_id", "merchant_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "shop_account",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("bound_by", sa.Uuid(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "merchant_id"],
            ["points.merchant.community_id", "points.merchant.id"],
            name=op.f("fk_shop_account_community_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "account_id", name=op.f("pk_shop_account")),
        schema="points",
    )
    op.create_index(
        op.f("ix_shop_account_community_id_merchant_id"),
        "shop_account",
        ["community_id", "merchant_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "adoption_duty",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("adoption_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=True),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("inspected_by", sa.Uuid(), nullable=True),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(result = 'logged') = (inspected_at IS NULL) AND (inspected_at IS NULL) = (inspected_by IS NULL)",
            name=op.f("ck_adoption_duty_inspected"),
        ),
        sa.CheckConstraint("points >= 0 AND (points = 0 OR result = 'passed')", name=op.f("ck_adoption_duty_points")),
        sa.CheckConstraint("result IN ('logged', 'passed', 'failed')", name=op.f("ck_adoption_duty_result")),
        sa.ForeignKeyConstraint(
            ["community_id", "adoption_id"],
            ["points.adoption.community_id", "points.adoption.id"],
            name=op.f("fk_adoption_duty_community_id_adoption_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_adoption_duty")),
        sa.UniqueConstraint(
            "community_id", "adoption_id", "done_on", name=op.f("uq_adoption_duty_community_id_adoption_id_done_on")
        ),
        schema="points",
    )
    op.create_index(
        "ix_adoption_duty_adoption",
        "adoption_duty",
        ["community_id", "adoption_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_adoption_duty_cap",
        "adoption_duty",
        ["community_id", "item_code", "done_on", "household_id"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("points > 0"),
    )
    op.create_index(
        "ix_adoption_duty_created",
        "adoption_duty",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "voucher",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_name", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("value_fen", sa.Integer(), nullable=False),
        sa.Column("discount_percent", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.Column("bill_fen", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settlement_id", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'used') <= (used_at IS NOT NULL AND used_by IS NOT NULL)", name=op.f("ck_voucher_used")
        ),
        sa.CheckConstraint("settlement_id IS NULL OR state = 'used'", name=op.f("ck_voucher_settled")),
        sa.CheckConstraint("state IN ('issued', 'used', 'expired', 'refunded')", name=op.f("ck_voucher_state")),
        sa.CheckConstraint("(points > 0) = (hold_id IS NOT NULL)", name=op.f("ck_voucher_hold")),
        sa.CheckConstraint("paid_at IS NULL OR settlement_id IS NOT NULL", name=op.f("ck_voucher_paid")),
        sa.CheckConstraint("points >= 0 AND value_fen >= 0", name=op.f("ck_voucher_amounts")),
        sa.ForeignKeyConstraint(
            ["community_id", "hold_id"],
            ["points.hold.community_id", "points.hold.id"],
            name=op.f("fk_voucher_community_id_hold_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "offer_id"],
            ["points.offer.community_id", "points.offer.id"],
            name=op.f("fk_voucher_community_id_offer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_voucher")),
        schema="points",
    )
    op.create_index(
        "ix_voucher_created",
        "voucher",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_voucher_due",
        "voucher",
        ["expires_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'issued'"),
    )
    op.create_index(
        "ix_voucher_household",
        "voucher",
        ["community_id", "household_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_voucher_limit", "voucher", ["community_id", "offer_id", "household_id"], unique=False, schema="points"
    )
    op.create_index(
        "ix_voucher_merchant",
        "voucher",
        ["community_id", "merchant_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_voucher_settlement",
        "voucher",
        ["community_id", "settlement_id", "used_at", "id"],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_voucher_unsettled",
        "voucher",
        ["community_id", "merchant_id", "used_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'used' AND settlement_id IS NULL"),
    )
    op.create_index(
        "uq_voucher_open_code",
        "voucher",
        ["community_id", "merchant_id", "code"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("state = 'issued'"),
    )
    for table in CHANGING:
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in ddl.tenant_table(SERVICE, table, append_only=True):
            op.execute(statement)
