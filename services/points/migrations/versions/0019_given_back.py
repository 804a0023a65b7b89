"""A budget has back the part that is not issued after all."""

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


def _as_worker(*statements: str) -> None:
    """The worker's role sees every community; the owner of the tables, unless a superuser, sees none."""
    op.execute("SET LOCAL ROLE points_worker")
    for statement in statements:
        op.execute(statement)
    op.execute("RESET ROLE")
