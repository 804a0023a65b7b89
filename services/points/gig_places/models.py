"""Tables of the gig market."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)
NEWEST = (text("created_at DESC"), text("id DESC"))


class GigRow(Table, table=True):
    """What somebody needs done; `free_places` is the one row all takers meet at."""

    __tablename__: ClassVar[str] = "gig"
    __table_args__ = (
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("places > 0 AND free_places BETWEEN 0 AND places", name="places"),
        CheckConstraint("apply_until <= work_until AND work_from < work_until", name="times"),
        CheckConstraint("state IN ('budgeted', 'open', 'working', 'finished', 'cancelled', 'expired')", name="state"),
        ForeignKeyConstraint(
            ["community_id", "escrow_account_id"], ["points.account.community_id", "points.account.id"]
        ),
        Index("ix_gig_created", "community_id", *NEWEST),
        Index("ix_gig_state", "community_id", "state", *NEWEST),
        Index("ix_gig_poster", "community_id", "poster_household_id", *NEWEST),
        Index("ix_gig_grid", "community_id", "grid_id", *NEWEST),
        Index("ix_gig_due", "apply_until", postgresql_where=text("state IN ('budgeted', 'open')")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    title: str
    description: str
    location: str
    grid_id: UUID
    poster_household_id: UUID | None = Field(default=None, description="None when the community pays.")
    poster_account_id: UUID
    points: int = Field(description="For each place.")
    places: int
    free_places: int
    photos_required: int
    apply_until: datetime = Field(sa_type=MOMENT)
    work_from: datetime = Field(sa_type=MOMENT)
    work_until: datetime = Field(sa_type=MOMENT)
    state: str
    escrow_account_id: UUID
    policy: dict[str, Any] = Field(sa_type=JSONB, description="The numbers it was posted under.")
    reason: str = ""
    created_at: datetime = Field(sa_type=MOMENT)


class GigPlaceRow(Table, table=True):
    """One person's share of a gig, funded by a transfer of its own so that it can be undone alone."""

    __tablename__: ClassVar[str] = "gig_place"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'claimed', 'done', 'verified', 'paid', 'disputed', 'settled', 'cancelled', 'expired')",
            name="state",
        ),
        CheckConstraint(
            "worker_household_id IS NOT NULL OR state IN ('open', 'cancelled', 'expired')", name="has_worker"
        ),
        CheckConstraint("paid_points >= 0 AND refunded_points >= 0", name="split"),
        UniqueConstraint("community_id", "gig_id", "number"),
        ForeignKeyConstraint(["community_id", "gig_id"], ["points.gig.community_id", "points.gig.id"]),
        ForeignKeyConstraint(
            ["community_id", "escrow_transfer_id"], ["points.transfer.community_id", "points.transfer.id"]
        ),
        # One share of a gig per household, the one that came first.
        Index(
            "uq_gig_place_worker",
            "community_id",
            "gig_id",
            "worker_household_id",
            unique=True,
            postgresql_where=text("worker_household_id IS NOT NULL"),
        ),
        Index(
            "ix_gig_place_worker",
            "community_id",
            "worker_household_id",
            text("id DESC"),
            postgresql_where=text("worker_household_id IS NOT NULL"),
        ),
        Index("ix_gig_place_state", "community_id", "state", text("id DESC")),
        Index("ix_gig_place_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    gig_id: UUID
    number: int
    state: str
    escrow_transfer_id: UUID
    worker_household_id: UUID | None = None
    worker_account_id: UUID | None = None
    worker_name: str = ""
    claimed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    checked_in_at: datetime | None = Field(default=None, sa_type=MOMENT)
    done_at: datetime | None = Field(default=None, sa_type=MOMENT)
    photo_ids: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid()))
    note: str = ""
    verified_by: UUID | None = None
    reason: str = ""
    paid_points: int = 0
    refunded_points: int = 0
    due_at: datetime | None = Field(default=None, sa_type=MOMENT, description="When the clock moves it.")


class GigEvent(Table, table=True):
    """What happened to a gig or one of its places, who did it and why; never changed."""

    __tablename__: ClassVar[str] = "gig_event"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "gig_id"], ["points.gig.community_id", "points.gig.id"]),
        Index(None, "community_id", "gig_id", "happened_at", "id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    gig_id: UUID
    place_number: int | None = None
    action: str
    account_id: UUID | None = Field(default=None, description="None for the clock.")
    household_id: UUID | None = Field(default=None, description="The worker's, where it concerns one.")
    note: str = ""
    happened_at: datetime = Field(sa_type=MOMENT)
