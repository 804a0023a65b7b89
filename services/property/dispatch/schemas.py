"""What is said about workers over HTTP."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.schemas import Input, Output, ShortText

Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 12, 31, tzinfo=UTC))]


class SkillWrite(Input):
    """Something a worker may do by certificate."""

    code: ShortText = Field(description="Skill code as the catalogue names it.", examples=["electrician"])
    valid_until: Instant | None = Field(None, description="End of the certificate.", examples=[None])


class WorkerWrite(Input):
    """What dispatch should know about a worker."""

    skills: list[SkillWrite] = Field(default_factory=list, max_length=50, description="Skills with certificates.")
    grid_ids: list[UUID] = Field(
        default_factory=list, max_length=200, description="Grids worked in; empty is the whole community."
    )
    base_grid_id: UUID | None = Field(None, description="Where the worker usually is.")
    is_on_call_reserve: bool = Field(False, description="Kept free for urgent jobs.")


class SkillRead(Output):
    """Something a worker may do."""

    code: str = Field(description="Skill code.", examples=["electrician"])
    valid_until: datetime | None = Field(description="End of the certificate.", examples=[None])


class WorkerRead(Output):
    """A worker."""

    id: UUID = Field(description="Worker.")
    account_id: UUID = Field(description="The account the worker signs in with.")
    name: str = Field(description="Name.", examples=["李师傅"])
    department: str = Field(description="Department code.", examples=["engineering"])
    skills: list[SkillRead] = Field(description="Skills with certificates.")
    grid_ids: list[UUID] = Field(description="Grids worked in; empty is the whole community.")
    base_grid_id: UUID | None = Field(description="Where the worker usually is.")
    is_active: bool = Field(description="Whether the worker can be sent.")
    is_on_call_reserve: bool = Field(description="Kept free for urgent jobs.")


class DutyCreate(Input):
    """A shift or a leave."""

    kind: Literal["shift", "leave"] = Field(description="shift or leave.", examples=["shift"])
    starts_at: Instant = Field(description="Begins.", examples=["2026-05-11T00:00:00Z"])
    ends_at: Instant = Field(description="Ends.", examples=["2026-05-11T09:00:00Z"])


class DutyRead(Output):
    """A shift or a leave."""

    id: UUID = Field(description="Entry.")
    kind: str = Field(description="shift or leave.", examples=["shift"])
    starts_at: datetime = Field(description="Begins.")
    ends_at: datetime = Field(description="Ends.")
