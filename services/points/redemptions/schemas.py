"""What the redemptions' API takes and says."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.points.redemptions.domain import State
from shared.schemas import Input, Int64, Output, ShortText


class RedemptionCreate(Input):
    """What a household wants."""

    product_id: UUID = Field(description="The product.")
    quantity: Int64 = Field(1, ge=1, le=100, description="Pieces.", examples=[1])
    price_points: Int64 | None = Field(
        None,
        ge=1,
        description="Price of one piece the buyer has seen; a different price now is refused.",
        examples=[30],
    )
    cash_fen: Int64 | None = Field(
        None,
        ge=0,
        le=10**9,
        description="Cash for one piece the buyer has seen, in fen; another amount now is refused.",
        examples=[500],
    )


class RedemptionRead(Output):
    """A redemption."""

    id: UUID = Field(description="The redemption.")
    household_id: UUID = Field(description="Whose it is.")
    product_id: UUID = Field(description="What it is.")
    product_name: str = Field(description="Name of the goods when they were redeemed.", examples=["食用油 1.8 升"])
    quantity: int = Field(description="Pieces.", examples=[1])
    points: int = Field(description="Points for all pieces.", examples=[30])
    cash_fen: int = Field(
        0, description="Cash for all pieces besides the points, in fen; due when they are handed over.", examples=[500]
    )
    cash_received_fen: int = Field(
        0, description="What the storekeeper got of it at the counter, in fen.", examples=[0]
    )
    cash_returned_fen: int = Field(0, description="What went back when the goods came back, in fen.", examples=[0])
    state: State = Field(
        description="reserved, ready, picked_up, scheduled, installed, accepted, returned, cancelled or expired.",
        examples=["reserved"],
    )
    pickup_code: str | None = Field(
        description="Six digits to say at the counter; shown to the household alone, while it is open.",
        examples=["482913"],
    )
    expires_at: datetime = Field(description="Until when it is kept, UTC.")
    created_at: datetime = Field(description="When it was redeemed, UTC.")
    ended_at: datetime | None = Field(None, description="When it was picked up, cancelled or expired, UTC.")
    proxy_name: str | None = Field(None, description="Who came for the household, if not a member.", examples=[None])
    proxy_for: str | None = Field(
        None, description="For whom, as the household's file names them, masked.", examples=[None]
    )
    handed_over_by: UUID | None = Field(
        None, description="Who handed it over: a storekeeper's or a volunteer's account."
    )
    taken_back_by: UUID | None = Field(None, description="The storekeeper's account that took it back.")
    taken_back_at: datetime | None = Field(None, description="When it was taken back, UTC.")
    reason: str = Field("", description="Why it was cancelled or returned.")


class Cancellation(Input):
    """Why the goods are given up."""

    reason: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="Reason; a storekeeper who cancels for a household must give one.", examples=["买错了"]
    )


class Pickup(Input):
    """What is brought to the counter: six digits or the text of the QR code."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = Field(
        None, description="Six digits.", examples=["482913"]
    )
    token: Annotated[str, StringConstraints(min_length=10, max_length=200)] | None = Field(
        None, description="Text of the scanned QR code."
    )
    proxy_name: ShortText | None = Field(
        None, description="Name of the person who came for the household.", examples=["张三"]
    )

    cash_received_fen: Int64 = Field(
        0,
        ge=0,
        le=10**9,
        description="Cash the storekeeper got, in fen. When it is not what is due, the refusal says how much is, and nothing is handed over.",
        examples=[500],
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.code is None) == (self.token is None):
            msg = "取货码和二维码填一个就可以，也只能填一个。"
            raise ValueError(msg)
        return self


class Return(Input):
    """Goods brought back."""

    reason: ShortText = Field(description="Why.", examples=["包装破损"])
    is_resellable: bool = Field(description="Whether somebody else can have it; otherwise it is booked as a loss.")
