"""How a step is shown."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from shared.schemas import Output


class StepRead(Output):
    """One step: who did what, when and why."""

    action: str = Field(description="What was done.", examples=["approve"])
    state: str = Field(description="What it became.", examples=["active"])
    account_id: UUID | None = Field(description="Who did it; null for the clock and for another service.")
    reason: str = Field(description="Why, when a reason was given.")
    at: datetime = Field(description="When, UTC.")
