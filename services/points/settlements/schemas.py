"""What the settlements' API takes and says."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.points.settlements.domain import State
from shared.schemas import Input, LongText, Output, ShortText


class SettlementCreate(Input):
    """Which shop and month."""

    merchant_id: UUID = Field(description="The shop.")
    month: date = Field(description="First day of a month that is over.", examples=["2026-04-01"])


class Dispute(Input):
    """What is wrong."""

    reason: LongText = Field(description="What is wrong.", examples=["5月3日那张券当天退货了，不应计入。"])


class DisputeAnswer(Input):
    """The answer, and the vouchers that are left out."""

    answer: LongText = Field(description="The answer.", examples=["情况属实，已剔除这张券。"])
    without: list[UUID] = Field(default_factory=list, max_length=500, description="Vouchers to leave out.")


class Payment(Input):
    """How it was paid."""

    reference: ShortText = Field(description="Number of the bank transfer or receipt.", examples=["转账 20260603-017"])


class SettlementRead(Output):
    """What a shop is owed for a month."""

    id: UUID = Field(description="The settlement.")
    merchant_id: UUID = Field(description="The shop.")
    merchant_name: str = Field(description="The shop's name.", examples=["城关粮油店"])
    month: date = Field(description="First day of the month.", examples=["2026-05-01"])
    vouchers: int = Field(description="How many vouchers.", examples=[12])
    points: int = Field(description="Points of all of them; leaves the shop's account when paid.", examples=[240])
    value_fen: int = Field(description="Fen the community pays.", examples=[24000])
    state: State = Field(
        description="drafted, disputed, merchant_confirmed, community_confirmed or paid.", examples=["drafted"]
    )
    drafted_by: UUID | None = Field(description="Who drafted it; null for the clock.")
    confirmed_by: UUID | None = Field(description="Who confirmed for the shop.")
    countersigned_by: UUID | None = Field(description="Who confirmed for the community.")
    paid_by: UUID | None = Field(description="Who paid.")
    payment_reference: str = Field(description="Number of the bank transfer or receipt.")
    transfer_id: UUID | None = Field(description="The transfer in the ledger.")
    reason: str = Field(description="The last dispute or its answer.")
    created_at: datetime = Field(description="When it was drafted, UTC.")
    paid_at: datetime | None = Field(description="When it was paid, UTC.")
