"""What is said about escalations over HTTP."""

from datetime import datetime

from pydantic import Field

from shared.schemas import Output


class EscalationRead(Output):
    """Somebody was told that time runs out."""

    kind: str = Field(description="respond or resolve.", examples=["resolve"])
    attempt: int = Field(description="Which attempt.", examples=[1])
    percent: int = Field(description="How much of the promised time was used.", examples=[80])
    tells: str = Field(
        description="worker, desk, department_head, property_manager or community.", examples=["department_head"]
    )
    at: datetime = Field(description="When.")
