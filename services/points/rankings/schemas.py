"""What the rankings' API takes and says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.points.rankings.domain import Place
from services.points.statements.domain import Level
from shared.schemas import Input, Output


class PlaceRead(Output):
    """A place in an order. A household that wants to stay unnamed is shown as 匿名, without number or id."""

    rank: int = Field(description="Place; equal scores share one.", examples=[1])
    level: Level = Field(description="household, building or grid.")
    subject_id: UUID | None = Field(description="The household, building or grid; null when unnamed.")
    label: str = Field(description="Number of the household, or name of the building or grid.", examples=["QLQ-0001"])
    householder_name: str = Field(description="Masked name of the householder, or 匿名.", examples=["王**"])
    grid_name: str = Field(description="Its grid.")
    building_name: str = Field(description="Its building.")
    households: int = Field(description="Households counted.", examples=[1])
    standing: int = Field(description="Points of standing: over all, or what the period changed.", examples=[155])
    score_e2: int = Field(description="Standing for each household, in hundredths of a point.", examples=[15500])
    made_at: datetime = Field(description="When the order was drawn up, UTC.")

    @classmethod
    def of(cls, place: Place, made_at: datetime, named_for: UUID | None = None) -> "PlaceRead":
        """Read a place."""
        is_hidden = place.is_unnamed and place.subject_id != named_for
        facts = {name: getattr(place, name) for name in Place.__slots__ if name != "is_unnamed"}
        return cls(**facts | {"subject_id": None if is_hidden else place.subject_id, "made_at": made_at})


class Preference(Input):
    """Whether the household stays unnamed."""

    is_anonymous: bool = Field(description="True to be shown as 匿名 wherever neighbours read.", examples=[True])


class PreferenceRead(Output):
    """Whether the household stays unnamed."""

    is_anonymous: bool = Field(description="True when it is shown as 匿名 wherever neighbours read.")
