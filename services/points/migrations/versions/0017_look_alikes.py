"""Which pictures look alike, so that a list of claims can say so."""

import sqlalchemy as sa
from alembic import op

from shared import ddl

revision = "0017"
down_revision = "0016"

SERVICE = "points"
SIMILAR = 10
"""Bits in which two hashes of the same picture may differ; `claim_photos/similarity.py` says the same."""


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "photo_match",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("other_asset_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "asset_id", "other_asset_id", name=op.f("pk_photo_match")),
        schema=SERVICE,
    )
    for statement in ddl.tenant_table(SERVICE, "photo_match"):
        op.execute(statement)
    # The worker's role sees every community; the owner of the tables, unless a superuser, sees none.
    op.execute("SET LOCAL ROLE points_worker")
    op.execute(
        "INSERT INTO points.photo_match SELECT a.community_id, a.asset_id, b.asset_id FROM points.photo_hash a"
        " JOIN points.photo_hash b ON b.community_id = a.community_id AND b.asset_id <> a.asset_id"
        f" AND bit_count((a.dhash # b.dhash)::bit(64)) <= {SIMILAR}"
    )
    op.execute("RESET ROLE")
