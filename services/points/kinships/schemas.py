"""What the kinships' API takes and says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from shared.schemas import Input, Output, ShortText


class KinshipCreate(Input):
    """That kin live in a household."""

    household_id: UUID = Field(description="The household.")
    relation: ShortText = Field(description="How they are related.", examples=["兄弟"])
    account_id: UUID | None = Field(
        None, description="Who is meant; the caller when not given. Supervisors name others."
    )


class KinshipRead(Output):
    """A declaration."""

    id: UUID = Field(description="The declaration.")
    account_id: UUID = Field(description="Who steps aside.")
    household_id: UUID = Field(description="The household in which kin live.")
    relation: str = Field(description="How they are related.", examples=["兄弟"])
    declared_at: datetime = Field(description="When it was declared, UTC.")
    ended_at: datetime | None = Field(description="When it was taken back, UTC; null while it holds.")
