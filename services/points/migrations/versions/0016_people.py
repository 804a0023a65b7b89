"""Which account a person has now, so that statements can say who earned what."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

SERVICE = "points"


def upgrade() -> None:
    """Take the step."""
    op.add_column("member", sa.Column("account_id", sa.Uuid(), nullable=True), schema=SERVICE)
    op.create_index(
        "ix_member_account",
        "member",
        ["community_id", "account_id"],
        schema=SERVICE,
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
