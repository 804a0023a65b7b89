"""What the API of rounds says."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from services.proposals.rounds.domain import Grade, Method, RoundState
from shared.schemas import Input, Instant, Int64, LongText, Output, ShortText

OptionCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,50}$")]


class OptionCreate(Input):
    """An option of a round that is not yes or no."""

    code: OptionCode = Field(description="Short code.", examples=["east_gate"])
    label: ShortText = Field(description="What the voter reads.", examples=["东门"])


class RoundCreate(Input):
    """A vote of the open step; its rule is the one the template names."""

    roll_id: UUID = Field(description="The frozen roll.")
    question: LongText = Field(description="What is decided.", examples=["是否同意 12 栋加装电梯？"])
    method: Method = Field(Method.YES_NO_ABSTAIN, description="yes_no_abstain, single or approve.")
    options: list[OptionCreate] = Field(default_factory=list, max_length=30, description="For single and approve.")
    max_choices: Annotated[Int64, Field(ge=1, le=30)] = Field(1, description="For approve: at most so many.")
    grade: Grade = Field(Grade.NAMED_PRIVATE, description="named_public 记名公开 or named_private 记名不公开.")
    opens_at: Instant | None = Field(None, description="When ballots can be cast, UTC; null for now.")
    closes_at: Instant = Field(description="When the box closes, UTC.")


class RunoffCreate(Input):
    """When the options that are level are put again; roll, rule and grade are those of the tied vote."""

    opens_at: Instant | None = Field(None, description="When ballots can be cast, UTC; null for now.")
    closes_at: Instant = Field(description="When the box closes, UTC.")


class RoundCheckIn(Input):
    """Who came."""

    unit_id: UUID | None = Field(None, description="The household, when the desk notes it; null for one's own.")


class PresenceRead(Output):
    """How many came."""

    present_units: int = Field(description="Units that checked in.", examples=[151])


class OptionRead(Output):
    """An option."""

    code: str = Field(description="Short code.", examples=["yes"])
    label: str = Field(description="What the voter reads.", examples=["同意"])


class RoundRead(Output):
    """A vote. After the freeze nothing a voter relies on can change."""

    id: UUID = Field(description="The round.")
    proposal_id: UUID = Field(description="The proposal.")
    process_id: UUID = Field(description="The process.")
    step_code: str = Field(description="The step.", examples=["residents_decide"])
    state: RoundState = Field(description="drafted, frozen, open, closed, tallied, final or void.")
    question: str = Field(description="What is decided.")
    method: Method = Field(description="How a choice is made.")
    options: list[OptionRead] = Field(description="What can be chosen.")
    max_choices: int = Field(description="At most so many options.")
    grade: Grade = Field(description="Who may learn who chose what.")
    rule: dict[str, Any] = Field(description="The rule, whole, with its law.")
    needs_presence: bool = Field(description="Whether units check in before they vote.")
    roll_id: UUID = Field(description="The frozen roll.")
    text_hash: str = Field(description="Hash of the text that is decided.")
    runoff_of: UUID | None = Field(
        description="The tied round whose leading options are put again; null for a first vote."
    )
    frozen_hash: str = Field(description="Hash over everything the freeze fixed; empty before. Vote with it.")
    opens_at: datetime = Field(description="When ballots can be cast, UTC.")
    closes_at: datetime = Field(description="When the box closes, UTC.")


class PresetRead(Output):
    """A preset rule."""

    code: str = Field(description="Code.", examples=["owners_ordinary"])
    body: str = Field(description="Whose rule it is.", examples=["业主共同决定（一般事项）"])
    held_when: dict[str, Any] = Field(description="When it is held, as a tree.")
    decided_when: dict[str, Any] = Field(description="When it decides, as a tree.")
    needs_presence: bool = Field(description="Whether presence is counted.")
    law: str = Field(description="Law or guide.")
    article: str = Field(description="Article.")
    effective_from: date = Field(description="Since when the cited text is in force.")
    is_verified: bool = Field(description="Whether somebody compared it with the text in force.")
    badge: str = Field(description="Warning when it is not; empty otherwise.")
