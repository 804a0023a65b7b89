"""Tell what the communities are called that were registered before anybody told it."""

from alembic import op

revision = "0003"
down_revision = "0002"

TELL = """
    INSERT INTO identity.outbox (community_id, id, type, version, key, payload, occurred_at)
        SELECT '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'identity.community_named', 1, c.id::text,
            jsonb_build_object('community_id', c.id, 'code', c.code, 'name', c.name), now()
        FROM identity.community c ORDER BY c.code
"""


def upgrade() -> None:
    """Take the step."""
    # Facts are fenced by community, and this one belongs to none; the worker's role may write for all.
    op.execute("SET LOCAL ROLE identity_worker")
    op.execute(TELL)
    op.execute("RESET ROLE")
