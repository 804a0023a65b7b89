"""The store: who took goods back stands beside who handed them over."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

SERVICE = "points"

TELL_APART = """
    UPDATE points.redemption r
    SET taken_back_by = r.handed_over_by, taken_back_at = r.ended_at, ended_at = m.created_at,
        handed_over_by = nullif(m.acting_account_id, r.account_id)
    FROM points.stock_move m
    WHERE r.state = 'returned' AND m.community_id = r.community_id AND m.cause_id = r.id
        AND m.source = 'reserved' AND m.destination = 'household'
"""
"""Who took goods back was written over who had handed them over; the move of the pieces still knows."""


def upgrade() -> None:
    """Take the step."""
    op.add_column("redemption", sa.Column("taken_back_by", sa.Uuid(), nullable=True), schema=SERVICE)
    op.add_column("redemption", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True), schema=SERVICE)
    # The worker's role sees every community; the owner of the tables, unless a superuser, sees none.
    op.execute("SET LOCAL ROLE points_worker")
    op.execute(TELL_APART)
    op.execute("RESET ROLE")
    op.create_check_constraint(
        op.f("ck_redemption_taken_back"),
        "redemption",
        "(state = 'returned') = (taken_back_at IS NOT NULL)",
        schema=SERVICE,
    )
