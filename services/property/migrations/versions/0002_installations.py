"""Installations of redeemed goods."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Take the step."""
