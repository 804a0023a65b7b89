"""End the log-ins of staff who never changed the password handed out: from now on nobody gets in with it without choosing his own."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Take the step."""
    op.execute(
        """
        UPDATE identity.session s SET ended_at = now(), end_reason = 'password_changed'
        FROM identity.staff_credential c
        WHERE c.community_id = s.community_id AND c.account_id = s.account_id
            AND c.must_change_password AND s.ended_at IS NULL
        """
    )
