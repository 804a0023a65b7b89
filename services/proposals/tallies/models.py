"""Tables of tallies."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field

from services.proposals.registry import DOCUMENT, MOMENT, Table


class Tally(Table, table=True):
    """The result of a round; append-only."""

    __tablename__: ClassVar[str] = "tally"
    __table_args__ = (
        CheckConstraint("is_passed = (is_held AND is_decided)", name="passed"),
        CheckConstraint("winner IS NOT NULL OR NOT is_decided", name="tie_decides_nothing"),
        ForeignKeyConstraint(["community_id", "round_id"], ["proposals.round.community_id", "proposals.round.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    winner: str | None
    needs_runoff: bool = False
    is_held: bool
    is_decided: bool
    is_passed: bool
    ballots: int
    result: dict[str, Any] = Field(sa_type=DOCUMENT)
    derivation: dict[str, Any] = Field(sa_type=DOCUMENT)
    derivation_text: str
    result_hash: str
    tallied_at: datetime = Field(sa_type=MOMENT)
