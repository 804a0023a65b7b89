"""What officials ask their lists for is found by index; who handed goods over, gave them up or took them back is on record as a step."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0018"
down_revision = "0017"

SERVICE = "points"
INDEXES = {
    "ix_kinship_account": ("kinship", "account_id, declared_at DESC, id DESC"),
    "ix_kinship_household": ("kinship", "household_id, declared_at DESC, id DESC"),
    "ix_stocktake_state": ("stocktake", "state, started_at DESC, id DESC"),
    "ix_stocktake_line_product": ("stocktake_line", "product_id"),
    "ix_fund_transfer_kind": ("fund_transfer", "fund_id, kind, created_at DESC, id DESC"),
    "ix_fund_transfer_day": ("fund_transfer", "fund_id, happened_on"),
    "ix_claim_sheet_state": ("claim_sheet", "state, uploaded_at DESC, id DESC"),
    "ix_claim_sheet_day": ("claim_sheet", "assessed_on"),
    "ix_budget_fund": ("budget", "fund_id, created_at DESC, id DESC"),
}
"""The columns after the community's, by name and table."""
FUNCTIONS = ("redemptions/release.sql",)
REMEMBERED = """
    SELECT m.community_id, points.new_id(m.created_at), m.cause_id,
        CASE
            WHEN m.source = 'household' THEN 'return'
            WHEN m.destination = 'household' AND r.handed_over_by IS NULL THEN 'install'
            WHEN m.destination = 'household' THEN 'pick_up'
            WHEN r.state = 'expired' THEN 'expire'
            WHEN m.acting_account_id IS NULL THEN 'refuse'
            ELSE 'cancel'
        END,
        CASE
            WHEN m.source = 'household' THEN 'returned'
            WHEN m.destination = 'household' AND r.handed_over_by IS NULL THEN 'installed'
            WHEN m.destination = 'household' THEN 'picked_up'
            ELSE r.state
        END,
        CASE WHEN m.destination = 'household' THEN r.handed_over_by ELSE m.acting_account_id END, m.reason, m.created_at
    FROM points.stock_move m
    JOIN points.redemption r ON r.community_id = m.community_id AND r.id = m.cause_id
    WHERE m.source IN ('reserved', 'household')
"""
"""What happened to redemptions before they wrote steps, as the moves of their pieces still know it."""


def upgrade() -> None:
    """Take the step."""
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, [sa.text(part) for part in ("community_id", *columns.split(", "))], schema=SERVICE)
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
    # The worker's role sees every community; the owner of the tables, unless a superuser, sees none.
    op.execute("SET LOCAL ROLE points_worker")
    op.execute(
        f"INSERT INTO points.step (community_id, id, subject_id, action, state, account_id, reason, at) {REMEMBERED}"
    )
    op.execute("RESET ROLE")
