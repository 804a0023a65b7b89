"""What the time bank's API takes and says."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.points.time_bank.codes import Phase
from services.points.time_bank.domain import Payer, Request, Side, State
from shared.kernel.principal import Principal
from shared.schemas import Input, Int64, Output, ShortText

Text = Annotated[str, StringConstraints(max_length=500)]


class HelpRequestCreate(Input):
    """What help is needed."""

    kind_code: ShortText = Field(description="Kind of help.", examples=["escort"])
    note: Text = Field("", description="What the helper should know.", examples=["周二上午去区医院复查"])
    location: ShortText = Field(description="Where; shown to those who take part.", examples=["3栋2单元502"])
    payer: Payer = Field(
        Payer.OWN, description="own: from the caller's passbook; pool: asks the community to pay.", examples=["own"]
    )
    helpers_wanted: Int64 = Field(1, ge=1, le=20, description="Helpers wanted.", examples=[1])
    minutes: Int64 = Field(ge=15, le=720, description="How long it takes at most, minutes.", examples=[120])
    wanted_from: AwareDatetime = Field(description="From when, UTC.", examples=["2026-05-12T01:00:00Z"])
    wanted_until: AwareDatetime = Field(description="Until when somebody must have begun, UTC.")


class HelpOffer(Input):
    """On which side the caller joins."""

    side: Side = Field(Side.HELPER, description="helper, or helped together with who asked.", examples=["helper"])


class HelpReason(Input):
    """Why."""

    reason: ShortText = Field(description="Why.", examples=["改期了"])


class TimeCodeEntry(Input):
    """The code somebody of the other side shows."""

    phase: Phase = Field(description="start or stop.", examples=["start"])
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] = Field(
        description="Six digits of the other side.", examples=["482913"]
    )


class TimeCodeRead(Output):
    """The code the caller shows now."""

    phase: Phase = Field(description="start or stop.", examples=["start"])
    code: str = Field(description="Six digits to show the other side.", examples=["482913"])


class MinutesFound(Input):
    """What one helper did, as a supervisor found."""

    resident_id: UUID = Field(description="The helper.")
    minutes: Int64 = Field(ge=0, le=720, description="Minutes served.", examples=[90])


class HelpSettlement(Input):
    """What a supervisor found."""

    helpers: list[MinutesFound] = Field(min_length=1, max_length=20, description="Every helper who came.")
    reason: ShortText = Field(description="What was found.", examples=["双方都认可一个半小时"])


class ParticipantRead(Output):
    """One person on one side."""

    resident_id: UUID = Field(description="The person.")
    name: str = Field(description="Masked name.", examples=["王**"])
    side: Side = Field(description="helper or helped.", examples=["helper"])
    started_at: datetime | None = Field(description="When the other side entered the start code, UTC.")
    ended_at: datetime | None = Field(description="When the other side entered the stop code, UTC.")
    served_minutes: int = Field(description="Minutes served.", examples=[120])
    credited_minutes: int = Field(description="Minutes a helper is credited.", examples=[120])
    confirmed_at: datetime | None = Field(description="When the minutes were agreed to, UTC.")


class HelpRequestRead(Output):
    """A request for help."""

    id: UUID = Field(description="The request.")
    kind_code: str = Field(description="Kind of help.", examples=["escort"])
    kind_name: str = Field(description="The kind in words.", examples=["陪同就医"])
    rate_percent: int = Field(description="Minutes credited for 100 minutes.", examples=[100])
    note: str = Field(description="What the helper should know.")
    location: str | None = Field(description="Where; for those who take part and officials.")
    payer: Payer = Field(description="own or pool.", examples=["own"])
    is_approved: bool = Field(description="Whether its minutes are set aside; the pool pays after approval.")
    helpers_wanted: int = Field(description="Helpers wanted.", examples=[1])
    minutes: int = Field(description="How long it takes at most, minutes.", examples=[120])
    escrow_minutes: int = Field(description="Minutes set aside for it.", examples=[120])
    wanted_from: datetime = Field(description="From when, UTC.")
    wanted_until: datetime = Field(description="Until when somebody must have begun, UTC.")
    state: State = Field(
        description="requested, matched, started, ended, credited, cancelled, disputed or settled.",
        examples=["requested"],
    )
    started_at: datetime | None = Field(description="When both sides were there, UTC.")
    ended_at: datetime | None = Field(description="When it ended, UTC.")
    is_ended_by_clock: bool = Field(description="Whether nobody entered the stop code in time.")
    due_at: datetime | None = Field(description="When the clock takes the next step, UTC.")
    reason: str = Field(description="Why it was cancelled, disputed or settled.")
    created_at: datetime = Field(description="When it was asked for, UTC.")
    participants: list[ParticipantRead] = Field(description="Who takes part on which side.")

    @classmethod
    def of(cls, request: Request, principal: Principal) -> Self:
        """Show a request; where somebody lives is for those who take part and for staff."""
        read = cls.model_validate(request)
        is_inside = request.find(principal.resident_id) is not None or principal.resident_id is None
        return read if is_inside else read.model_copy(update={"location": None})


class HelpLineRead(Output):
    """One line of a request's record."""

    id: UUID = Field(description="The line.")
    action: str = Field(description="What was done.", examples=["confirm"])
    account_id: UUID | None = Field(description="Who did it; null for the clock.")
    note: str = Field(description="Why.")
    happened_at: datetime = Field(description="When, UTC.")
