"""In how many buckets stock lies is decided from demand, a day after a storekeeper last said how many."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Take the step."""
    op.add_column("product", sa.Column("buckets_set_at", sa.DateTime(timezone=True)), schema="points")
    op.create_index(
        "ix_product_split", "product", ["community_id", "id"], schema="points", postgresql_where=sa.text("buckets > 1")
    )
    # The worker's role sees every community; the owner of the tables, unless a superuser, sees none.
    op.execute("SET LOCAL ROLE points_worker")
    op.execute("UPDATE points.product SET buckets_set_at = updated_at WHERE buckets > 1")
    op.execute("RESET ROLE")
