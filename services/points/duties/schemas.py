"""What the duty log's API takes and says."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.duties.domain import Result
from shared.schemas import Input, Output


class DutyCreate(Input):
    """A day of care."""

    done_on: date = Field(description="The day; at most seven days back.", examples=["2026-05-12"])
    note: Annotated[str, StringConstraints(max_length=500)] = Field(
        "", description="What was done.", examples=["浇水、捡拾落叶"]
    )
    photo_ids: list[UUID] = Field(min_length=1, max_length=9, description="Photos in media.")


class Inspection(Input):
    """What the inspector found."""

    is_passed: bool = Field(description="Whether it was done well.")
    finding: Annotated[str, StringConstraints(max_length=500)] = Field(
        "", description="What was found; asked for when it did not pass.", examples=["树下还有垃圾。"]
    )


class DutyRead(Output):
    """A day of care and what the inspection made of it."""

    id: UUID = Field(description="The entry.")
    adoption_id: UUID = Field(description="The adoption.")
    household_id: UUID | None = Field(description="The household that is paid; null for firms.")
    done_on: date = Field(description="The day.", examples=["2026-05-12"])
    note: str = Field(description="What was done.")
    photo_ids: list[UUID] = Field(description="Photos in media.")
    result: Result = Field(description="logged, passed or failed.", examples=["passed"])
    points: int = Field(description="Points of each kind paid for it.", examples=[5])
    rulebook_version: int | None = Field(description="The rulebook it was paid under.")
    finding: str = Field(description="What was found, or why there were no points.")
    inspected_at: datetime | None = Field(description="When it was inspected, UTC.")
    created_at: datetime = Field(description="When it was logged, UTC.")
