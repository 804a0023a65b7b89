"""What customer service says over HTTP."""

from typing import Literal

from pydantic import Field

from services.property.tickets.transitions import Outcome, Priority
from shared.schemas import Input, LongText, ShortText


class AcceptanceCreate(Input):
    """What the desk makes of a report."""

    category: ShortText = Field(description="Category code, not a heading.", examples=["stair_lamp"])
    priority: Priority | None = Field(
        None, description="The category's own when empty; a danger to people is always urgent.", examples=["high"]
    )
    note: LongText | None = Field(None, description="Note for the log.", examples=["已电话联系"])


class RejectionCreate(Input):
    """Why the report is not taken on."""

    outcome: Literal[Outcome.DUPLICATE, Outcome.OUT_OF_SCOPE, Outcome.INVALID] = Field(
        description="duplicate, out_of_scope or invalid.", examples=["out_of_scope"]
    )
    reason: LongText = Field(description="Told to the resident.", examples=["户内水表归自来水公司，电话 96510"])


class ReclassificationCreate(Input):
    """A correction of category or priority."""

    category: ShortText = Field(description="Category code; unchanged once somebody was sent.", examples=["power_cut"])
    priority: Priority | None = Field(None, description="The category's own when empty.", examples=["urgent"])
    reason: LongText = Field(description="Why, for the log.", examples=["整个单元停电"])
