"""What the appeals' API takes and says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.appeals.domain import State
from shared.schemas import Input, Output

Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class AppealCreate(Input):
    """What is wrong with a posted claim."""

    claim_id: UUID = Field(description="The claim.")
    reason: Words = Field(description="What is wrong with it.", examples=["那天停的不是我家的车"])


class AppealAnswer(Input):
    """What was found."""

    is_upheld: bool = Field(description="Whether the appeal is right and the claim is reversed.")
    answer: Words = Field(description="What was found.", examples=["经核实，那天停的是访客的车，扣分退回。"])


class AppealRead(Output):
    """An appeal."""

    id: UUID = Field(description="The appeal.")
    claim_id: UUID = Field(description="The claim it is against.")
    household_id: UUID = Field(description="The household that made it.")
    reason: str = Field(description="What is said to be wrong.")
    state: State = Field(description="open, upheld, dismissed or withdrawn.")
    made_at: datetime = Field(description="When it was made, UTC.")
    answer: str = Field(description="What was found.")
    ended_at: datetime | None = Field(description="When it was answered or taken back, UTC.")
