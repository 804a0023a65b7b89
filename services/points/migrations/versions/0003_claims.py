"""Rulebook adoption and budgets; claims on behalf, in bulk and appealed."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0003"
down_revision = "0002"

SERVICE = "points"
CHANGING = (
    "rule_decision",
    "rulebook_draft",
    "budget",
    "budget_charge",
    "kinship",
    "photo_hash",
    "photo_band",
    "claim_photo",
    "claim_appeal",
    "claim_sheet",
    "claim_sheet_file",
    "claim_sheet_problem",
)
FUNCTIONS = ("budgets/budgets.sql", "claims/posting.sql", "claim_sheets/voting.sql")
MOMENT = sa.DateTime(timezone=True)
GROUPS = "\"group\" IN ('plus', 'minus', 'panel')"
NOBODY = "'00000000-0000-0000-0000-000000000000'"


def upgrade() -> None:
    """Take the step."""
    create_tables()
    change_rulebooks()
    change_claims()
    for table in CHANGING:
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)


def add(table: str, name: str, kind: sa.types.TypeEngine[Any], default: str | None = None) -> None:
    """Add a column; with a default it holds that for what is there and must be given from now on."""
    column = sa.Column(
        name, kind, nullable=default is None, server_default=None if default is None else sa.text(default)
    )
    op.add_column(table, column, schema="points")
    if default is not None:
        op.alter_column(table, name, server_default=None, schema="points")


def check(table: str, name: str, condition: str) -> None:
    """Add a check, in place of one of the same name."""
    op.execute(f"ALTER TABLE points.{table} DROP CONSTRAINT IF EXISTS ck_{table}_{name}")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition, schema="points")


def change_rulebooks() -> None:
    """Let a version name its decision, its minutes and how much a household may earn, and an item who claims and who verifies."""
    add("rulebook", "decision_id", sa.Uuid())
    add("rulebook", "minutes_asset_id", sa.Uuid())
    add("rulebook", "appeal_days", sa.Integer(), "30")
    add("rulebook", "household_cap_points", sa.Integer())
    add("rulebook", "household_cap_days", sa.Integer(), "61")
    op.alter_column("rulebook", "adopted_by", nullable=True, schema="points")
    check("rulebook", "appeal_days", "appeal_days > 0")
    check("rulebook", "household_cap", "household_cap_points > 0 AND household_cap_days > 0")
    op.create_foreign_key(
        op.f("fk_rulebook_community_id_decision_id"),
        "rulebook",
        "rule_decision",
        ["community_id", "decision_id"],
        ["community_id", "proposal_id"],
        source_schema="points",
        referent_schema="points",
    )
    add("rule_item", "community_cap_count", sa.Integer())
    add("rule_item", "max_quantity", sa.Integer(), "1")
    add("rule_item", "claimants", postgresql.ARRAY(sa.Text()), "'{household}'")
    add("rule_item", "verifier", sa.String(), "'grid_worker'")
    check("rule_item", "group", GROUPS)
    check("rule_item", "community_cap", "community_cap_count > 0")
    check("rule_item", "max_quantity", "max_quantity > 0")
    check("rule_item", "verifier", "verifier IN ('grid_worker', 'building_head', 'assessor')")


def change_claims() -> None:
    """Let a claim be a draft, a deduction, one of many on a sheet, and be reversed."""
    add("claim", "building_id", sa.Uuid(), NOBODY)
    op.execute(
        "UPDATE points.claim c SET building_id = h.building_id FROM points.household h"
        " WHERE h.community_id = c.community_id AND h.id = c.household_id"
    )
    add("claim", "is_on_behalf", sa.Boolean(), "false")
    add("claim", "member_ids", postgresql.ARRAY(sa.Uuid()), "'{}'")
    add("claim", "group", sa.String(), "'plus'")
    add("claim", "verifier", sa.String(), "'grid_worker'")
    add("claim", "quantity", sa.Integer(), "1")
    add("claim", "appeal_days", sa.Integer(), "30")
    add("claim", "post_after", MOMENT)
    add("claim", "resubmits_id", sa.Uuid())
    add("claim", "sheet_id", sa.Uuid())
    add("claim", "posted_at", MOMENT)
    add("claim", "reversed_at", MOMENT)
    op.execute(
        "UPDATE points.claim SET post_after = notice_ends_at, posted_at = CASE state WHEN 'posted' THEN notice_ends_at END"
    )
    states = "'draft', 'submitted', 'verified', 'voted', 'publicised', 'posted', 'reversed', 'rejected', 'withdrawn'"
    check("claim", "state", f"state IN ({states})")
    check("claim", "quantity", "quantity > 0")
    check("claim", "group", GROUPS)
    check("claim", "posted", "(state IN ('posted', 'reversed')) = (posted_at IS NOT NULL)")
    op.drop_index("ix_claim_due", table_name="claim", schema="points")
    op.create_index(
        "ix_claim_due",
        "claim",
        ["post_after"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'publicised'"),
    )
    op.create_index(
        "ix_claim_community_cap", "claim", ["community_id", "item_code", "happened_on"], unique=False, schema="points"
    )
    op.create_index(
        "ix_claim_grid",
        "claim",
        ["community_id", "grid_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_claim_item",
        "claim",
        ["community_id", "item_code", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_claim_sheet_line",
        "claim",
        ["community_id", "sheet_id", "household_id"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("sheet_id IS NOT NULL"),
    )
    op.create_index(
        "uq_claim_resubmits",
        "claim",
        ["community_id", "resubmits_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("resubmits_id IS NOT NULL AND state <> 'withdrawn'"),
    )
    op.create_index(
        "uq_claim_objection_household",
        "claim_objection",
        ["community_id", "claim_id", "household_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def create_tables() -> None:
    """Create what is new."""
    op.create_table(
        "rule_decision",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("result_hash", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "proposal_id", name=op.f("pk_rule_decision")),
        schema="points",
    )
    op.create_index(
        "ix_rule_decision_published",
        "rule_decision",
        ["community_id", "published_at", "proposal_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "rulebook_draft",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("adopted_version", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'adopted') = (adopted_version IS NOT NULL)", name=op.f("ck_rulebook_draft_adopted")
        ),
        sa.CheckConstraint("state IN ('draft', 'adopted', 'discarded')", name=op.f("ck_rulebook_draft_state")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_rulebook_draft_revision")),
        sa.ForeignKeyConstraint(
            ["community_id", "adopted_version"],
            ["points.rulebook.community_id", "points.rulebook.version"],
            name=op.f("fk_rulebook_draft_community_id_adopted_version"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_rulebook_draft")),
        schema="points",
    )
    op.create_index(
        "ix_rulebook_draft_created",
        "rulebook_draft",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_rulebook_draft_proposal",
        "rulebook_draft",
        ["community_id", "proposal_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "budget",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("charged BETWEEN 0 AND amount", name=op.f("ck_budget_charged")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_budget_days")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_budget")),
        schema="points",
    )
    op.create_index(
        "ix_budget_created",
        "budget",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index("ix_budget_days", "budget", ["community_id", "ends_on", "starts_on"], unique=False, schema="points")
    op.create_table(
        "budget_charge",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("charged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_budget_charge_amount")),
        sa.ForeignKeyConstraint(
            ["community_id", "budget_id"],
            ["points.budget.community_id", "points.budget.id"],
            name=op.f("fk_budget_charge_community_id_budget_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "source_id", name=op.f("pk_budget_charge")),
        schema="points",
    )
    op.create_index(
        op.f("ix_budget_charge_community_id_budget_id"),
        "budget_charge",
        ["community_id", "budget_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "kinship",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_kinship")),
        schema="points",
    )
    op.create_index(
        "ix_kinship_declared",
        "kinship",
        ["community_id", sa.literal_column("declared_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_kinship_standing",
        "kinship",
        ["community_id", "account_id", "household_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "photo_hash",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("dhash", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "asset_id", name=op.f("pk_photo_hash")),
        schema="points",
    )
    op.create_table(
        "photo_band",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "band", "asset_id", name=op.f("pk_photo_band")),
        schema="points",
    )
    op.create_table(
        "claim_photo",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "asset_id", "claim_id", name=op.f("pk_claim_photo")),
        schema="points",
    )
    op.create_index("ix_claim_photo_claim", "claim_photo", ["community_id", "claim_id"], unique=False, schema="points")
    op.create_table(
        "claim_appeal",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('upheld', 'dismissed')) = (answered_by IS NOT NULL)", name=op.f("ck_claim_appeal_answered")
        ),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed', 'withdrawn')", name=op.f("ck_claim_appeal_state")),
        sa.ForeignKeyConstraint(
            ["community_id", "claim_id"],
            ["points.claim.community_id", "points.claim.id"],
            name=op.f("fk_claim_appeal_community_id_claim_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_claim_appeal")),
        schema="points",
    )
    op.create_index(
        "ix_claim_appeal_claim", "claim_appeal", ["community_id", "claim_id"], unique=False, schema="points"
    )
    op.create_index(
        "ix_claim_appeal_household",
        "claim_appeal",
        ["community_id", "household_id", sa.literal_column("made_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_claim_appeal_made",
        "claim_appeal",
        ["community_id", sa.literal_column("made_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_claim_appeal_state",
        "claim_appeal",
        ["community_id", "state", sa.literal_column("made_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_claim_appeal_open",
        "claim_appeal",
        ["community_id", "claim_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "claim_sheet",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("problem_count", sa.Integer(), nullable=False),
        sa.Column("plus_points", sa.Integer(), nullable=False),
        sa.Column("minus_points", sa.Integer(), nullable=False),
        sa.Column("refusal_code", sa.String(), nullable=True),
        sa.Column("refusal_detail", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checked', 'refused', 'applying', 'applied', 'discarded')",
            name=op.f("ck_claim_sheet_state"),
        ),
        sa.CheckConstraint("attempts >= 0 AND done >= 0 AND total >= done", name=op.f("ck_claim_sheet_progress")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_claim_sheet")),
        schema="points",
    )
    op.create_index(
        "ix_claim_sheet_due",
        "claim_sheet",
        ["uploaded_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state IN ('uploaded', 'applying')"),
    )
    op.create_index(
        "ix_claim_sheet_uploaded",
        "claim_sheet",
        ["community_id", sa.literal_column("uploaded_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "claim_sheet_file",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "sheet_id"],
            ["points.claim_sheet.community_id", "points.claim_sheet.id"],
            name=op.f("fk_claim_sheet_file_community_id_sheet_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "sheet_id", name=op.f("pk_claim_sheet_file")),
        schema="points",
    )
    op.create_table(
        "claim_sheet_problem",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("column", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "sheet_id"],
            ["points.claim_sheet.community_id", "points.claim_sheet.id"],
            name=op.f("fk_claim_sheet_problem_community_id_sheet_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "sheet_id", "number", name=op.f("pk_claim_sheet_problem")),
        schema="points",
    )
