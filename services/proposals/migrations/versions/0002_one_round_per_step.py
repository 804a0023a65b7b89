"""One round per step of a process, unless it was annulled."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index(
        "uq_round_of_step",
        "round",
        ["community_id", "process_id", "step_code"],
        unique=True,
        schema="proposals",
        postgresql_where=sa.text("state <> 'void'"),
    )
