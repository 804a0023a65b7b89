"""What the periods' API takes and says."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.periods.domain import State
from shared.schemas import Input, Int64, Output, ShortText

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class PeriodCreate(Input):
    """The next round."""

    name: ShortText = Field(description="What people call it.", examples=["2026年5—6月"])
    begins_on: date | None = Field(
        None,
        description="First day in China; by default the day after the last round, the first round from the first of this month.",
        examples=["2026-05-01"],
    )
    ends_on: date | None = Field(
        None,
        description="Last day in China; by default the end of the second month.",
        examples=["2026-06-30"],
    )
    notice_days: Int64 = Field(5, ge=1, le=30, description="Whole days its totals hang out.", examples=[5])


class PeriodRead(Output):
    """A round of assessment."""

    id: UUID = Field(description="The period.")
    number: int = Field(description="Number of the round, from 1.", examples=[1])
    name: str = Field(description="What people call it.", examples=["2026年5—6月"])
    begins_on: date = Field(description="First day, in China.")
    ends_on: date = Field(description="Last day, in China.")
    notice_days: int = Field(description="Whole days its totals hang out.", examples=[5])
    state: State = Field(description="open, collecting, reviewed, publicised or sealed.", examples=["open"])
    edition: int = Field(description="How often its totals were drawn up; 0 before the first time.", examples=[0])
    opened_at: datetime = Field(description="When it was opened, UTC.")
    reviewed_at: datetime | None = Field(description="When it was reviewed, UTC.")
    publicised_at: datetime | None = Field(description="When its totals were hung out, UTC.")
    objections_until: datetime | None = Field(description="Until when a household may object, UTC.")
    sealed_at: datetime | None = Field(description="When it was sealed, UTC.")
    root: str | None = Field(description="SHA-256 over the sealed totals, hex; null before the seal.")
    ledger_seal_number: int | None = Field(description="Number of the community's ledger seal at that time.")
    ledger_seal_root: str | None = Field(description="Merkle root of that ledger seal, hex.")
    reason: str = Field(description="Why it was sent back last.")


class PeriodDetail(PeriodRead):
    """A round with what still stands in its way."""

    pending_claims: int = Field(description="Claims for its days that are not decided yet.", examples=[0])
    open_objections: int = Field(description="Objections that wait for an answer.", examples=[0])


class SendBack(Input):
    """Why a period must be drawn up again."""

    reason: Reason = Field(description="What is wrong.", examples=["三号楼的巡逻积分漏记"])


class PeriodObjectionCreate(Input):
    """What a household holds against a published period."""

    reason: Reason = Field(description="What is wrong with it.", examples=["我家 5 月 20 日的巡逻没有计入"])


class PeriodObjectionRead(Output):
    """An objection and its answer."""

    id: UUID = Field(description="The objection.")
    period_id: UUID = Field(description="The period.")
    household_id: UUID = Field(description="Who objects.")
    reason: str = Field(description="What is wrong.")
    made_at: datetime = Field(description="When, UTC.")
    is_upheld: bool | None = Field(description="Whether it was right; null while it waits.")
    answer: str = Field(description="What was found.")
    answered_at: datetime | None = Field(description="When it was answered, UTC.")


class PeriodAnswer(Input):
    """The answer to an objection."""

    is_upheld: bool = Field(description="Whether it is right; then the period is drawn up again.")
    answer: Reason = Field(description="What was found.", examples=["经核实漏记 3 分，已补记。"])
