"""Arrears, live accounts of every kind, seals and policies of the ledger."""

from pathlib import Path

from alembic import op

from shared import ddl

revision = "0002"
down_revision = "0001"

FUNCTIONS = (
    "ledger/ledger.sql",
    "ledger/lots.sql",
    "ledger/holds.sql",
    "ledger/arrears.sql",
    "ledger/reversals.sql",
    "ledger/households.sql",
)


def upgrade() -> None:
    """Take the step."""
    for name, rule in (
        ("available", "available >= 0 OR asset = 'standing' OR kind = 'arrears'"),
        ("arrears", "kind <> 'arrears' OR (available <= 0 AND held = 0)"),
        ("kind", "kind IN ('household', 'resident', 'escrow', 'merchant', 'pool', 'arrears', 'system')"),
    ):
        op.execute(f"ALTER TABLE points.account DROP CONSTRAINT IF EXISTS ck_account_{name}")
        op.create_check_constraint(op.f(f"ck_account_{name}"), "account", rule, schema="points")
    op.create_index(op.f("ix_lot_community_id_transfer_id"), "lot", ["community_id", "transfer_id"], schema="points")
    # It takes one argument more now, and a second function of the name would stay beside the first.
    op.execute(
        "DROP FUNCTION IF EXISTS points.capture_hold(uuid, uuid, text, text, uuid, text, uuid, uuid, timestamptz)"
    )
    for name in FUNCTIONS:
        for statement in ddl.functions(Path(__file__).parents[2] / name):
            op.execute(statement)
