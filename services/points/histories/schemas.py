"""What the books' API says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.points.ledger.domain import Asset
from shared.schemas import Output


class BalanceRead(Output):
    """A balance in one asset."""

    asset: Asset = Field(description="standing 评议分, spendable 兑换分, time minutes.", examples=["spendable"])
    available: int = Field(description="Free to use, in points (minutes for time).", examples=[160])
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
    balances: list[BalanceRead] = Field(description="One per asset; of the moment asked for.")
    expiries: list[ExpiryRead] = Field(description="Every coming expiry, soonest first.")
    arrears: int = Field(description="Points owed now; what comes in next repays them.", examples=[0])


class StatementRowRead(Output):
    """One line of a statement."""

    id: UUID = Field(description="The line.")
    created_at: datetime = Field(description="When it was posted, UTC.")
    event_at: datetime = Field(description="When what it is for happened or took effect, UTC.")
    kind: str = Field(
        description="opening, claim, deduction, redemption, return, reversal, expiry, arrears, repayment, merge and so on, or hold.",
        examples=["claim"],
    )
    summary: str = Field(description="What it was for, in Chinese.", examples=["楼道清扫"])
    amount: int = Field(description="Change in points; 0 for a hold or its release.", examples=[5])
    available_after: int = Field(description="Free points after this line.", examples=[105])
    held_after: int = Field(description="Held points after this line.", examples=[0])
    version: int = Field(description="Number of the line in its account, from 1.", examples=[2])
    resident_ids: list[UUID] = Field(
        description="Who of the household earned or spent it; empty for nobody in particular."
    )
    people: str = Field(description="Their masked names, or 全家 for nobody in particular.", examples=["王**、李*"])
    acting_account_id: UUID | None = Field(description="The account that entered it, or null.")
    source_id: UUID | None = Field(description="The claim, redemption, gig … behind it, or null.")
    reverses_id: UUID | None = Field(description="The transfer it undoes, or null.")
    rule_version: int | None = Field(description="Version of the rulebook it was posted under, or null.", examples=[3])


class EarnerRead(Output):
    """What one person brought to the household's account; what several did together counts for each in equal parts."""

    resident_id: UUID | None = Field(description="The person; null for what nobody in particular did.")
    name: str = Field(description="Masked name, or 全家 for nobody in particular.", examples=["王**"])
    received: int = Field(description="Points that came in through this person.", examples=[45])
    spent: int = Field(description="Points that went out through this person.", examples=[30])
    lines: int = Field(description="How many lines.", examples=[7])


class EarnersRead(Output):
    """Who brought how much to a household's account."""

    items: list[EarnerRead] = Field(description="Most points first.")


class ChainCheckRead(Output):
    """Result of checking an account's hash chain."""

    is_sound: bool = Field(description="Whether every line follows from the one before it.")
    broken_version: int | None = Field(description="First altered line, or null.", examples=[None])
