"""What the API of jobs takes and says."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.gig_places.domain import Gig, Place, PlaceState
from shared.schemas import Input, Int64, Output, ShortText

Text = Annotated[str, StringConstraints(max_length=500)]


class JobClaim(Input):
    """Which gig to take a place of."""

    gig_id: UUID = Field(description="The gig.")


class JobCompletion(Input):
    """What was done."""

    photo_ids: list[UUID] = Field(default_factory=list, max_length=9, description="Photos, assets of media.")
    note: Text = Field("", description="What the poster should know.", examples=["六扇窗都擦了"])


class JobReason(Input):
    """Why."""

    reason: ShortText = Field(description="Why.", examples=["临时有事"])


class JobNote(Input):
    """What was seen."""

    note: Text = Field("", description="What was seen, optional.", examples=["擦得很干净"])


class JobSettlement(Input):
    """How a supervisor divides the points of a disputed job."""

    worker_points: Int64 = Field(ge=0, description="To the worker.", examples=[6])
    poster_points: Int64 = Field(ge=0, description="Back to who posted; both add up to the job's points.", examples=[4])
    reason: ShortText = Field(description="What was found.", examples=["只完成了六成"])


class JobRead(Output):
    """One worker's share of a gig."""

    id: UUID = Field(description="The job.")
    gig_id: UUID = Field(description="The gig it belongs to.")
    title: str = Field(description="What the gig is.", examples=["帮李奶奶擦玻璃"])
    location: str = Field(description="Where.", examples=["3栋2单元502"])
    number: int = Field(description="Which place of the gig.", examples=[1])
    points: int = Field(description="What it pays.", examples=[10])
    state: PlaceState = Field(
        description="open, claimed, done, verified, paid, disputed, settled, cancelled or expired.",
        examples=["claimed"],
    )
    poster_household_id: UUID | None = Field(description="Who posted it; null for the community.")
    worker_household_id: UUID | None = Field(description="Who took it.")
    worker_name: str = Field(description="Masked name of who took it.", examples=["王**"])
    work_from: datetime = Field(description="When the work begins, UTC.")
    work_until: datetime = Field(description="When it should be done, UTC.")
    claimed_at: datetime | None = Field(description="When it was taken, UTC.")
    checked_in_at: datetime | None = Field(description="When the work began, UTC.")
    done_at: datetime | None = Field(description="When it was reported done, UTC.")
    photo_ids: list[UUID] = Field(description="Photos, assets of media.")
    note: str = Field(description="What the worker wrote.")
    reason: str = Field(description="Why it was disputed, settled or ended.")
    paid_points: int = Field(description="Paid to the worker.", examples=[0])
    refunded_points: int = Field(description="Given back to who posted.", examples=[0])
    due_at: datetime | None = Field(description="When the clock takes the next step, UTC.")

    @classmethod
    def of(cls, gig: Gig, place: Place) -> Self:
        """Show a share with what it needs of its gig."""
        of_gig = ("title", "location", "points", "poster_household_id", "work_from", "work_until")
        of_place = (name for name in Place.__slots__ if name in cls.model_fields)
        return cls(**{n: getattr(gig, n) for n in of_gig}, **{n: getattr(place, n) for n in of_place})
