"""What is said about the work on site over HTTP."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.property.tickets.transitions import HoldReason, Outcome
from shared.schemas import Input, LongText


class ArrivalCreate(Input):
    """The worker is there."""

    note: LongText | None = Field(None, description="A word for the log.", examples=["已到 3 单元门口"])


class HoldCreate(Input):
    """Why work waits, and until when."""

    reason: HoldReason = Field(
        description="other_job does not stop the promised time; the others do.", examples=["waiting_parts"]
    )
    until: AwareDatetime = Field(
        ge=datetime(2000, 1, 1, tzinfo=UTC),
        le=datetime(2100, 12, 31, tzinfo=UTC),
        description="The day work goes on; the clock runs again from then in any case.",
        examples=["2026-05-13T01:00:00Z"],
    )
    note: LongText | None = Field(None, description="More about it.", examples=["等阀门到货"])


class FinishCreate(Input):
    """What came of it."""

    outcome: Literal[Outcome.FIXED, Outcome.MITIGATED, Outcome.EXPLAINED_NOT_FIXABLE] = Field(
        description="fixed, mitigated or explained_not_fixable.", examples=["fixed"]
    )
    summary: LongText = Field(description="What was done, for the resident.", examples=["更换灯泡和声控开关"])
    photo_ids: list[UUID] = Field(
        default_factory=list, max_length=9, description="Pictures afterwards (media assets); some categories need one."
    )
