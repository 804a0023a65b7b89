"""What the installations' API takes and says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.property.installations.domain import State
from shared.schemas import Input, Instant, Output


class Appointment(Input):
    """Who comes when."""

    scheduled_for: Instant = Field(description="When somebody comes.", examples=["2026-05-13T01:00:00Z"])
    worker_id: UUID | None = Field(None, description="Who comes; a worker who takes it leaves this out.")


class Completion(Input):
    """What was done."""

    note: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="What the household should know.", examples=["已换锁芯，三把钥匙"]
    )
    photo_ids: list[UUID] = Field(default_factory=list, max_length=9, description="Pictures, assets of media.")


class Refusal(Input):
    """Why it cannot be fitted."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="What the household is told.", examples=["您家的门锁是一体的，换不了锁芯"]
    )


class Settlement(Input):
    """How a conflict was settled."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="What was found and done.", examples=["已和店员核对，住户愿意留用，已补办兑换"]
    )


class InstallationRead(Output):
    """Goods redeemed for points that are fitted at home."""

    redemption_id: UUID = Field(description="The redemption in points.")
    household_id: UUID = Field(description="Whose home.")
    address: str = Field(description="Where.", examples=["1栋1单元201"])
    product_name: str = Field(description="What is fitted.", examples=["锁芯"])
    quantity: int = Field(description="Pieces.", examples=[1])
    state: State = Field(description="ordered, scheduled, installed or cancelled.", examples=["scheduled"])
    ordered_at: datetime = Field(description="When it was heard of, UTC.")
    expires_at: datetime = Field(description="Until when points keeps the goods, UTC.")
    worker_id: UUID | None = Field(description="Who comes.")
    worker_name: str = Field(description="Their name.")
    scheduled_for: datetime | None = Field(description="When, UTC.")
    installed_at: datetime | None = Field(description="When it was fitted, UTC.")
    note: str = Field(description="What the household should know.")
    photo_ids: list[UUID] = Field(description="Pictures, assets of media.")
    ended_at: datetime | None = Field(description="When it ended, UTC.")
    end_reason: str = Field(
        description="Why it was cancelled: refused when the company could not fit it; `note` says why."
    )
    is_conflict: bool = Field(description="Fitted, but points had let the goods go before; a person must look.")
    settled_at: datetime | None = Field(description="When a person settled the conflict, UTC; null while nobody has.")
    settled_by: UUID | None = Field(description="Who settled it.")
    settlement: str = Field(description="What was found and done about it.")
