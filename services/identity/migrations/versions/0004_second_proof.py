"""Remember of each log-in whether six digits were asked for; whoever holds a role of weight signs in once more after this step."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Take the step."""
    told: sa.Column[bool] = sa.Column("has_totp", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("session", told, schema="identity")
    op.alter_column("session", "has_totp", server_default=None, schema="identity")
