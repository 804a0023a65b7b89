"""Find who left by identity number, so that entering a roster does not read everybody who ever did."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Take the step."""
    op.create_index(
        "ix_resident_former_identity",
        "resident",
        ["community_id", "identity_index"],
        unique=False,
        schema="identity",
        postgresql_where=sa.text("status = 'left'"),
    )
