"""What the gig market's API takes and says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.points.gig_places.domain import GigState, PlaceState
from shared.schemas import Input, Int64, Output, ShortText

Text = Annotated[str, StringConstraints(max_length=500)]


class GigCreate(Input):
    """What needs to be done."""

    title: ShortText = Field(description="In a few words.", examples=["帮李奶奶擦玻璃"])
    description: Text = Field("", description="What the worker should know.", examples=["两扇窗，自带抹布"])
    location: ShortText = Field(description="Where.", examples=["3栋2单元502"])
    grid_id: UUID | None = Field(
        None, description="Set: the community pays, for a gig in this grid. Null: the household pays, where it lives."
    )
    points: Int64 = Field(ge=1, le=10_000, description="Points for each worker.", examples=[10])
    places: Int64 = Field(1, ge=1, le=50, description="Workers wanted.", examples=[1])
    photos_required: Int64 = Field(1, ge=0, le=9, description="Photos asked for at the end.", examples=[1])
    apply_until: AwareDatetime = Field(
        description="Until when it may be taken, UTC.", examples=["2026-05-12T01:00:00Z"]
    )
    work_from: AwareDatetime = Field(description="When the work begins, UTC.", examples=["2026-05-12T01:00:00Z"])
    work_until: AwareDatetime = Field(description="When it should be done, UTC.", examples=["2026-05-12T04:00:00Z"])
    is_published: bool = Field(True, description="Whether a household's gig is open to takers at once.")


class PlaceRead(Output):
    """One worker's share of a gig."""

    id: UUID = Field(description="The share; `jobs/{id}` works with it.")
    number: int = Field(description="From 1.", examples=[1])
    state: PlaceState = Field(
        description="open, claimed, done, verified, paid, disputed, settled, cancelled or expired.", examples=["open"]
    )


class GigRead(Output):
    """A gig."""

    id: UUID = Field(description="The gig.")
    title: str = Field(description="In a few words.", examples=["帮李奶奶擦玻璃"])
    description: str = Field(description="What the worker should know.")
    location: str = Field(description="Where.", examples=["3栋2单元502"])
    grid_id: UUID = Field(description="Grid it lies in.")
    poster_household_id: UUID | None = Field(description="Who posted it; null for the community.")
    points: int = Field(description="Points for each worker.", examples=[10])
    places: int = Field(description="Workers wanted.", examples=[1])
    free_places: int = Field(description="Places not yet taken.", examples=[1])
    photos_required: int = Field(description="Photos asked for at the end.", examples=[1])
    apply_until: datetime = Field(description="Until when it may be taken, UTC.")
    work_from: datetime = Field(description="When the work begins, UTC.")
    work_until: datetime = Field(description="When it should be done, UTC.")
    state: GigState = Field(description="budgeted, open, working, finished, cancelled or expired.", examples=["open"])
    reason: str = Field(description="Why it was called off.")
    created_at: datetime = Field(description="When it was posted, UTC.")


class GigDetails(GigRead):
    """A gig with its places."""

    shares: list[PlaceRead] = Field(description="One per place, by number.")


class GigCancellation(Input):
    """Why the gig is called off."""

    reason: ShortText = Field(description="For those who took it.", examples=["下雨了，改天再做"])


class GigLineRead(Output):
    """One line of a gig's record."""

    id: UUID = Field(description="The line.")
    place_number: int | None = Field(description="Which place, or null for the gig itself.", examples=[1])
    action: str = Field(description="What was done.", examples=["claim"])
    account_id: UUID | None = Field(description="Who did it; null for the clock.")
    household_id: UUID | None = Field(description="The worker's household, where it concerns one.")
    note: str = Field(description="Why.")
    happened_at: datetime = Field(description="When, UTC.")
