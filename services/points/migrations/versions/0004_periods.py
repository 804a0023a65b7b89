"""Periods with their statements, and boards with their rankings."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0004"
down_revision = "0003"

SERVICE = "points"
CHANGING = (
    "period",
    "period_objection",
    "ranking",
    "ranking_preference",
    "ranking_row",
    "board_entry",
    "board_exemption",
)
APPEND_ONLY = ("statement_edition", "statement_total", "statement_correction", "board_policy", "board_vote")
FUNCTIONS = ("periods/gate.sql", "statements/totals.sql", "rankings/rankings.sql")
TRIGGERS = (
    # A transfer that is dated back asks whether its day is still open; one that happens now need not.
    (
        "CREATE TRIGGER transfer_in_open_period BEFORE INSERT ON points.transfer FOR EACH ROW"
        " WHEN (NEW.event_at <> NEW.created_at) EXECUTE FUNCTION points.check_transfer_period()"
    ),
    (
        "CREATE TRIGGER period_stays_sealed BEFORE UPDATE OR DELETE ON points.period FOR EACH ROW"
        " WHEN (OLD.state = 'sealed') EXECUTE FUNCTION points.refuse_sealed_period()"
    ),
    (
        "CREATE TRIGGER statement_total_is_complete AFTER INSERT ON points.statement_total REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION points.refuse_late_totals()"
    ),
)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "period",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("previous_ends_on", sa.Date(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publicised_by", sa.Uuid(), nullable=True),
        sa.Column("publicised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objections_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_by", sa.Uuid(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("root", sa.String(), nullable=True),
        sa.Column("ledger_seal_number", sa.Integer(), nullable=True),
        sa.Column("ledger_seal_root", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'sealed') = (sealed_at IS NOT NULL AND root IS NOT NULL)", name=op.f("ck_period_sealed")
        ),
        sa.CheckConstraint(
            "(state IN ('publicised', 'sealed')) <= (objections_until IS NOT NULL AND edition > 0)",
            name=op.f("ck_period_hung"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'collecting', 'reviewed', 'publicised', 'sealed')", name=op.f("ck_period_state")
        ),
        sa.CheckConstraint("(previous_ends_on IS NULL) = (number = 1)", name=op.f("ck_period_first")),
        sa.CheckConstraint("begins_on < ends_on", name=op.f("ck_period_days")),
        sa.CheckConstraint(
            "previous_ends_on IS NULL OR begins_on = previous_ends_on + 1", name=op.f("ck_period_follows")
        ),
        sa.CheckConstraint(
            "publicised_by IS NULL OR publicised_by IS DISTINCT FROM reviewed_by", name=op.f("ck_period_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "previous_ends_on"],
            ["points.period.community_id", "points.period.ends_on"],
            name=op.f("fk_period_community_id_previous_ends_on"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_period")),
        sa.UniqueConstraint("community_id", "ends_on", name=op.f("uq_period_community_id_ends_on")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_period_community_id_number")),
        sa.UniqueConstraint(
            "community_id",
            "previous_ends_on",
            name=op.f("uq_period_community_id_previous_ends_on"),
            postgresql_nulls_not_distinct=True,
        ),
        schema="points",
    )
    op.create_index(
        "ix_period_collect_due",
        "period",
        ["ends_on"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_period_seal_due",
        "period",
        ["objections_until"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'publicised'"),
    )
    op.create_index(
        "ix_period_state",
        "period",
        ["community_id", "state", sa.literal_column("number DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "statement_edition",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_period_id", sa.Uuid(), nullable=True),
        sa.Column("previous_edition", sa.Integer(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_statement_edition_days")),
        sa.PrimaryKeyConstraint("community_id", "period_id", "edition", name=op.f("pk_statement_edition")),
        schema="points",
    )
    op.create_table(
        "period_objection",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (is_upheld IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL)",
            name=op.f("ck_period_objection_answered"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "period_id"],
            ["points.period.community_id", "points.period.id"],
            name=op.f("fk_period_objection_community_id_period_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_period_objection")),
        schema="points",
    )
    op.create_index(
        "ix_period_objection_period",
        "period_objection",
        ["community_id", "period_id", sa.literal_column("made_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_period_objection_open",
        "period_objection",
        ["community_id", "period_id", "household_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "statement_total",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("householder_name", sa.String(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("grid_name", sa.String(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("building_name", sa.String(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("standing_opening", sa.BigInteger(), nullable=False),
        sa.Column("standing_added", sa.BigInteger(), nullable=False),
        sa.Column("standing_taken", sa.BigInteger(), nullable=False),
        sa.Column("standing_corrected", sa.BigInteger(), nullable=False),
        sa.Column("standing_closing", sa.BigInteger(), nullable=False),
        sa.Column("spendable_opening", sa.BigInteger(), nullable=False),
        sa.Column("spendable_added", sa.BigInteger(), nullable=False),
        sa.Column("spendable_taken", sa.BigInteger(), nullable=False),
        sa.Column("spendable_corrected", sa.BigInteger(), nullable=False),
        sa.Column("spendable_closing", sa.BigInteger(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("deductions", sa.Integer(), nullable=False),
        sa.Column("score_e2", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "level IN ('household', 'building', 'grid', 'community')", name=op.f("ck_statement_total_level")
        ),
        sa.CheckConstraint(
            "spendable_closing = spendable_opening + spendable_added - spendable_taken + spendable_corrected",
            name=op.f("ck_statement_total_spendable"),
        ),
        sa.CheckConstraint(
            "standing_closing = standing_opening + standing_added - standing_taken + standing_corrected",
            name=op.f("ck_statement_total_standing"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "period_id", "edition"],
            [
                "points.statement_edition.community_id",
                "points.statement_edition.period_id",
                "points.statement_edition.edition",
            ],
            name=op.f("fk_statement_total_community_id_period_id_edition"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "period_id", "edition", "level", "subject_id", name=op.f("pk_statement_total")
        ),
        schema="points",
    )
    op.create_index(
        "ix_statement_total_building",
        "statement_total",
        ["community_id", "period_id", "edition", "building_id", "level", "label", "subject_id"],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_statement_total_grid",
        "statement_total",
        ["community_id", "period_id", "edition", "grid_id", "level", "label", "subject_id"],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_statement_total_label",
        "statement_total",
        ["community_id", "period_id", "edition", "level", "label", "subject_id"],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_statement_total_rank",
        "statement_total",
        ["community_id", "period_id", "edition", "level", "rank", "subject_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "statement_correction",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("original_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("original_summary", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "period_id", "edition"],
            [
                "points.statement_edition.community_id",
                "points.statement_edition.period_id",
                "points.statement_edition.edition",
            ],
            name=op.f("fk_statement_correction_community_id_period_id_edition"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "period_id", "edition", "transfer_id", name=op.f("pk_statement_correction")
        ),
        schema="points",
    )
    op.create_index(
        "ix_statement_correction_household",
        "statement_correction",
        ["community_id", "period_id", "edition", "household_id", "transfer_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "board_entry",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("tone", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("panel_quorum", sa.Integer(), nullable=False),
        sa.Column("cure_days", sa.Integer(), nullable=False),
        sa.Column("listing_days", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cure_until", sa.Date(), nullable=True),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.Column("removal_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("objection", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'listed') <= (decided_at IS NOT NULL AND listed_on IS NOT NULL AND removal_on > listed_on)",
            name=op.f("ck_board_entry_listed"),
        ),
        sa.CheckConstraint("(state = 'notified') <= (cure_until IS NOT NULL)", name=op.f("ck_board_entry_notified")),
        sa.CheckConstraint(
            "board = 'honour' OR listed_on IS NULL OR listed_on > cure_until", name=op.f("ck_board_entry_cured_first")
        ),
        sa.CheckConstraint("board IN ('honour', 'warning')", name=op.f("ck_board_entry_board")),
        sa.CheckConstraint(
            "state IN ('proposed', 'notified', 'disputed', 'cured', 'listed', 'removed', 'dismissed')",
            name=op.f("ck_board_entry_state"),
        ),
        sa.CheckConstraint("tone IN ('needs_help', 'warning')", name=op.f("ck_board_entry_tone")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_board_entry")),
        schema="points",
    )
    op.create_index(
        "ix_board_entry_household",
        "board_entry",
        ["community_id", "household_id", sa.literal_column("proposed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_board_entry_list_due",
        "board_entry",
        ["cure_until"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'notified'"),
    )
    op.create_index(
        "ix_board_entry_proposed",
        "board_entry",
        ["community_id", sa.literal_column("proposed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_board_entry_removal_due",
        "board_entry",
        ["removal_on"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state = 'listed'"),
    )
    op.create_index(
        "ix_board_entry_state",
        "board_entry",
        ["community_id", "board", "state", sa.literal_column("proposed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_board_entry_open",
        "board_entry",
        ["community_id", "board", "household_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("state IN ('proposed', 'notified', 'disputed', 'listed')"),
    )
    op.create_table(
        "board_exemption",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('minor', 'ill')", name=op.f("ck_board_exemption_kind")),
        sa.PrimaryKeyConstraint("community_id", "household_id", name=op.f("pk_board_exemption")),
        schema="points",
    )
    op.create_table(
        "board_policy",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("panel_quorum", sa.Integer(), nullable=False),
        sa.Column("cure_days", sa.Integer(), nullable=False),
        sa.Column("listing_days", sa.Integer(), nullable=False),
        sa.Column("is_warning_public", sa.Boolean(), nullable=False),
        sa.Column("is_ranking_public", sa.Boolean(), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "panel_quorum >= 3 AND cure_days > 0 AND listing_days > 0", name=op.f("ck_board_policy_terms")
        ),
        sa.PrimaryKeyConstraint("community_id", "version", name=op.f("pk_board_policy")),
        schema="points",
    )
    op.create_table(
        "ranking",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_ranking")),
        schema="points",
    )
    op.create_index("ix_ranking_due", "ranking", ["made_at"], unique=False, schema="points")
    op.create_table(
        "ranking_preference",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "household_id", name=op.f("pk_ranking_preference")),
        schema="points",
    )
    op.create_table(
        "ranking_row",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("householder_name", sa.String(), nullable=False),
        sa.Column("grid_name", sa.String(), nullable=False),
        sa.Column("building_name", sa.String(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("standing", sa.BigInteger(), nullable=False),
        sa.Column("score_e2", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint("level IN ('household', 'building', 'grid')", name=op.f("ck_ranking_row_level")),
        sa.PrimaryKeyConstraint("community_id", "edition", "level", "subject_id", name=op.f("pk_ranking_row")),
        schema="points",
    )
    op.create_index(
        "ix_ranking_row_rank",
        "ranking_row",
        ["community_id", "edition", "level", "rank", "subject_id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "board_vote",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "entry_id"],
            ["points.board_entry.community_id", "points.board_entry.id"],
            name=op.f("fk_board_vote_community_id_entry_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "entry_id", "account_id", name=op.f("pk_board_vote")),
        schema="points",
    )
    for table in CHANGING:
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in ddl.tenant_table(SERVICE, table, append_only=True):
            op.execute(statement)
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)
