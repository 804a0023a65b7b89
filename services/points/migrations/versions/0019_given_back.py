"""A budget has back what is not issued after all; minutes are evidence once they are there; a closed file passes on what comes late."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0019"
down_revision = "0018"

SERVICE = "points"
SLICES = Path(__file__).parents[2]

# What was divided before: the part of a gig that went back to the community was never taken off its budget.
PARTS = """
    UPDATE points.budget_charge c SET refunded = t.amount, refunded_at = t.created_at
    FROM points.transfer t JOIN points.account a ON a.community_id = t.community_id AND a.id = t.to_account_id AND a.kind = 'system'
    WHERE t.community_id = c.community_id AND t.source_id = c.source_id AND t.kind = 'gig_refund' AND t.reverses_id IS NULL
        AND c.refunded = 0 AND t.amount <= c.amount
"""
COUNTED = """
    UPDATE points.budget b SET charged = coalesce((SELECT sum(c.amount - c.refunded) FROM points.budget_charge c
        WHERE c.community_id = b.community_id AND c.budget_id = b.id), 0)
"""


def upgrade() -> None:
    """Take the step."""
    _give_back_parts()
    _keep_documents()
    _ask_for_decisions()
    _move_what_comes_late()


def _give_back_parts() -> None:
    op.add_column(
        "budget_charge", sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False), schema=SERVICE
    )
    op.alter_column("budget_charge", "refunded", server_default=None, schema=SERVICE)
    _as_worker("UPDATE points.budget_charge SET refunded = amount WHERE refunded_at IS NOT NULL", PARTS, COUNTED)
    op.create_check_constraint(
        op.f("ck_budget_charge_refunded"), "budget_charge", "refunded BETWEEN 0 AND amount", schema=SERVICE
    )
    op.execute("DROP FUNCTION IF EXISTS points.refund_budget(uuid, uuid, timestamptz)")
    for statement in ddl.functions(SLICES / "budgets/budgets.sql"):
        op.execute(statement)


def _keep_documents() -> None:
    op.create_table(
        "passed_document",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "asset_id", name=op.f("pk_passed_document")),
        schema=SERVICE,
    )
    for statement in ddl.tenant_table(SERVICE, "passed_document", append_only=True):
        op.execute(statement)


def _ask_for_decisions() -> None:
    for column in ("decision_id", "minutes_asset_id"):
        op.add_column("time_move", sa.Column(column, sa.Uuid(), nullable=True), schema=SERVICE)
        op.create_index(
            f"uq_time_move_{column.split('_')[0]}",
            "time_move",
            ["community_id", column],
            unique=True,
            schema=SERVICE,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_check_constraint(
        op.f("ck_time_move_evidence"),
        "time_move",
        "kind = 'issue' OR (decision_id IS NULL AND minutes_asset_id IS NULL)",
        schema=SERVICE,
    )
    op.create_foreign_key(
        op.f("fk_time_move_community_id_decision_id"),
        "time_move",
        "rule_decision",
        ["community_id", "decision_id"],
        ["community_id", "proposal_id"],
        source_schema=SERVICE,
        referent_schema=SERVICE,
    )


def _move_what_comes_late() -> None:
    op.add_column("account", sa.Column("late_at", sa.DateTime(timezone=True), nullable=True), schema=SERVICE)
    op.create_index(
        "ix_account_late", "account", ["late_at"], schema=SERVICE, postgresql_where=sa.text("late_at IS NOT NULL")
    )
    # Whatever came to a closed file until now is looked at once.
    _as_worker("UPDATE points.account SET late_at = now() WHERE is_closed")
    for statement in ddl.functions(SLICES / "ledger/ledger.sql"):
        op.execute(statement)


def _as_worker(*statements: str) -> None:
    """The worker's role sees every community; the owner of the tables, unless a superuser, sees none."""
    op.execute("SET LOCAL ROLE points_worker")
    for statement in statements:
        op.execute(statement)
    op.execute("RESET ROLE")
