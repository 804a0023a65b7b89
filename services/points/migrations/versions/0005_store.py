"""Suppliers, losses, stock-takes, prices and funds of the store; deliveries and offline pickups."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Take the step."""
