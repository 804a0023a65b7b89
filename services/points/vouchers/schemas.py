"""What the vouchers' API takes and says."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.points.vouchers.domain import State
from shared.schemas import Input, Int64, LongText, Output


class VoucherCreate(Input):
    """Which offer is taken."""

    offer_id: UUID = Field(description="The offer.")


class Verification(Input):
    """What is shown at the counter: eight digits or the text of the QR code."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")] | None = Field(
        None, description="Eight digits.", examples=["48291305"]
    )
    token: Annotated[str, StringConstraints(min_length=10, max_length=200)] | None = Field(
        None, description="Text of the scanned QR code."
    )
    bill_fen: Int64 | None = Field(
        None, ge=0, le=100_000_000, description="What the bill came to, in fen; optional.", examples=[5600]
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.code is None) == (self.token is None):
            msg = "券码和二维码填一个就可以，也只能填一个。"
            raise ValueError(msg)
        return self


class TakeBack(Input):
    """Why a used voucher is undone."""

    reason: LongText = Field(description="Why.", examples=["顾客退货"])


class VoucherRead(Output):
    """A voucher of an allied shop."""

    id: UUID = Field(description="The voucher.")
    offer_id: UUID = Field(description="The offer it came from.")
    merchant_id: UUID = Field(description="The shop.")
    merchant_name: str = Field(description="The shop's name.", examples=["城关粮油店"])
    household_id: UUID = Field(description="Whose it is.")
    title: str = Field(description="What it is.", examples=["粮油代金券 20 元"])
    points: int = Field(description="Points it costs; held while it is issued.", examples=[20])
    value_fen: int = Field(description="Fen the community pays the shop for it.", examples=[2000])
    discount_percent: int | None = Field(description="Part of the price still to be paid; 90 is 九折.")
    state: State = Field(description="issued, used, expired or refunded.", examples=["issued"])
    code: str | None = Field(
        description="Eight digits to say at the shop; shown to the household alone, while it is issued.",
        examples=["48291305"],
    )
    expires_at: datetime = Field(description="Until when it is good, UTC.")
    created_at: datetime = Field(description="When it was taken, UTC.")
    used_at: datetime | None = Field(description="When the shop verified it, UTC.")
    bill_fen: int | None = Field(description="What the bill came to, as the shop says.")
    settlement_id: UUID | None = Field(description="The monthly settlement that counts it.")
    reason: str = Field(description="Why it was taken back.")
