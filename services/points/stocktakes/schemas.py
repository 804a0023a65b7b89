"""What the stock-takes' API takes and says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.stocktakes.domain import Line, State
from services.points.stocktakes.usecases import Sheet
from shared.schemas import Input, Int64, Output, ShortText

Remark = Annotated[str, StringConstraints(max_length=200)]


class StocktakeCreate(Input):
    """A new count."""

    title: ShortText = Field(description="What is counted and when.", examples=["2026 年 5 月盘点"])


class Count(Input):
    """What was counted of one batch."""

    batch_id: UUID = Field(description="The batch.")
    counted: Int64 = Field(
        ge=0, le=1_000_000, description="Pieces in the room, those set aside included.", examples=[97]
    )
    explanation: Remark = Field(
        "", description="Why it is not what the books say; needed before submitting.", examples=["两件受潮，一件找不到"]
    )


class Decision(Input):
    """What the approver says."""

    remark: Remark = Field("", description="Remark, optional.", examples=["已复核"])


class LineRead(Output):
    """One counted batch."""

    batch_id: UUID = Field(description="The batch.")
    product_id: UUID = Field(description="What it is.")
    product_name: str = Field(description="Its name.", examples=["食用油 1.8 升"])
    expected: int = Field(description="Pieces by the books when it was counted.", examples=[100])
    counted: int = Field(description="Pieces found.", examples=[97])
    difference: int = Field(description="Found minus books.", examples=[-3])
    explanation: str = Field(description="Why they differ.")
    counted_at: datetime = Field(description="When, UTC.")


class StocktakeRead(Output):
    """A count."""

    id: UUID = Field(description="The count.")
    title: str = Field(description="What is counted and when.")
    state: State = Field(description="counting, submitted, approved or cancelled.", examples=["submitted"])
    clerk_account_id: UUID = Field(description="Who counted.")
    clerk_name: str = Field(description="Their name, masked.")
    started_at: datetime = Field(description="When it began, UTC.")
    submitted_at: datetime | None = Field(description="When it was handed in, UTC.")
    decided_by: UUID | None = Field(description="Who approved, sent back or cancelled it.")
    decided_at: datetime | None = Field(description="When, UTC.")
    remark: str = Field(description="What they said.")


class SheetRead(StocktakeRead):
    """A count with its lines."""

    lines: list[LineRead] = Field(description="What was counted.")

    @classmethod
    def of(cls, sheet: Sheet) -> "SheetRead":
        """Read it from the sheet."""
        head = StocktakeRead.model_validate(sheet.stocktake)
        return cls(**head.model_dump(), lines=[_line(line) for line in sheet.lines])


def _line(line: Line) -> LineRead:
    return LineRead.model_validate(line)
