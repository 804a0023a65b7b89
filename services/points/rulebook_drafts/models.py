"""Tables of rulebook drafts."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class RulebookDraftRow(Table, table=True):
    """A list being discussed; `revision` counts its changes, so that nobody overwrites what he has not read."""

    __tablename__: ClassVar[str] = "rulebook_draft"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'adopted', 'discarded')", name="state"),
        CheckConstraint("revision > 0", name="revision"),
        CheckConstraint("(state = 'adopted') = (adopted_version IS NOT NULL)", name="adopted"),
        ForeignKeyConstraint(
            ["community_id", "adopted_version"], ["points.rulebook.community_id", "points.rulebook.version"]
        ),
        Index("ix_rulebook_draft_created", "community_id", text("created_at DESC"), text("id DESC")),
        # A decision adopts one list, so a proposal is about one open draft.
        Index(
            "uq_rulebook_draft_proposal",
            "community_id",
            "proposal_id",
            unique=True,
            postgresql_where=text("state = 'draft'"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    title: str
    note: str
    effective_on: date
    policy: dict[str, Any] = Field(sa_type=JSONB)
    items: list[dict[str, Any]] = Field(sa_type=JSONB)
    proposal_id: UUID | None = Field(default=None, description="The proposal that puts it to the vote.")
    state: str
    revision: int
    adopted_version: int | None = None
    created_by: UUID
    created_at: datetime = Field(sa_type=MOMENT)
    changed_by: UUID
    changed_at: datetime = Field(sa_type=MOMENT)
