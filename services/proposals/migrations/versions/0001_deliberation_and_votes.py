"""Deliberation, rolls, rounds, ballots, the log, tallies and notices."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0001"
down_revision = None

SERVICE = "proposals"
CHANGING = (
    "household",
    "resident",
    "concern",
    "proposal",
    "opinion",
    "process",
    "process_step",
    "meeting",
    "attendee",
    "round",
    "round_key",
    "log_state",
    "ballot_waiting",
    "notice",
    "objection",
)
APPEND_ONLY = (
    "concern_support",
    "proposal_version",
    "endorsement",
    "evidence",
    "roll",
    "roll_unit",
    "round_presence",
    "ballot",
    "log_entry",
    "tree_head",
    "tally",
)
FUNCTIONS = ("rounds/frozen.sql", "ballots/cast_ballot.sql")


def upgrade() -> None:
    op.create_table(
        "ballot",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("cast_by_name", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.String(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(leaf_hash) = 32", name=op.f("ck_ballot_leaf_hash")),
        sa.PrimaryKeyConstraint("community_id", "round_id", "unit_id", name=op.f("pk_ballot")),
        schema="proposals",
    )
    op.create_index("uq_ballot_id", "ballot", ["community_id", "id"], unique=True, schema="proposals")
    op.create_table(
        "ballot_waiting",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "round_id", "ballot_id", name=op.f("pk_ballot_waiting")),
        schema="proposals",
    )
    op.create_table(
        "concern",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_account_id", sa.Uuid(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("triage_reason", sa.String(), nullable=False),
        sa.Column("triaged_by", sa.Uuid(), nullable=True),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("supporters", sa.Integer(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level IS NULL OR level IN ('major', 'minor', 'private')", name=op.f("ck_concern_level")),
        sa.CheckConstraint("level IS NULL OR triage_reason <> ''", name=op.f("ck_concern_reason")),
        sa.CheckConstraint("state = 'filed' OR state = 'merged' OR level IS NOT NULL", name=op.f("ck_concern_sorted")),
        sa.CheckConstraint(
            "state IN ('filed', 'triaged', 'answered', 'proposed', 'closed', 'merged')", name=op.f("ck_concern_state")
        ),
        sa.CheckConstraint("merged_into IS NULL OR merged_into <> id", name=op.f("ck_concern_not_itself")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_concern")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_concern_community_id"),
        "concern",
        ["community_id", sa.literal_column("filed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        op.f("ix_concern_community_id_household_id"),
        "concern",
        ["community_id", "household_id", sa.literal_column("filed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        op.f("ix_concern_community_id_state"),
        "concern",
        ["community_id", "state", sa.literal_column("filed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "household",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("householder_name", sa.String(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("grid_name", sa.String(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("building_name", sa.String(), nullable=False),
        sa.Column("area_cm2e2", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_household")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_household_community_id_building_id_id"),
        "household",
        ["community_id", "building_id", "id"],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        op.f("ix_household_community_id_grid_id_id"),
        "household",
        ["community_id", "grid_id", "id"],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "log_entry",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("leaf", sa.String(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_log_entry_position")),
        sa.PrimaryKeyConstraint("community_id", "round_id", "position", name=op.f("pk_log_entry")),
        schema="proposals",
    )
    op.create_table(
        "log_state",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("peaks", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_log_state_size")),
        sa.PrimaryKeyConstraint("community_id", "round_id", name=op.f("pk_log_state")),
        schema="proposals",
    )
    op.create_table(
        "meeting",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("step_code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("yes", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("abstain", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.String(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=True),
        sa.Column("is_decided", sa.Boolean(), nullable=True),
        sa.Column("derivation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("derivation_text", sa.String(), nullable=False),
        sa.Column("called_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('called', 'closed')", name=op.f("ck_meeting_state")),
        sa.CheckConstraint("yes >= 0 AND no >= 0 AND abstain >= 0", name=op.f("ck_meeting_hands")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_meeting")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_meeting_community_id_process_id_id"),
        "meeting",
        ["community_id", "process_id", "id"],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "notice",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("step_code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("places", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("day_kind", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("open_objections", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("day_kind IN ('calendar', 'working')", name=op.f("ck_notice_day_kind")),
        sa.CheckConstraint(
            "state <> 'completed' OR (completed_at >= due_at AND open_objections = 0)",
            name=op.f("ck_notice_complete_by_rule"),
        ),
        sa.CheckConstraint("state IN ('running', 'completed', 'stopped')", name=op.f("ck_notice_state")),
        sa.CheckConstraint("days > 0", name=op.f("ck_notice_days")),
        sa.CheckConstraint("open_objections >= 0", name=op.f("ck_notice_open_objections")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_notice")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_notice_community_id"),
        "notice",
        ["community_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        op.f("ix_notice_community_id_state"),
        "notice",
        ["community_id", "state", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        "ix_notice_due",
        "notice",
        ["due_at"],
        unique=False,
        schema="proposals",
        postgresql_where=sa.text("state = 'running' AND open_objections = 0"),
    )
    op.create_index(
        "uq_notice_running",
        "notice",
        ["community_id", "process_id", "step_code"],
        unique=True,
        schema="proposals",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "proposal",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=True),
        sa.Column("author_account_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("scope_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("households_in_scope", sa.Integer(), nullable=False),
        sa.Column("endorsements_needed", sa.Integer(), nullable=False),
        sa.Column("endorsements", sa.Integer(), nullable=False),
        sa.Column("opinions", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope_kind IN ('community', 'grid', 'building')", name=op.f("ck_proposal_scope_kind")),
        sa.CheckConstraint(
            "state IN ('gathering', 'endorsed', 'deliberating', 'decided', 'carried_out', 'rejected', 'withdrawn')",
            name=op.f("ck_proposal_state"),
        ),
        sa.CheckConstraint("endorsements BETWEEN 0 AND households_in_scope", name=op.f("ck_proposal_endorsements")),
        sa.CheckConstraint(
            "endorsements_needed BETWEEN 1 AND households_in_scope", name=op.f("ck_proposal_endorsements_needed")
        ),
        sa.CheckConstraint("opinions BETWEEN 0 AND households_in_scope", name=op.f("ck_proposal_opinions")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("community_id", "concern_id", name=op.f("uq_proposal_community_id_concern_id")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_proposal_community_id"),
        "proposal",
        ["community_id", sa.literal_column("opened_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        op.f("ix_proposal_community_id_state"),
        "proposal",
        ["community_id", "state", sa.literal_column("opened_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "resident",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_adult", sa.Boolean(), nullable=False),
        sa.Column("is_party_member", sa.Boolean(), nullable=False),
        sa.Column("is_representative", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_resident")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_resident_community_id_household_id_id"),
        "resident",
        ["community_id", "household_id", "id"],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "roll",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("scope_name", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("area_cm2e2", sa.BigInteger(), nullable=False),
        sa.Column("roll_hash", sa.String(), nullable=False),
        sa.Column("frozen_by", sa.Uuid(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope_kind IN ('community', 'grid', 'building')", name=op.f("ck_roll_scope_kind")),
        sa.CheckConstraint("units > 0", name=op.f("ck_roll_units")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_roll")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_roll_community_id"),
        "roll",
        ["community_id", sa.literal_column("frozen_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "round_key",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_secret", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "round_id", name=op.f("pk_round_key")),
        schema="proposals",
    )
    op.create_table(
        "round_presence",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("present_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "round_id", "unit_id", name=op.f("pk_round_presence")),
        schema="proposals",
    )
    op.create_table(
        "tree_head",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "round_id", "size", name=op.f("pk_tree_head")),
        schema="proposals",
    )
    op.create_table(
        "attendee",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("present_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "meeting_id"],
            ["proposals.meeting.community_id", "proposals.meeting.id"],
            name=op.f("fk_attendee_community_id_meeting_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "meeting_id", "number", name=op.f("pk_attendee")),
        schema="proposals",
    )
    op.create_table(
        "concern_support",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "concern_id"],
            ["proposals.concern.community_id", "proposals.concern.id"],
            name=op.f("fk_concern_support_community_id_concern_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "concern_id", "household_id", name=op.f("pk_concern_support")),
        schema="proposals",
    )
    op.create_table(
        "endorsement",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("endorsed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "proposal_id"],
            ["proposals.proposal.community_id", "proposals.proposal.id"],
            name=op.f("fk_endorsement_community_id_proposal_id"),
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "proposal_id", "text_hash", "household_id", name=op.f("pk_endorsement")
        ),
        schema="proposals",
    )
    op.create_table(
        "objection",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_by_name", sa.String(), nullable=False),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_objection_answer")),
        sa.ForeignKeyConstraint(
            ["community_id", "notice_id"],
            ["proposals.notice.community_id", "proposals.notice.id"],
            name=op.f("fk_objection_community_id_notice_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_objection")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_objection_community_id_notice_id"),
        "objection",
        ["community_id", "notice_id", sa.literal_column("raised_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "opinion",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_adopted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.CheckConstraint("is_adopted IS NULL OR answer <> ''", name=op.f("ck_opinion_answer")),
        sa.CheckConstraint("stance IN ('for', 'against', 'suggestion')", name=op.f("ck_opinion_stance")),
        sa.ForeignKeyConstraint(
            ["community_id", "proposal_id"],
            ["proposals.proposal.community_id", "proposals.proposal.id"],
            name=op.f("fk_opinion_community_id_proposal_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_opinion")),
        sa.UniqueConstraint(
            "community_id",
            "proposal_id",
            "text_hash",
            "household_id",
            name=op.f("uq_opinion_community_id_proposal_id_text_hash_household_id"),
        ),
        schema="proposals",
    )
    op.create_table(
        "process",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("template", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rules_signed_off_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("open_position", sa.Integer(), nullable=True),
        sa.Column("open_attempt", sa.Integer(), nullable=True),
        sa.Column("step_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'running') = (open_position IS NOT NULL)", name=op.f("ck_process_open_step")),
        sa.CheckConstraint("state IN ('running', 'completed', 'rejected', 'returned')", name=op.f("ck_process_state")),
        sa.ForeignKeyConstraint(
            ["community_id", "proposal_id"],
            ["proposals.proposal.community_id", "proposals.proposal.id"],
            name=op.f("fk_process_community_id_proposal_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_process")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_process_community_id"),
        "process",
        ["community_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        "uq_process_running",
        "process",
        ["community_id", "proposal_id"],
        unique=True,
        schema="proposals",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "proposal_version",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("changes", sa.String(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "proposal_id"],
            ["proposals.proposal.community_id", "proposals.proposal.id"],
            name=op.f("fk_proposal_version_community_id_proposal_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "proposal_id", "version_no", name=op.f("pk_proposal_version")),
        sa.UniqueConstraint(
            "community_id",
            "proposal_id",
            "text_hash",
            name=op.f("uq_proposal_version_community_id_proposal_id_text_hash"),
        ),
        schema="proposals",
    )
    op.create_table(
        "roll_unit",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("roll_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("area_cm2e2", sa.BigInteger(), nullable=False),
        sa.Column("actors", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint("area_cm2e2 >= 0", name=op.f("ck_roll_unit_area")),
        sa.CheckConstraint("heads IN (0, 1)", name=op.f("ck_roll_unit_heads")),
        sa.ForeignKeyConstraint(
            ["community_id", "roll_id"],
            ["proposals.roll.community_id", "proposals.roll.id"],
            name=op.f("fk_roll_unit_community_id_roll_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "roll_id", "unit_id", name=op.f("pk_roll_unit")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_roll_unit_community_id_unit_id"),
        "roll_unit",
        ["community_id", "unit_id"],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "process_step",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("result_hash", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'passed', 'returned', 'rejected')", name=op.f("ck_process_step_state")),
        sa.CheckConstraint(
            "state NOT IN ('returned', 'rejected') OR reason <> ''", name=op.f("ck_process_step_reason")
        ),
        sa.CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name=op.f("ck_process_step_order")),
        sa.CheckConstraint("held_at IS NULL OR held_at >= opened_at", name=op.f("ck_process_step_back_dated")),
        sa.ForeignKeyConstraint(
            ["community_id", "process_id"],
            ["proposals.process.community_id", "proposals.process.id"],
            name=op.f("fk_process_step_community_id_process_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "process_id", "position", "attempt", name=op.f("pk_process_step")),
        schema="proposals",
    )
    op.create_index(
        "uq_process_step_open",
        "process_step",
        ["community_id", "process_id"],
        unique=True,
        schema="proposals",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "round",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("step_code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("max_choices", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("needs_presence", sa.Boolean(), nullable=False),
        sa.Column("roll_id", sa.Uuid(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("frozen_hash", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("grade IN ('named_public', 'named_private')", name=op.f("ck_round_grade")),
        sa.CheckConstraint("method IN ('yes_no_abstain', 'single', 'approve')", name=op.f("ck_round_method")),
        sa.CheckConstraint(
            "state IN ('drafted', 'frozen', 'open', 'closed', 'tallied', 'final', 'void')", name=op.f("ck_round_state")
        ),
        sa.CheckConstraint("state IN ('drafted', 'void') OR frozen_hash <> ''", name=op.f("ck_round_frozen")),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_round_window")),
        sa.ForeignKeyConstraint(
            ["community_id", "process_id"],
            ["proposals.process.community_id", "proposals.process.id"],
            name=op.f("fk_round_community_id_process_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "roll_id"],
            ["proposals.roll.community_id", "proposals.roll.id"],
            name=op.f("fk_round_community_id_roll_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_round")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_round_community_id"),
        "round",
        ["community_id", sa.literal_column("drafted_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        op.f("ix_round_community_id_process_id"),
        "round",
        ["community_id", "process_id"],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        op.f("ix_round_community_id_state"),
        "round",
        ["community_id", "state", sa.literal_column("drafted_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="proposals",
    )
    op.create_index(
        "ix_round_to_close",
        "round",
        ["closes_at"],
        unique=False,
        schema="proposals",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_round_to_open",
        "round",
        ["opens_at"],
        unique=False,
        schema="proposals",
        postgresql_where=sa.text("state = 'frozen'"),
    )
    op.create_index(
        "ix_round_to_tally",
        "round",
        ["closed_at"],
        unique=False,
        schema="proposals",
        postgresql_where=sa.text("state = 'closed'"),
    )
    op.create_table(
        "evidence",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("media_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("filed_by_name", sa.String(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "process_id", "position", "attempt"],
            [
                "proposals.process_step.community_id",
                "proposals.process_step.process_id",
                "proposals.process_step.position",
                "proposals.process_step.attempt",
            ],
            name=op.f("fk_evidence_community_id_process_id_position_attempt"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_evidence")),
        schema="proposals",
    )
    op.create_index(
        op.f("ix_evidence_community_id_process_id_position_attempt"),
        "evidence",
        ["community_id", "process_id", "position", "attempt"],
        unique=False,
        schema="proposals",
    )
    op.create_table(
        "tally",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("winner", sa.String(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("is_decided", sa.Boolean(), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("derivation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("derivation_text", sa.String(), nullable=False),
        sa.Column("result_hash", sa.String(), nullable=False),
        sa.Column("tallied_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("is_passed = (is_held AND is_decided)", name=op.f("ck_tally_passed")),
        sa.ForeignKeyConstraint(
            ["community_id", "round_id"],
            ["proposals.round.community_id", "proposals.round.id"],
            name=op.f("fk_tally_community_id_round_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "round_id", name=op.f("pk_tally")),
        schema="proposals",
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
        "CREATE TRIGGER round_keeps_frozen BEFORE UPDATE ON proposals.round"
        " FOR EACH ROW EXECUTE FUNCTION proposals.keep_frozen()"
    )
