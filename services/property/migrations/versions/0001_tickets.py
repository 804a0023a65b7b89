"""Tickets, catalogue, service levels, workers, ratings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0001"
down_revision = None

SERVICE = "property"
CHANGING = (
    "household",
    "resident",
    "account",
    "department",
    "category",
    "calendar",
    "calendar_day",
    "calendar_year",
    "rules_revision",
    "ticket",
    "ticket_clock",
    "ticket_note",
    "worker",
    "duty",
    "assignment",
)
APPEND_ONLY = ("ticket_event", "escalation", "rating", "service_level")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_account")),
        schema="property",
    )
    op.create_table(
        "calendar",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("week", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("observes_holidays", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "code", name=op.f("pk_calendar")),
        schema="property",
    )
    op.create_table(
        "calendar_day",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("works_like", sa.SmallInteger(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("(kind = 'work') = (works_like IS NOT NULL)", name=op.f("ck_calendar_day_works_like")),
        sa.CheckConstraint("kind IN ('off', 'work')", name=op.f("ck_calendar_day_kind")),
        sa.CheckConstraint("works_like BETWEEN 0 AND 6", name=op.f("ck_calendar_day_weekday")),
        sa.PrimaryKeyConstraint("community_id", "on_date", name=op.f("pk_calendar_day")),
        schema="property",
    )
    op.create_table(
        "calendar_year",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "year", name=op.f("pk_calendar_year")),
        schema="property",
    )
    op.create_table(
        "department",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "code", name=op.f("pk_department")),
        schema="property",
    )
    op.create_table(
        "household",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("grid_name", sa.String(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("building_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_household")),
        schema="property",
    )
    op.create_table(
        "resident",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_resident")),
        schema="property",
    )
    op.create_index(
        "ix_resident_household_id", "resident", ["community_id", "household_id"], unique=False, schema="property"
    )
    op.create_table(
        "rules_revision",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_rules_revision")),
        schema="property",
    )
    op.create_table(
        "service_level",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted_by", sa.String(), nullable=False),
        sa.Column("targets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "version", name=op.f("pk_service_level")),
        schema="property",
    )
    op.create_table(
        "ticket",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("reported_by_id", sa.Uuid(), nullable=True),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("photo_ids", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("wished_category", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("needs_after_photo", sa.Boolean(), nullable=False),
        sa.Column("first_receiver_id", sa.Uuid(), nullable=True),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("after_photo_ids", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seal", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('fixed', 'mitigated', 'explained_not_fixable', 'duplicate', 'out_of_scope', 'withdrawn', 'invalid')",
            name=op.f("ck_ticket_outcome"),
        ),
        sa.CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name=op.f("ck_ticket_priority")),
        sa.CheckConstraint(
            "state <> 'closed' OR (outcome IS NOT NULL AND closed_at IS NOT NULL)",
            name=op.f("ck_ticket_closed_outcome"),
        ),
        sa.CheckConstraint(
            "state IN ('submitted', 'accepted', 'offered', 'taken', 'on_site', 'working', 'on_hold', 'done_pending_check', 'awaiting_rating', 'closed')",
            name=op.f("ck_ticket_state"),
        ),
        sa.CheckConstraint(
            "cardinality(photo_ids) <= 9 AND cardinality(after_photo_ids) <= 9", name=op.f("ck_ticket_photos")
        ),
        sa.CheckConstraint("char_length(description) <= 2000", name=op.f("ck_ticket_description")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_ticket_community_id_number")),
        schema="property",
    )
    op.create_index(
        "ix_ticket_closed",
        "ticket",
        ["community_id", "closed_at"],
        unique=False,
        schema="property",
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_household",
        "ticket",
        ["community_id", "household_id", sa.literal_column("submitted_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="property",
    )
    op.create_index(
        "ix_ticket_silent_close",
        "ticket",
        ["silent_close_at"],
        unique=False,
        schema="property",
        postgresql_where=sa.text("silent_close_at IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_state",
        "ticket",
        ["community_id", "state", sa.literal_column("submitted_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="property",
    )
    op.create_index(
        "ix_ticket_submitted",
        "ticket",
        ["community_id", sa.literal_column("submitted_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="property",
    )
    op.create_index(
        "ix_ticket_worker",
        "ticket",
        ["community_id", "worker_id", sa.literal_column("submitted_at DESC")],
        unique=False,
        schema="property",
        postgresql_where=sa.text("worker_id IS NOT NULL"),
    )
    op.create_table(
        "worker",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("skills", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("grid_ids", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("base_grid_id", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_on_call_reserve", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_worker")),
        sa.UniqueConstraint("community_id", "account_id", name=op.f("uq_worker_community_id_account_id")),
        schema="property",
    )
    op.create_index("ix_worker_department", "worker", ["community_id", "department"], unique=False, schema="property")
    op.create_table(
        "assignment",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("expected_minutes", sa.Integer(), nullable=False),
        sa.Column("offered_by_id", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weights_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (state IN ('offered', 'taken'))", name=op.f("ck_assignment_ended_at")),
        sa.CheckConstraint(
            "state IN ('offered', 'taken', 'declined', 'lapsed', 'recalled', 'withdrawn', 'done')",
            name=op.f("ck_assignment_state"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "ticket_id"],
            ["property.ticket.community_id", "property.ticket.id"],
            name=op.f("fk_assignment_community_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "worker_id"],
            ["property.worker.community_id", "property.worker.id"],
            name=op.f("fk_assignment_community_id_worker_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_assignment")),
        schema="property",
    )
    op.create_index(
        "ix_assignment_lapsing",
        "assignment",
        ["accept_by"],
        unique=False,
        schema="property",
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(
        "ix_assignment_worker",
        "assignment",
        ["community_id", "worker_id", "offered_at"],
        unique=False,
        schema="property",
    )
    op.create_index(
        "uq_assignment_active",
        "assignment",
        ["community_id", "ticket_id"],
        unique=True,
        schema="property",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "category",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("expected_minutes", sa.Integer(), nullable=False),
        sa.Column("needs_after_photo", sa.Boolean(), nullable=False),
        sa.Column("is_safety", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name=op.f("ck_category_priority")),
        sa.CheckConstraint("expected_minutes > 0", name=op.f("ck_category_expected_minutes")),
        sa.ForeignKeyConstraint(
            ["community_id", "department"],
            ["property.department.community_id", "property.department.code"],
            name=op.f("fk_category_community_id_department"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "parent"],
            ["property.category.community_id", "property.category.code"],
            name=op.f("fk_category_community_id_parent"),
        ),
        sa.PrimaryKeyConstraint("community_id", "code", name=op.f("pk_category")),
        schema="property",
    )
    op.create_table(
        "duty",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('shift', 'leave')", name=op.f("ck_duty_kind")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_duty_span")),
        sa.ForeignKeyConstraint(
            ["community_id", "worker_id"],
            ["property.worker.community_id", "property.worker.id"],
            name=op.f("fk_duty_community_id_worker_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_duty")),
        schema="property",
    )
    op.create_index("ix_duty_worker", "duty", ["community_id", "worker_id", "ends_at"], unique=False, schema="property")
    op.create_table(
        "escalation",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("tells", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "ticket_id"],
            ["property.ticket.community_id", "property.ticket.id"],
            name=op.f("fk_escalation_community_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "ticket_id", "kind", "attempt", "percent", name=op.f("pk_escalation")),
        schema="property",
    )
    op.create_table(
        "rating",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("attitude", sa.SmallInteger(), nullable=False),
        sa.Column("charges", sa.SmallInteger(), nullable=False),
        sa.Column("security", sa.SmallInteger(), nullable=False),
        sa.Column("hygiene", sa.SmallInteger(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "quality BETWEEN 1 AND 5 AND attitude BETWEEN 1 AND 5 AND charges BETWEEN 1 AND 5 AND security BETWEEN 1 AND 5 AND hygiene BETWEEN 1 AND 5",
            name=op.f("ck_rating_axes"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "ticket_id"],
            ["property.ticket.community_id", "property.ticket.id"],
            name=op.f("fk_rating_community_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "ticket_id", "attempt", name=op.f("pk_rating")),
        schema="property",
    )
    op.create_index("ix_rating_rated_at", "rating", ["community_id", "rated_at"], unique=False, schema="property")
    op.create_table(
        "ticket_clock",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("elapsed_seconds", sa.Integer(), nullable=False),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told", sa.ARRAY(sa.SmallInteger()), server_default="{}", nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('respond', 'resolve')", name=op.f("ck_ticket_clock_kind")),
        sa.CheckConstraint("state IN ('running', 'paused', 'met', 'breached')", name=op.f("ck_ticket_clock_state")),
        sa.CheckConstraint("target_seconds > 0", name=op.f("ck_ticket_clock_target_seconds")),
        sa.ForeignKeyConstraint(
            ["community_id", "ticket_id"],
            ["property.ticket.community_id", "property.ticket.id"],
            name=op.f("fk_ticket_clock_community_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "ticket_id", "kind", "attempt", name=op.f("pk_ticket_clock")),
        schema="property",
    )
    op.create_index(
        "ix_ticket_clock_due",
        "ticket_clock",
        ["next_check_at"],
        unique=False,
        schema="property",
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_clock_stopped", "ticket_clock", ["community_id", "stopped_at"], unique=False, schema="property"
    )
    op.create_table(
        "ticket_event",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "octet_length(seal) = 32 AND octet_length(previous) = 32", name=op.f("ck_ticket_event_seal")
        ),
        sa.CheckConstraint("seq > 0", name=op.f("ck_ticket_event_seq")),
        sa.ForeignKeyConstraint(
            ["community_id", "ticket_id"],
            ["property.ticket.community_id", "property.ticket.id"],
            name=op.f("fk_ticket_event_community_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "ticket_id", "seq", name=op.f("pk_ticket_event")),
        schema="property",
    )
    op.create_table(
        "ticket_note",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 2000", name=op.f("ck_ticket_note_text")),
        sa.ForeignKeyConstraint(
            ["community_id", "ticket_id"],
            ["property.ticket.community_id", "property.ticket.id"],
            name=op.f("fk_ticket_note_community_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "ticket_id", "seq", name=op.f("pk_ticket_note")),
        schema="property",
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
