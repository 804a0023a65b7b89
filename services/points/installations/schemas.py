"""What the installations' API says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.points.installations.domain import Stage, stage_of
from services.points.installations.models import Installation
from shared.schemas import Output


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

    @classmethod
    def of(cls, row: Installation) -> "InstallationRead":
        """Read it from its row."""
        facts = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        stage = stage_of(scheduled_for=row.scheduled_for, installed_at=row.installed_at, ended_at=row.ended_at)
        return cls(**facts, stage=stage)
