"""Gigs and the time bank."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0006"
down_revision = "0005"

SERVICE = "points"
CHANGING = ("gig", "gig_place", "member", "help_request", "help_participant")
APPEND_ONLY = ("help_policy", "gig_event", "help_kind", "time_move", "help_event")


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "help_policy",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("numbers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("area IN ('gigs', 'time_bank')", name=op.f("ck_help_policy_area")),
        sa.CheckConstraint("version > 0", name=op.f("ck_help_policy_version")),
        sa.PrimaryKeyConstraint("community_id", "area", "version", name=op.f("pk_help_policy")),
        schema="points",
    )
    op.create_table(
        "gig",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("poster_household_id", sa.Uuid(), nullable=True),
        sa.Column("poster_account_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("free_places", sa.Integer(), nullable=False),
        sa.Column("photos_required", sa.Integer(), nullable=False),
        sa.Column("apply_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("work_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("work_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("escrow_account_id", sa.Uuid(), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('budgeted', 'open', 'working', 'finished', 'cancelled', 'expired')", name=op.f("ck_gig_state")
        ),
        sa.CheckConstraint("apply_until <= work_until AND work_from < work_until", name=op.f("ck_gig_times")),
        sa.CheckConstraint("places > 0 AND free_places BETWEEN 0 AND places", name=op.f("ck_gig_places")),
        sa.CheckConstraint("points > 0", name=op.f("ck_gig_points")),
        sa.ForeignKeyConstraint(
            ["community_id", "escrow_account_id"],
            ["points.account.community_id", "points.account.id"],
            name=op.f("fk_gig_community_id_escrow_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_gig")),
        schema="points",
    )
    op.create_index(
        "ix_gig_created",
        "gig",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_gig_due",
        "gig",
        ["apply_until"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("state IN ('budgeted', 'open')"),
    )
    op.create_index(
        "ix_gig_grid",
        "gig",
        ["community_id", "grid_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_gig_poster",
        "gig",
        ["community_id", "poster_household_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_gig_state",
        "gig",
        ["community_id", "state", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "gig_event",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gig_id", sa.Uuid(), nullable=False),
        sa.Column("place_number", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "gig_id"],
            ["points.gig.community_id", "points.gig.id"],
            name=op.f("fk_gig_event_community_id_gig_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_gig_event")),
        schema="points",
    )
    op.create_index(
        op.f("ix_gig_event_community_id_gig_id_happened_at_id"),
        "gig_event",
        ["community_id", "gig_id", "happened_at", "id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "gig_place",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gig_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("escrow_transfer_id", sa.Uuid(), nullable=False),
        sa.Column("worker_household_id", sa.Uuid(), nullable=True),
        sa.Column("worker_account_id", sa.Uuid(), nullable=True),
        sa.Column("worker_name", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("paid_points", sa.Integer(), nullable=False),
        sa.Column("refunded_points", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'claimed', 'done', 'verified', 'paid', 'disputed', 'settled', 'cancelled', 'expired')",
            name=op.f("ck_gig_place_state"),
        ),
        sa.CheckConstraint(
            "worker_household_id IS NOT NULL OR state IN ('open', 'cancelled', 'expired')",
            name=op.f("ck_gig_place_has_worker"),
        ),
        sa.CheckConstraint("paid_points >= 0 AND refunded_points >= 0", name=op.f("ck_gig_place_split")),
        sa.ForeignKeyConstraint(
            ["community_id", "escrow_transfer_id"],
            ["points.transfer.community_id", "points.transfer.id"],
            name=op.f("fk_gig_place_community_id_escrow_transfer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "gig_id"],
            ["points.gig.community_id", "points.gig.id"],
            name=op.f("fk_gig_place_community_id_gig_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_gig_place")),
        sa.UniqueConstraint("community_id", "gig_id", "number", name=op.f("uq_gig_place_community_id_gig_id_number")),
        schema="points",
    )
    op.create_index(
        "ix_gig_place_due",
        "gig_place",
        ["due_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_gig_place_state",
        "gig_place",
        ["community_id", "state", sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_gig_place_worker",
        "gig_place",
        ["community_id", "worker_household_id", sa.literal_column("id DESC")],
        unique=False,
        schema="points",
        postgresql_where=sa.text("worker_household_id IS NOT NULL"),
    )
    op.create_index(
        "uq_gig_place_worker",
        "gig_place",
        ["community_id", "gig_id", "worker_household_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("worker_household_id IS NOT NULL"),
    )
    op.create_table(
        "help_kind",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("rate_percent", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rate_percent BETWEEN 50 AND 300", name=op.f("ck_help_kind_rate")),
        sa.CheckConstraint("version > 0", name=op.f("ck_help_kind_version")),
        sa.PrimaryKeyConstraint("community_id", "code", "version", name=op.f("pk_help_kind")),
        schema="points",
    )
    op.create_table(
        "member",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "resident_id", name=op.f("pk_member")),
        schema="points",
    )
    op.create_index(
        "ix_member_household", "member", ["community_id", "household_id", "resident_id"], unique=False, schema="points"
    )
    op.create_table(
        "time_move",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("from_resident_id", sa.Uuid(), nullable=True),
        sa.Column("to_resident_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'exchange') = (points > 0) AND points >= 0", name=op.f("ck_time_move_points")),
        sa.CheckConstraint(
            "kind IN ('gift', 'donation', 'grant', 'issue', 'exchange')", name=op.f("ck_time_move_kind")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_time_move_minutes")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_time_move")),
        schema="points",
    )
    op.create_index(
        "ix_time_move_from",
        "time_move",
        ["community_id", "from_resident_id", "kind", "made_at"],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_time_move_kind",
        "time_move",
        ["community_id", "kind", sa.literal_column("made_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_time_move_made",
        "time_move",
        ["community_id", sa.literal_column("made_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "help_request",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind_code", sa.String(), nullable=False),
        sa.Column("kind_version", sa.Integer(), nullable=False),
        sa.Column("kind_name", sa.String(), nullable=False),
        sa.Column("rate_percent", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("requester_resident_id", sa.Uuid(), nullable=False),
        sa.Column("requester_household_id", sa.Uuid(), nullable=False),
        sa.Column("requester_account_id", sa.Uuid(), nullable=False),
        sa.Column("helpers_wanted", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("wanted_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("escrow_account_id", sa.Uuid(), nullable=False),
        sa.Column("escrow_minutes", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_ended_by_clock", sa.Boolean(), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("payer IN ('own', 'pool')", name=op.f("ck_help_request_payer")),
        sa.CheckConstraint(
            "state IN ('requested', 'matched', 'started', 'ended', 'credited', 'cancelled', 'disputed', 'settled')",
            name=op.f("ck_help_request_state"),
        ),
        sa.CheckConstraint(
            "minutes > 0 AND helpers_wanted > 0 AND escrow_minutes >= 0", name=op.f("ck_help_request_amounts")
        ),
        sa.CheckConstraint("wanted_from < wanted_until", name=op.f("ck_help_request_times")),
        sa.ForeignKeyConstraint(
            ["community_id", "escrow_account_id"],
            ["points.account.community_id", "points.account.id"],
            name=op.f("fk_help_request_community_id_escrow_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "kind_code", "kind_version"],
            ["points.help_kind.community_id", "points.help_kind.code", "points.help_kind.version"],
            name=op.f("fk_help_request_community_id_kind_code_kind_version"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_help_request")),
        schema="points",
    )
    op.create_index(
        "ix_help_request_created",
        "help_request",
        ["community_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_help_request_due",
        "help_request",
        ["due_at"],
        unique=False,
        schema="points",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_help_request_kind",
        "help_request",
        ["community_id", "kind_code", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "ix_help_request_state",
        "help_request",
        ["community_id", "state", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="points",
    )
    op.create_table(
        "help_event",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "request_id"],
            ["points.help_request.community_id", "points.help_request.id"],
            name=op.f("fk_help_event_community_id_request_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_help_event")),
        schema="points",
    )
    op.create_index(
        op.f("ix_help_event_community_id_request_id_happened_at_id"),
        "help_event",
        ["community_id", "request_id", "happened_at", "id"],
        unique=False,
        schema="points",
    )
    op.create_table(
        "help_participant",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_minutes", sa.Integer(), nullable=False),
        sa.Column("credited_minutes", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("side IN ('helper', 'helped')", name=op.f("ck_help_participant_side")),
        sa.CheckConstraint("ended_at IS NULL OR started_at IS NOT NULL", name=op.f("ck_help_participant_ended")),
        sa.CheckConstraint("served_minutes >= 0 AND credited_minutes >= 0", name=op.f("ck_help_participant_minutes")),
        sa.ForeignKeyConstraint(
            ["community_id", "request_id"],
            ["points.help_request.community_id", "points.help_request.id"],
            name=op.f("fk_help_participant_community_id_request_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_help_participant")),
        sa.UniqueConstraint(
            "community_id",
            "request_id",
            "resident_id",
            name=op.f("uq_help_participant_community_id_request_id_resident_id"),
        ),
        schema="points",
    )
    op.create_index(
        "ix_help_participant_resident",
        "help_participant",
        ["community_id", "resident_id", sa.literal_column("request_id DESC")],
        unique=False,
        schema="points",
    )
    op.create_index(
        "uq_help_participant_present",
        "help_participant",
        ["community_id", "resident_id"],
        unique=True,
        schema="points",
        postgresql_where=sa.text("side = 'helper' AND started_at IS NOT NULL AND ended_at IS NULL"),
    )
    for table in CHANGING:
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in ddl.tenant_table(SERVICE, table, append_only=True):
            op.execute(statement)
