"""What the API of kinds of help takes and says."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from services.points.help_kinds.domain import LEAST_PERCENT, MOST_PERCENT
from shared.schemas import Input, Int64, Output, ShortText

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class HelpKindCreate(Input):
    """A kind of help as published."""

    code: Code = Field(description="Short name in English; the same code enters the next version.", examples=["escort"])
    name: ShortText = Field(description="What it is.", examples=["陪同就医"])
    description: Annotated[str, StringConstraints(max_length=500)] = Field(
        "", description="What belongs to it.", examples=["陪老人挂号、看病、取药"]
    )
    rate_percent: Int64 = Field(
        100, ge=LEAST_PERCENT, le=MOST_PERCENT, description="Minutes credited for 100 minutes of it.", examples=[120]
    )
    is_active: bool = Field(True, description="Whether it can be asked for.")
    decision: ShortText = Field(description="The meeting that set the rate.", examples=["居民代表会议 2026-04"])


class HelpKindRead(Output):
    """A kind of help."""

    code: str = Field(description="Short name.", examples=["escort"])
    version: int = Field(description="From 1.", examples=[1])
    name: str = Field(description="What it is.", examples=["陪同就医"])
    description: str = Field(description="What belongs to it.")
    rate_percent: int = Field(description="Minutes credited for 100 minutes of it.", examples=[120])
    is_active: bool = Field(description="Whether it can be asked for.")
    decision: str = Field(description="The meeting that set the rate.")
    entered_at: datetime = Field(description="When it was entered, UTC.")
