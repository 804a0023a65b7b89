"""What the API of tallies says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from services.proposals.rounds.domain import RoundState
from shared.schemas import Output


class TallyRead(Output):
    """The result of a vote with its derivation."""

    round_id: UUID = Field(description="The round.")
    state: RoundState = Field(description="tallied: preliminary; final: after the notice; void.")
    winner: str | None = Field(description="Option put to the rule; null when several are level.", examples=["yes"])
    tied: list[str] = Field(description="Options that are level; a tie decides nothing.", examples=[["east", "west"]])
    needs_runoff: bool = Field(description="Whether the options that are level are put again: POST …/runoffs.")
    is_held: bool = Field(description="Whether enough took part.")
    is_decided: bool = Field(description="Whether enough agreed.")
    is_passed: bool = Field(description="Both.")
    ballots: int = Field(description="Ballots counted.", examples=[17])
    result: dict[str, Any] = Field(description="Counts per option and figures per measure; areas in 0.01 m².")
    derivation: dict[str, Any] = Field(description="The table of need, have and met.")
    derivation_text: str = Field(description="The same table printed in Chinese.")
    result_hash: str = Field(description="Hash of the result, hex; it stands in the log and on the notice.")
    tallied_at: datetime = Field(description="When, UTC.")


class RecountRead(Output):
    """A second count beside the stored one."""

    agrees: bool = Field(description="Whether both counts are the same.")
    stored_hash: str = Field(description="Hash of the stored result, hex.")
    recounted_hash: str = Field(description="Hash of the new count, hex.")
    result: dict[str, Any] = Field(description="The new count.")
