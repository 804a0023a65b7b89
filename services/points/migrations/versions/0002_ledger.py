"""Arrears, live accounts of every kind, seals and policies of the ledger."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Take the step."""
