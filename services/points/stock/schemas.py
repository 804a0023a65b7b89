"""What the stock's API takes and says."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.points.funds.domain import FundSource
from services.points.stock.domain import LossKind
from services.points.stock.repository import BatchStock
from shared.schemas import Input, Int64, Output, ShortText


class BatchCreate(Input):
    """Goods that arrived together."""

    quantity: Int64 = Field(ge=1, le=1_000_000, description="Pieces.", examples=[100])
    unit_cost_fen: Int64 = Field(ge=0, le=10**9, description="Cost of one piece in fen.", examples=[2590])
    fund_source: FundSource = Field(description="fiscal, donation or collective.", examples=["donation"])
    fund_id: UUID | None = Field(None, description="The fund that pays; its balance goes down by quantity × cost.")
    supplier_id: UUID | None = Field(None, description="Who delivered it, from the list of suppliers.")
    supplier: ShortText | None = Field(
        None, description="Who delivered or gave it, when not on the list.", examples=["城关粮油店"]
    )
    keeps_until_on: date | None = Field(None, description="Last day it may be given out.", examples=["2027-03-31"])


class BatchRead(Output):
    """A batch and where its pieces are."""

    id: UUID = Field(description="The batch.")
    product_id: UUID = Field(description="What it is.")
    product_name: str | None = Field(None, description="Its name, in lists over several products.")
    quantity: int = Field(description="Pieces received.", examples=[100])
    unit_cost_fen: int = Field(description="Cost of one piece in fen.", examples=[2590])
    fund_source: FundSource = Field(description="fiscal, donation or collective.")
    fund_id: UUID | None = Field(description="The fund that paid, when its accounts are kept here.")
    supplier_id: UUID | None = Field(description="Who delivered it, from the list of suppliers.")
    supplier: str = Field(description="Who delivered or gave it.")
    keeps_until_on: date | None = Field(description="Last day it may be given out.")
    received_by: UUID = Field(description="Who took it in.")
    received_at: datetime = Field(description="When it arrived, UTC.")
    available: int = Field(description="Pieces on the shelf.", examples=[90])
    reserved: int = Field(description="Pieces set aside.", examples=[4])
    sold: int = Field(description="Pieces handed over, returns taken off.", examples=[6])
    lost: int = Field(description="Pieces written off, finds taken off.", examples=[0])

    @classmethod
    def of(cls, stock: BatchStock, product_name: str | None = None) -> "BatchRead":
        """Read it from the books."""
        facts = {name: getattr(stock.batch, name) for name in cls.model_fields if hasattr(stock.batch, name)}
        return cls(
            **facts,
            product_name=product_name,
            available=stock.available,
            reserved=stock.reserved,
            sold=stock.sold,
            lost=stock.lost,
        )


class Loss(Input):
    """Pieces that cannot be given to anybody."""

    quantity: Int64 = Field(ge=1, le=1_000_000, description="Pieces.", examples=[2])
    kind: LossKind = Field(description="damaged, expired, missing or other.", examples=["damaged"])
    note: ShortText = Field(description="What happened, in words.", examples=["搬运时摔破"])


class BucketSplit(Input):
    """In how many parts the stock lies."""

    count: Int64 = Field(ge=1, le=64, description="Parts; more before a rush, one for ordinary days.", examples=[8])


class MoveRead(Output):
    """One move of stock."""

    id: UUID = Field(description="The move.")
    product_id: UUID = Field(description="What moved.")
    batch_id: UUID = Field(description="From which batch.")
    source: str = Field(description="supplier, shelf, reserved, household or loss.", examples=["shelf"])
    destination: str = Field(description="supplier, shelf, reserved, household or loss.", examples=["loss"])
    quantity: int = Field(description="Pieces.", examples=[2])
    cause_id: UUID = Field(description="The batch, redemption, loss or stock-take behind it.")
    reason: str = Field(description="Why, in words.")
    acting_account_id: UUID | None = Field(description="Who did it; null for the clock.")
    created_at: datetime = Field(description="When, UTC.")
