"""What the API of steps says."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from shared.schemas import Input


class StepCompletion(Input):
    """What closes a step: its meeting or its round."""

    meeting_id: UUID | None = Field(None, description="The closed meeting, for a step done at a meeting.")
    round_id: UUID | None = Field(None, description="The tallied round, for a step done by ballots.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.meeting_id is None) == (self.round_id is None):
            msg = "请填写会议编号或表决编号中的一个。"
            raise ValueError(msg)
        return self
