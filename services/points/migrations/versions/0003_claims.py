"""Rulebook adoption and budgets; claims on behalf, in bulk and appealed."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Take the step."""
