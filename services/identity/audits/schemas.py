"""What the API says of the audit."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from shared.schemas import Output


class AuditLineRead(Output):
    """Who did which privileged act, to whom and why."""

    number: int = Field(description="Place in the community's chain, from 1.", examples=[42])
    at: datetime = Field(description="When, UTC.")
    actor_id: UUID = Field(description="Account that did it.")
    actor_name: str = Field(description="Its name at that time.", examples=["张三"])
    act: str = Field(description="What was done.", examples=["grant_role"])
    subject_kind: str = Field(description="What it was done to.", examples=["account"])
    subject_id: str = Field(description="Id of what it was done to.")
    reason: str = Field(description="Why.", examples=["换届"])
    facts: dict[str, str] = Field(description="Further ids and labels.")
    hash: str = Field(description="Hash over this line and the one before, hex.")


class AuditCheckRead(Output):
    """Result of recomputing the chain."""

    is_sound: bool = Field(description="Whether every line follows from the one before it.")
    checked: int = Field(description="Lines that follow.", examples=[42])
    broken_at: int | None = Field(description="First line that does not fit, or null.", examples=[None])
    last_hash: str = Field(description="Hash of the last sound line, hex; publish it to pin the past down.")
