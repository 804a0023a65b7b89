"""What officials ask their lists for is found by index, and a reservation whose time is over writes down that it ended."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0018"
down_revision = "0019"

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


def upgrade() -> None:
    """Take the step."""
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, [sa.text(part) for part in ("community_id", *columns.split(", "))], schema=SERVICE)
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
