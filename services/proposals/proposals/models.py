"""Tables of proposals: the texts are never changed, what is given to a text names its hash."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.proposals.registry import MOMENT, Table

_PROPOSAL = ["proposals.proposal.community_id", "proposals.proposal.id"]


class Proposal(Table, table=True):
    """A proposal and what its current text has gathered."""

    __tablename__: ClassVar[str] = "proposal"
    __table_args__ = (
        CheckConstraint(
            "state IN ('gathering', 'endorsed', 'deliberating', 'decided', 'carried_out', 'rejected', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("scope_kind IN ('community', 'grid', 'building')", name="scope_kind"),
        CheckConstraint("endorsements_needed BETWEEN 1 AND households_in_scope", name="endorsements_needed"),
        CheckConstraint("endorsements BETWEEN 0 AND households_in_scope", name="endorsements"),
        CheckConstraint("opinions BETWEEN 0 AND households_in_scope", name="opinions"),
        UniqueConstraint("community_id", "concern_id"),
        Index(None, "community_id", text("opened_at DESC"), text("id DESC")),
        Index(None, "community_id", "state", text("opened_at DESC"), text("id DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    concern_id: UUID | None = None
    author_account_id: UUID
    author_name: str
    template: str
    scope_kind: str
    scope_id: UUID | None = None
    scope_name: str
    state: str
    version_no: int
    title: str
    text_hash: str
    households_in_scope: int
    endorsements_needed: int
    endorsements: int = 0
    opinions: int = 0
    opened_at: datetime = Field(sa_type=MOMENT)


class ProposalVersion(Table, table=True):
    """One text of a proposal; append-only."""

    __tablename__: ClassVar[str] = "proposal_version"
    __table_args__ = (
        UniqueConstraint("community_id", "proposal_id", "text_hash"),
        ForeignKeyConstraint(["community_id", "proposal_id"], _PROPOSAL),
    )

    community_id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(primary_key=True)
    version_no: int = Field(primary_key=True)
    title: str
    body: str
    text_hash: str
    changes: str = Field(description="What is different from the version before, in the author's words.")
    written_by: UUID
    written_at: datetime = Field(sa_type=MOMENT)


class Endorsement(Table, table=True):
    """One household's support of one text; append-only."""

    __tablename__: ClassVar[str] = "endorsement"
    __table_args__ = (ForeignKeyConstraint(["community_id", "proposal_id"], _PROPOSAL),)

    community_id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(primary_key=True)
    text_hash: str = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    account_id: UUID
    endorsed_at: datetime = Field(sa_type=MOMENT)


class Opinion(Table, table=True):
    """What one household thinks of one text, and whether it was adopted and why."""

    __tablename__: ClassVar[str] = "opinion"
    __table_args__ = (
        CheckConstraint("stance IN ('for', 'against', 'suggestion')", name="stance"),
        CheckConstraint("is_adopted IS NULL OR answer <> ''", name="answer"),
        UniqueConstraint("community_id", "proposal_id", "text_hash", "household_id"),
        ForeignKeyConstraint(["community_id", "proposal_id"], _PROPOSAL),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    proposal_id: UUID
    text_hash: str
    household_id: UUID
    stance: str
    body: str
    channel: str
    entered_by: UUID
    given_at: datetime = Field(sa_type=MOMENT)
    is_adopted: bool | None = None
    answer: str = ""
    answered_by: str = ""
