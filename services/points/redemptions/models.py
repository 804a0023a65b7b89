"""Tables of redemptions."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)
ZERO = {"server_default": "0"}


class Redemption(Table, table=True):
    """A household's claim on goods: points and stock are held until it is picked up, cancelled or expires."""

    __tablename__: ClassVar[str] = "redemption"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("cash_fen >= 0", name="cash_fen"),
        CheckConstraint(
            "cash_received_fen = CASE WHEN state IN ('picked_up', 'installed', 'accepted', 'returned') THEN cash_fen ELSE 0 END",
            name="cash_received_fen",
        ),
        CheckConstraint(
            "state IN ('reserved', 'ready', 'scheduled', 'picked_up', 'installed', 'accepted', 'returned', 'cancelled', 'expired')",
            name="state",
        ),
        ForeignKeyConstraint(["community_id", "product_id"], ["points.product.community_id", "points.product.id"]),
        ForeignKeyConstraint(["community_id", "hold_id"], ["points.hold.community_id", "points.hold.id"]),
        # A code opens one redemption at a time; once it is finished its six digits may be given again.
        Index(
            "uq_redemption_open_code",
            "community_id",
            "pickup_code",
            unique=True,
            postgresql_where=text("state IN ('reserved', 'ready')"),
        ),
        Index("ix_redemption_household", "community_id", "household_id", text("created_at DESC"), text("id DESC")),
        Index("ix_redemption_state", "community_id", "state", text("created_at DESC"), text("id DESC")),
        Index("ix_redemption_created", "community_id", text("created_at DESC"), text("id DESC")),
        CheckConstraint("(state = 'returned') = (taken_back_at IS NOT NULL)", name="taken_back"),
        Index("ix_redemption_due", "expires_at", postgresql_where=text("state IN ('reserved', 'ready', 'scheduled')")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    household_id: UUID
    account_id: UUID = Field(description="Who asked for it.")
    product_id: UUID
    product_name: str
    quantity: int
    points: int
    cash_fen: int = Field(
        default=0, sa_column_kwargs=ZERO, description="Cash for all pieces, due when they are handed over."
    )
    cash_received_fen: int = Field(
        default=0, sa_column_kwargs=ZERO, description="What who handed them over said to have got."
    )
    batch_id: UUID
    bucket_number: int
    window_number: int
    hold_id: UUID
    state: str
    pickup_code: str
    expires_at: datetime = Field(sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    handed_over_by: UUID | None = Field(
        default=None, description="Whose hands gave the goods: a storekeeper's or volunteer's account."
    )
    taken_back_by: UUID | None = Field(default=None, description="The storekeeper who took the goods back.")
    taken_back_at: datetime | None = Field(default=None, sa_type=MOMENT)
    proxy_name: str | None = Field(default=None, description="Who took it for the household, when not a member.")
    proxy_for: str | None = Field(
        default=None, description="For whom the proxy came, as the household's file names them."
    )
    reason: str = ""
