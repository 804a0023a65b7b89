"""What the installations' API says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.points.installations.domain import Stage, stage_of
from services.points.installations.models import Installation
from services.points.steps.domain import Step
from shared.schemas import Input, Output, ShortText


class InstallationSettlement(Input):
    """How a conflict was settled."""

    reason: ShortText = Field(description="What was found and done.", examples=["住户愿意留用，已重新兑换一次"])


class InstallationRead(Output):
    """Goods that property fits free of charge."""

    redemption_id: UUID = Field(description="The redemption.")
    household_id: UUID = Field(description="Whose home.")
    product_name: str = Field(description="What is fitted.", examples=["锁芯"])
    quantity: int = Field(description="Pieces.", examples=[1])
    stage: Stage = Field(description="ordered, scheduled, installed or ended.", examples=["scheduled"])
    ordered_at: datetime = Field(description="When it was redeemed, UTC.")
    scheduled_for: datetime | None = Field(description="When somebody comes, UTC.")
    worker_name: str = Field(description="Who comes, masked.")
    installed_at: datetime | None = Field(description="When it was fitted, UTC.")
    accept_by: datetime | None = Field(description="From when silence counts as content, UTC.")
    ended_at: datetime | None = Field(description="When it ended, UTC.")
    outcome: str = Field(
        description="accepted, cancelled, expired, picked_up, refused (by property) or returned; empty while it goes on."
    )
    is_accepted_silently: bool = Field(description="Whether nobody said anything in time.")
    conflict: str = Field(description="What a person must look at; empty when all fits.")

    settled_at: datetime | None = Field(description="When a person last settled a conflict, UTC.")
    settled_by: UUID | None = Field(description="Who settled it.")
    settlement: str = Field(description="What the conflict was, and what was done about it.")

    @classmethod
    def of(cls, row: Installation, end: Step | None) -> "InstallationRead":
        """Read it from its row and from the step that settled a conflict."""
        facts = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        stage = stage_of(scheduled_for=row.scheduled_for, installed_at=row.installed_at, ended_at=row.ended_at)
        if end is None:
            return cls(**facts, stage=stage, settled_at=None, settled_by=None, settlement="")
        return cls(**facts, stage=stage, settled_at=end.at, settled_by=end.account_id, settlement=end.reason)
