"""What the API of passbooks takes and says."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.passbooks.domain import MoveKind, PassbookStatement
from services.points.rulebooks.schemas import MINUTES
from shared.schemas import Input, Int64, Output, ShortText

MinutesGiven = Annotated[Int64, Field(ge=1, le=100_000, description="Minutes.", examples=[60])]
Note = Annotated[str, StringConstraints(max_length=200)]


class FamilyMember(Output):
    """Somebody of the same household."""

    resident_id: UUID = Field(description="The person.")
    name: str = Field(description="Masked name.", examples=["王**"])


class PassbookRead(Output):
    """A person's minutes."""

    resident_id: UUID = Field(description="Whose they are.")
    name: str = Field(description="Masked name.", examples=["王**"])
    minutes: int = Field(description="Minutes to use now.", examples=[180])
    family: list[FamilyMember] = Field(description="To whom minutes can be given.")


class GiftCreate(Input):
    """Minutes for somebody of the family."""

    to_resident_id: UUID = Field(description="Who gets them: another member of the household.")
    minutes: MinutesGiven
    reason: Note = Field("", description="A word to go with it.", examples=["给奶奶用"])


class DonationCreate(Input):
    """Minutes for the community's pool."""

    minutes: MinutesGiven
    reason: Note = Field("", description="A word to go with it.")


class GrantCreate(Input):
    """Minutes of the pool for a person in need."""

    to_resident_id: UUID = Field(description="Who gets them.")
    minutes: MinutesGiven
    reason: ShortText = Field(description="The need.", examples=["独居老人，术后需要照料"])


class IssueCreate(Input):
    """Minutes the community puts into its pool."""

    minutes: MinutesGiven
    reason: ShortText = Field(description="The decision that allows it.", examples=["居民代表会议 2026-04"])
    decision_id: UUID | None = Field(None, description="The proposal whose published decision allows it.")
    minutes_asset_id: UUID | None = Field(None, description=MINUTES)


class ExchangeCreate(Input):
    """Minutes to turn into points."""

    minutes: MinutesGiven


class MoveRead(Output):
    """What was done with minutes."""

    id: UUID = Field(description="The move.")
    kind: MoveKind = Field(description="gift, donation, grant, issue or exchange.", examples=["gift"])
    minutes: int = Field(description="Minutes.", examples=[60])
    points: int = Field(description="Points an exchange brought.", examples=[0])
    from_resident_id: UUID | None = Field(description="Who gave; null for the community.")
    to_resident_id: UUID | None = Field(description="Who got; null for pool or exchange.")
    reason: str = Field(description="Why.")
    account_id: UUID = Field(description="Who entered it.")
    made_at: datetime = Field(description="When, UTC.")


class IssueRead(Output):
    """Minutes the community put into its pool."""

    id: UUID = Field(description="The move.")
    minutes: int = Field(description="Minutes.", examples=[600])
    reason: str = Field(description="The decision that allows it.", examples=["居民代表会议 2026-04"])
    decision_id: UUID | None = Field(description="The proposal whose decision allows it.")
    minutes_asset_id: UUID | None = Field(description="Photo or file of the minutes.")
    account_id: UUID = Field(description="Who entered it.")
    made_at: datetime = Field(description="When, UTC.")


class PoolRead(Output):
    """The community's pool."""

    minutes: int = Field(description="Minutes in it.", examples=[1200])


class LineRead(Output):
    """One line of a passbook."""

    id: UUID = Field(description="The line.")
    created_at: datetime = Field(description="When, UTC.")
    kind: str = Field(description="time_credit, time_gift, time_donation, time_grant, …", examples=["time_credit"])
    summary: str = Field(description="What it was for.", examples=["陪同就医"])
    minutes: int = Field(description="Change in minutes.", examples=[120])
    balance_after: int = Field(description="Minutes after it.", examples=[180])


class StatementRead(Output):
    """A quarter of a passbook."""

    resident_id: UUID = Field(description="Whose it is.")
    name: str = Field(description="Masked name.", examples=["王**"])
    quarter: str = Field(description="Year and quarter.", examples=["2026Q2"])
    opening: int = Field(description="Minutes at its beginning.", examples=[60])
    earned: int = Field(description="Minutes that came.", examples=[120])
    spent: int = Field(description="Minutes that went.", examples=[0])
    closing: int = Field(description="Minutes at its end, or now.", examples=[180])
    lines: list[LineRead] = Field(description="Every line, oldest first.")

    @classmethod
    def of(cls, statement: PassbookStatement) -> Self:
        """Show a statement."""
        return cls(
            resident_id=statement.resident_id,
            name=statement.name,
            quarter=str(statement.quarter),
            opening=statement.opening,
            earned=statement.earned,
            spent=statement.spent,
            closing=statement.closing,
            lines=[LineRead.model_validate(line) for line in statement.lines],
        )
