"""The store: who took goods back stands beside who handed them over; what a delivery earned is known by its transfers; windows of a limit are days of China;
a price may have a part in cash.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

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

KNOW_REWARDS = """
    UPDATE points.delivery d
    SET standing_transfer_id = (SELECT t.id FROM points.transfer t WHERE t.community_id = d.community_id
            AND t.source_id = d.id AND t.kind = 'delivery' AND t.asset = 'standing'),
        spendable_transfer_id = (SELECT t.id FROM points.transfer t WHERE t.community_id = d.community_id
            AND t.source_id = d.id AND t.kind = 'delivery' AND t.asset = 'spendable')
    WHERE d.state = 'delivered'
"""
NUMBER_WINDOWS = (
    """
    UPDATE points.quota q SET window_number = q.window_number * p.limit_window_days
    FROM points.product p WHERE p.community_id = q.community_id AND p.id = q.product_id
    """,
    """
    UPDATE points.redemption r SET window_number = r.window_number * p.limit_window_days
    FROM points.product p WHERE p.community_id = r.community_id AND p.id = r.product_id
    """,
)
"""A window was a number of whole windows and is its first day."""
CASH = (
    ("product", "cash_fen"),
    ("product_price", "cash_fen"),
    ("redemption", "cash_fen"),
    ("redemption", "cash_received_fen"),
)
CASH_RULES = (
    ("product", "cash_fen", "cash_fen >= 0 AND (cash_fen = 0 OR kind <> 'installation')"),
    ("product_price", "cash_fen", "cash_fen >= 0"),
    ("redemption", "cash_fen", "cash_fen >= 0"),
    (
        "redemption",
        "cash_received_fen",
        "cash_received_fen = CASE WHEN state IN ('picked_up', 'installed', 'accepted', 'returned') THEN cash_fen ELSE 0 END",
    ),
)
FUNCTIONS = ("redemptions/redeem.sql",)
AREAS = "area IN ('gigs', 'time_bank', 'deliveries')"


def upgrade() -> None:
    """Take the step."""
    op.add_column("redemption", sa.Column("taken_back_by", sa.Uuid(), nullable=True), schema=SERVICE)
    op.add_column("redemption", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True), schema=SERVICE)
    for table, name in CASH:
        op.add_column(table, sa.Column(name, sa.Integer(), server_default="0", nullable=False), schema=SERVICE)
    for table, name, rule in CASH_RULES:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule, schema=SERVICE)
    for name in ("standing_transfer_id", "spendable_transfer_id"):
        op.add_column("delivery", sa.Column(name, sa.Uuid(), nullable=True), schema=SERVICE)
    op.add_column(
        "delivery", sa.Column("reward_reversed_at", sa.DateTime(timezone=True), nullable=True), schema=SERVICE
    )
    op.drop_constraint(op.f("ck_help_policy_area"), "help_policy", schema=SERVICE)
    op.create_check_constraint(op.f("ck_help_policy_area"), "help_policy", AREAS, schema=SERVICE)
    # The worker's role sees every community; the owner of the tables, unless a superuser, sees none.
    op.execute("SET LOCAL ROLE points_worker")
    op.execute(TELL_APART)
    op.execute(KNOW_REWARDS)
    for statement in NUMBER_WINDOWS:
        op.execute(statement)
    op.execute("RESET ROLE")
    op.create_check_constraint(
        op.f("ck_redemption_taken_back"),
        "redemption",
        "(state = 'returned') = (taken_back_at IS NOT NULL)",
        schema=SERVICE,
    )
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
