"""Adoptions, merchants and awards."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Take the step."""
