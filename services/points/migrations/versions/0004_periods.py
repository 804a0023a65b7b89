"""Periods with their statements, and boards."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Take the step."""
