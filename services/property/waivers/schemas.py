"""How a fee waiver is shown."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.property.waivers.domain import State
from shared.schemas import Output


class WaiverRead(Output):
    """Months without property fee for an award."""

    award_id: UUID = Field(description="The award in points; also this waiver's id.")
    household_id: UUID = Field(description="The household.")
    state: State = Field(description="granted, refused or withdrawn.", examples=["granted"])
    months: list[date] = Field(description="First days of the months.", examples=[["2026-06-01"]])
    reason: str = Field(description="Why it was refused or withdrawn.")
    asked_at: datetime = Field(description="When it was asked for, UTC.")
    ended_at: datetime | None = Field(description="When it was withdrawn, UTC.")
