"""What the ledger's API says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.points.ledger.domain import Asset
from shared.schemas import Output


class BalanceRead(Output):
    """A balance in one asset."""

    asset: Asset = Field(description="standing 评议分, spendable 兑换分, time minutes.", examples=["spendable"])
    available: int = Field(description="Free to use now, in points (minutes for time).", examples=[160])
    held: int = Field(description="Set aside for redemptions not yet picked up.", examples=[30])


class ExpiryRead(Output):
    """Points that will expire together."""

    expires_at: datetime = Field(description="When they expire, UTC.", examples=["2027-05-01T00:00:00Z"])
    points: int = Field(description="How many expire then.", examples=[20])


class HouseholdAccountRead(Output):
    """A household's points at a glance."""

    household_id: UUID = Field(description="The household.")
    number: str = Field(description="Household number on the roster.", examples=["QLQ-03-0412"])
    householder_name: str = Field(description="Masked name of the householder.", examples=["王**"])
    grid_name: str = Field(description="Grid.", examples=["第三网格"])
    building_name: str = Field(description="Building.", examples=["12栋"])
    balances: list[BalanceRead] = Field(description="One per asset.")
    expiries: list[ExpiryRead] = Field(description="Every coming expiry, soonest first.")


class StatementRowRead(Output):
    """One line of a statement."""

    id: UUID = Field(description="The line.")
    created_at: datetime = Field(description="When it was posted, UTC.")
    kind: str = Field(
        description="opening, claim, deduction, redemption, return, reversal, expiry or hold.", examples=["claim"]
    )
    summary: str = Field(description="What it was for, in Chinese.", examples=["楼道清扫"])
    amount: int = Field(description="Change in points; 0 for a hold or its release.", examples=[5])
    available_after: int = Field(description="Free points after this line.", examples=[105])
    held_after: int = Field(description="Held points after this line.", examples=[0])
    version: int = Field(description="Number of the line in its account, from 1.", examples=[2])


class ChainCheckRead(Output):
    """Result of checking an account's hash chain."""

    is_sound: bool = Field(description="Whether every line follows from the one before it.")
    broken_version: int | None = Field(description="First altered line, or null.", examples=[None])
