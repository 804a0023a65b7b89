"""A tie decides nothing: a result may have no winner, and one run-off may follow each tied round."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.alter_column("tally", "winner", nullable=True, schema="proposals")
    op.add_column(
        "tally", sa.Column("needs_runoff", sa.Boolean(), nullable=False, server_default="false"), schema="proposals"
    )
    op.alter_column("tally", "needs_runoff", server_default=None, schema="proposals")
    op.create_check_constraint(
        op.f("ck_tally_tie_decides_nothing"), "tally", "winner IS NOT NULL OR NOT is_decided", schema="proposals"
    )
    op.add_column("round", sa.Column("runoff_of", sa.Uuid(), nullable=True), schema="proposals")
    op.drop_index("uq_round_of_step", "round", schema="proposals")
    op.create_index(
        "uq_round_of_step",
        "round",
        ["community_id", "process_id", "step_code", "runoff_of"],
        unique=True,
        schema="proposals",
        postgresql_where=sa.text("state <> 'void'"),
        postgresql_nulls_not_distinct=True,
    )
    for statement in ddl.functions(Path(__file__).parents[2] / "rounds/frozen.sql"):
        op.execute(statement)
