"""What the API says of the pool's lines."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.points.time_pool.domain import PoolKind
from shared.schemas import Output


class PoolLineRead(Output):
    """Minutes that went into the pool or out of it."""

    id: UUID = Field(description="The line in the ledger.")
    made_at: datetime = Field(description="When, UTC.")
    kind: PoolKind = Field(description="Why.", examples=["time_donation"])
    minutes: int = Field(description="Minutes that came, or below zero that went.", examples=[60])
    balance_after: int = Field(description="Minutes in the pool after it.", examples=[660])
    summary: str = Field(description="What it was.", examples=["捐入社区时间池"])
    reason: str = Field(description="What was written to it.")
    resident_id: UUID | None = Field(description="Who donated them or was granted them.")
    name: str = Field(
        description="That person's masked name; empty when it was nobody in particular.", examples=["王**"]
    )
    source_id: UUID = Field(description="The move of minutes, or the request for help.")
    account_id: UUID | None = Field(description="Who entered it; null when the clock did.")
