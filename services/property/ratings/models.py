"""The table of ratings."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger
from sqlmodel import Field

from services.property.registry import Base, Moment, moment


class RatingRow(Base, table=True):
    """What the served household said about one attempt; said once, never changed.

    `seq` is the line of the ticket's log; the words that came with it are a note beside that line, because words can be erased.
    """

    __tablename__ = "rating"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "ticket_id"], ["property.ticket.community_id", "property.ticket.id"]),
        CheckConstraint(
            "quality BETWEEN 1 AND 5 AND attitude BETWEEN 1 AND 5 AND charges BETWEEN 1 AND 5"
            " AND security BETWEEN 1 AND 5 AND hygiene BETWEEN 1 AND 5",
            name="axes",
        ),
        Index("ix_rating_rated_at", "community_id", "rated_at"),
    )

    ticket_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    seq: int
    household_id: UUID
    resident_id: UUID
    worker_id: UUID | None = None
    department: str | None = None
    quality: int = Field(sa_type=SmallInteger)
    attitude: int = Field(sa_type=SmallInteger)
    charges: int = Field(sa_type=SmallInteger)
    security: int = Field(sa_type=SmallInteger)
    hygiene: int = Field(sa_type=SmallInteger)
    rated_at: Moment = moment()
