"""What the claims' API takes and says."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.claims.domain import State
from shared.schemas import Input, Output, ShortText

Reason = Annotated[str, StringConstraints(max_length=500)]


class ClaimCreate(Input):
    """What a household did."""

    item_code: ShortText = Field(description="Item of the rulebook in force.", examples=["stairwell_cleaning"])
    happened_on: date = Field(description="Day it happened, in China.", examples=["2026-05-10"])
    place: ShortText = Field(description="Where.", examples=["3栋2单元"])
    note: Reason = Field("", description="What the neighbours should know.", examples=["打扫了一到六楼"])
    photo_ids: list[UUID] = Field(default_factory=list, max_length=9, description="Photos, assets of media.")


class ClaimRead(Output):
    """A claim."""

    id: UUID = Field(description="The claim.")
    household_id: UUID = Field(description="Whose it is.")
    item_code: str = Field(description="Item of the rulebook.", examples=["stairwell_cleaning"])
    item_name: str = Field(description="The item in words.", examples=["清扫楼道"])
    rulebook_version: int = Field(description="Version it was made under.", examples=[1])
    points: int = Field(description="Points it earns when posted.", examples=[5])
    happened_on: date = Field(description="Day it happened.")
    place: str = Field(description="Where.")
    note: str = Field(description="What the household wrote.")
    photo_ids: list[UUID] = Field(description="Photos, assets of media.")
    state: State = Field(description="submitted, verified, voted, publicised, posted, rejected or withdrawn.")
    notice_ends_at: datetime | None = Field(description="When its notice ends and it is posted, UTC.")
    reason: str = Field(description="Why it was refused.")
    created_at: datetime = Field(description="When it was submitted, UTC.")


class Verification(Input):
    """What the grid worker saw."""

    is_confirmed: bool = Field(description="Whether it happened as claimed.")
    reason: Reason = Field("", description="Needed when it is not confirmed.", examples=["现场查看属实"])


class Vote(Input):
    """An assessor's vote."""

    is_approved: bool = Field(description="Whether the points are deserved.")
    reason: Reason = Field("", description="Needed against.", examples=["同意"])


class Objection(Input):
    """A neighbour's objection."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        description="What is wrong with it.", examples=["那天是我家打扫的"]
    )


class Answer(Input):
    """The answer to the objections."""

    is_upheld: bool = Field(description="Whether the objection is right and the claim is refused.")
    answer: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        description="What was found.", examples=["经核实，两家各打扫了一半，申报属实。"]
    )
