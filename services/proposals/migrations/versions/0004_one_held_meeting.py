"""One held meeting per attempt of a step: of those held again before, only the first keeps its attempt."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("meeting", sa.Column("attempt", sa.Integer(), nullable=True), schema="proposals")
    op.execute(
        """
        UPDATE proposals.meeting m SET attempt = b.attempt
        FROM (
            SELECT community_id, id, attempt, row_number() OVER (
                PARTITION BY community_id, process_id, step_code, attempt, is_held ORDER BY closed_at, id
            ) AS turn
            FROM (
                SELECT m.community_id, m.id, m.process_id, m.step_code, m.is_held, m.closed_at, max(s.attempt) AS attempt
                FROM proposals.meeting m JOIN proposals.process_step s
                    ON s.community_id = m.community_id AND s.process_id = m.process_id AND s.code = m.step_code
                    AND s.opened_at <= m.held_at
                GROUP BY m.community_id, m.id
            ) begun
        ) b
        WHERE b.community_id = m.community_id AND b.id = m.id AND (b.turn = 1 OR m.is_held IS NOT TRUE)
        """
    )
    op.create_index(
        "uq_meeting_held_of_step",
        "meeting",
        ["community_id", "process_id", "step_code", "attempt"],
        unique=True,
        schema="proposals",
        postgresql_where=sa.text("is_held"),
    )
