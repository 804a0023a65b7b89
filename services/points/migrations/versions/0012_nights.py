"""The nightly audit: when each community's next one is due, and what each night found."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0012"
down_revision = "0011"

SERVICE = "points"
CHANGING = ("audit_schedule",)
APPEND_ONLY = ("nightly_audit",)
FUNCTIONS = ("ledger/households.sql",)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "audit_schedule",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_audit_schedule")),
        schema=SERVICE,
    )
    op.create_index("ix_audit_schedule_due", "audit_schedule", ["due_at"], schema=SERVICE)
    op.create_table(
        "nightly_audit",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("audited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("breaches", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "audited_at", name=op.f("pk_nightly_audit")),
        schema=SERVICE,
    )
    for table in (*CHANGING, *APPEND_ONLY):
        for statement in ddl.tenant_table(SERVICE, table, append_only=table in APPEND_ONLY):
            op.execute(statement)
    # The worker's role sees every community; the owner of the tables, unless a superuser, sees none.
    op.execute("SET LOCAL ROLE points_worker")
    op.execute(
        "INSERT INTO points.audit_schedule SELECT community_id, due_at + interval '2 hours' FROM points.seal_schedule"
    )
    op.execute("RESET ROLE")
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
