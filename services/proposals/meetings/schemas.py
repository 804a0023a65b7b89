"""What the API of meetings says."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.proposals.meetings.domain import MeetingState
from shared.schemas import Input, Instant, Int64, Output, ShortText

Minutes = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Hands = Annotated[Int64, Field(ge=0, le=1_000_000)]


class MeetingCall(Input):
    """A meeting to call."""

    title: ShortText = Field(description="Title.", examples=["第二党支部支委会"])
    place: ShortText = Field(description="Where.", examples=["党群服务中心二楼"])
    held_at: Instant | None = Field(None, description="When, UTC; null for now.")
    names: list[ShortText] = Field(
        description="Everybody due, one name each; number people of the same name.", min_length=1, max_length=5000
    )


class CheckIn(Input):
    """Who came."""

    numbers: list[Hands] = Field(description="Numbers on the list of those due.", min_length=1, max_length=5000)
    method: Literal["desk", "qr", "signature"] = Field("desk", description="How they checked in.", examples=["desk"])


class MeetingClose(Input):
    """The count of hands and the minutes."""

    yes: Hands = Field(description="Hands for.", examples=[6])
    no: Hands = Field(description="Hands against.", examples=[0])
    abstain: Hands = Field(description="Abstentions.", examples=[1])
    minutes: Minutes = Field(description="Minutes.", examples=["一致同意将加装电梯列为议题……"])


class AttendeeRead(Output):
    """Somebody due at a meeting."""

    number: int = Field(description="Number on the list.", examples=[1])
    name: str = Field(description="Name as called.")
    present_at: datetime | None = Field(description="When they checked in, UTC; null when absent.")
    method: str = Field(description="desk, qr or signature.")


class MeetingRead(Output):
    """A meeting."""

    id: UUID = Field(description="The meeting.")
    process_id: UUID = Field(description="The process it belongs to.")
    step_code: str = Field(description="The step it belongs to.")
    attempt: int | None = Field(description="Attempt of the step it was called for.", examples=[1])
    title: str = Field(description="Title.")
    place: str = Field(description="Where.")
    rule: str = Field(description="Preset it decides by.", examples=["party_members"])
    state: MeetingState = Field(description="called or closed.")
    held_at: datetime = Field(description="When, UTC.")
    due: int = Field(description="How many were due.", examples=[9])
    present: int = Field(description="How many came.", examples=[7])
    yes: int = Field(description="Hands for.")
    no: int = Field(description="Hands against.")
    abstain: int = Field(description="Abstentions.")
    minutes: str = Field(description="Minutes.")
    is_held: bool | None = Field(description="Whether it was held by the rule; null until closed.")
    is_decided: bool | None = Field(description="Whether it decided by the rule; null until closed.")
    derivation: dict[str, Any] = Field(description="The table of need, have and met.")
    derivation_text: str = Field(description="The same table printed in Chinese.")
    attendees: list[AttendeeRead] = Field(description="Everybody due.")
