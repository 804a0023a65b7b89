"""What the funds' API takes and says."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.points.funds.domain import FundSource, FundTransferKind
from shared.schemas import Input, Int64, Output, ShortText


class FundCreate(Input):
    """A new fund."""

    name: ShortText = Field(description="Name, unique in the community.", examples=["积分超市财政资金"])
    source: FundSource = Field(description="fiscal, donation or collective.", examples=["fiscal"])


class FundRead(Output):
    """A fund as everybody may see it."""

    id: UUID = Field(description="The fund.")
    name: str = Field(description="Its name.", examples=["积分超市财政资金"])
    source: FundSource = Field(description="fiscal, donation or collective.")
    income_fen: int = Field(description="All that came in, in fen, corrections taken off.", examples=[10_000_000])
    spending_fen: int = Field(description="All that went out, in fen, corrections taken off.", examples=[2_590_000])
    balance_fen: int = Field(description="What is left, in fen.", examples=[7_410_000])


class IncomeCreate(Input):
    """Money that came in."""

    amount_fen: Int64 = Field(ge=1, le=10**12, description="Amount in fen.", examples=[10_000_000])
    donor: ShortText = Field(
        description="Who gave it, as it is published; “匿名” when asked for.", examples=["郧阳区财政局"]
    )
    summary: ShortText = Field(description="What for.", examples=["2026 年积分超市补助"])
    happened_on: date = Field(description="Day on the bank slip.", examples=["2026-05-08"])


class FundReversal(Input):
    """Why a booking is put right."""

    reason: ShortText = Field(description="What was wrong.", examples=["金额录错"])


class FundTransferRead(Output):
    """One income, spending or correction."""

    id: UUID = Field(description="The booking.")
    fund_id: UUID = Field(description="The fund.")
    kind: FundTransferKind = Field(description="income, spending or reversal.", examples=["income"])
    amount_fen: int = Field(description="Amount in fen.", examples=[10_000_000])
    counterparty: str = Field(description="Who gave it or was paid.", examples=["郧阳区财政局"])
    summary: str = Field(description="What for.")
    happened_on: date = Field(description="Day it happened.")
    reverses_id: UUID | None = Field(description="The booking it puts right.")
    source_id: UUID = Field(description="The batch that was paid for, or the income itself.")
    acting_account_id: UUID = Field(description="Who entered it.")
    created_at: datetime = Field(description="When it was entered, UTC.")
