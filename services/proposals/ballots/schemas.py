"""What the API of ballots says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.proposals.ballots.domain import Reason
from shared.schemas import Input, Output

OptionCode = Annotated[str, StringConstraints(min_length=1, max_length=50)]


class BallotCast(Input):
    """A ballot."""

    choice: list[OptionCode] = Field(
        description="Codes of the options chosen; `abstain` stands alone.",
        min_length=1,
        max_length=31,
        examples=[["yes"]],
    )
    frozen_hash: str = Field(
        description="Hash of the round as it was shown to the voter, hex.", pattern="^[0-9a-f]{64}$"
    )


class ReceiptRead(Output):
    """The signed promise that the ballot will be in the log. It does not tell the choice."""

    round_id: UUID = Field(description="The round.")
    ballot_id: UUID = Field(description="The ballot.")
    leaf_hash: str = Field(description="Hash of its log entry, hex; ask for the inclusion proof with it.")
    cast_at: datetime = Field(description="When it was cast, UTC.")
    signature: str = Field(description="Ed25519 signature over the canonical receipt, hex.")
    public_key: str = Field(description="Ed25519 public key of the service, hex.")
    key_id: str = Field(description="Short name of the key.")


class EligibilityRead(Output):
    """Whether the caller can vote, and if not, why."""

    can_vote: bool = Field(description="Whether the ballot box is open to the caller now.")
    reason: Reason = Field(description="none, or what stands in the way.", examples=["already_voted"])
    text: str = Field(description="The same in Chinese.", examples=["您家已经投过票，一户一票。"])
    voted_by: str | None = Field(description="Masked name of who cast the household's ballot.", examples=["王**"])
    voted_at: datetime | None = Field(description="When, UTC.")
    ballot_id: UUID | None = Field(description="The household's ballot.")
    leaf_hash: str | None = Field(description="Its log entry, hex.")
    frozen_hash: str = Field(description="Hash of the round, to send with the ballot.")


class TurnoutRead(Output):
    """How many voted of how many; choices stay sealed until close."""

    units: int = Field(description="Voting units on the roll.", examples=[25])
    heads: int = Field(description="Heads on the roll.", examples=[25])
    area_cm2e2: int = Field(description="Area on the roll in 0.01 m².", examples=[222500])
    voted_units: int = Field(description="Units that voted.", examples=[17])
    voted_heads: int = Field(description="Heads that voted.", examples=[17])
    voted_area_cm2e2: int = Field(description="Area that voted in 0.01 m².", examples=[151300])
    present_units: int = Field(description="Units that checked in, where the rule counts presence.", examples=[0])
