"""What the adoptions' API takes and says."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.adoptions.domain import AdopterKind, Adoption, Asset, AssetKind, AssetState, State
from shared.schemas import Input, Int64, LongText, Output, ShortText

ItemCode = Annotated[str, StringConstraints(pattern=r"^([a-z0-9_]{2,40})?$")]


class AssetCreate(Input):
    """A thing that can be adopted."""

    kind: AssetKind = Field(description="tree, bench, stairwell, plot or equipment.", examples=["tree"])
    name: ShortText = Field(description="What it is called.", examples=["南门口的香樟树"])
    place: ShortText = Field(description="Where it is.", examples=["南门花坛东侧"])
    grid_id: UUID | None = Field(None, description="The grid whose worker inspects it; null for any.")
    latitude_e6: Int64 | None = Field(
        None, ge=-90_000_000, le=90_000_000, description="Millionths of a degree.", examples=[32834567]
    )
    longitude_e6: Int64 | None = Field(
        None, ge=-180_000_000, le=180_000_000, description="Millionths of a degree.", examples=[110812345]
    )
    picture_id: UUID | None = Field(None, description="A picture in media.")
    duty: LongText = Field(description="What is to be done.", examples=["每周浇一次水，捡拾树下垃圾。"])
    duty_days: Int64 = Field(7, ge=1, le=92, description="How often, in days.", examples=[7])
    item_code: ItemCode = Field(
        "adoption_care",
        description="Line of the rulebook that pays for care; empty for none.",
        examples=["adoption_care"],
    )

    def asset(self, asset_id: UUID, now: datetime) -> Asset:
        """Return it as the domain has it."""
        return Asset(
            id=asset_id,
            kind=self.kind,
            name=self.name,
            place=self.place,
            grid_id=self.grid_id,
            latitude_e6=self.latitude_e6,
            longitude_e6=self.longitude_e6,
            picture_id=self.picture_id,
            duty=self.duty,
            duty_days=self.duty_days,
            item_code=self.item_code,
            state=AssetState.OFFERED,
            created_at=now,
        )


class Retirement(Input):
    """Why a thing is not offered any more."""

    reason: LongText = Field(description="Why.", examples=["树已移栽。"])


class AssetRead(Output):
    """A thing to adopt, and who has it; fit for the public."""

    id: UUID = Field(description="The thing.")
    kind: AssetKind = Field(description="tree, bench, stairwell, plot or equipment.", examples=["tree"])
    name: str = Field(description="What it is called.", examples=["南门口的香樟树"])
    place: str = Field(description="Where it is.", examples=["南门花坛东侧"])
    grid_id: UUID | None = Field(description="The grid it lies in.")
    latitude_e6: int | None = Field(description="Millionths of a degree.")
    longitude_e6: int | None = Field(description="Millionths of a degree.")
    picture_id: UUID | None = Field(description="A picture in media.")
    duty: str = Field(description="What is to be done.")
    duty_days: int = Field(description="How often, in days.", examples=[7])
    item_code: str = Field(description="Line of the rulebook that pays for care.")
    state: str = Field(description="offered, retired, or the state of the adoption that holds it.", examples=["active"])
    adopter_name: str | None = Field(description="Who looks after it; people are masked.", examples=["王**"])
    plaque: str | None = Field(description="What the plaque says.", examples=["王家认领 2026"])
    until: date | None = Field(description="Last day of the term.", examples=["2027-05-10"])

    @classmethod
    def of(cls, asset: Asset, adoption: Adoption | None) -> "AssetRead":
        """Return a thing with who has it now; before an adoption is in force it names nobody."""
        is_in_force = adoption is not None and adoption.state in {State.ACTIVE, State.RENEWING}
        return cls(
            id=asset.id,
            kind=asset.kind,
            name=asset.name,
            place=asset.place,
            grid_id=asset.grid_id,
            latitude_e6=asset.latitude_e6,
            longitude_e6=asset.longitude_e6,
            picture_id=asset.picture_id,
            duty=asset.duty,
            duty_days=asset.duty_days,
            item_code=asset.item_code,
            state=asset.state if adoption is None else adoption.state,
            adopter_name=adoption.adopter_name if adoption is not None and is_in_force else None,
            plaque=adoption.plaque if adoption is not None and is_in_force else None,
            until=adoption.ends_on if adoption is not None and is_in_force else None,
        )


class Application(Input):
    """Who wants to take charge."""

    adopter_kind: AdopterKind = Field(description="resident, household, firm or association.", examples=["household"])
    adopter_name: Annotated[str, StringConstraints(max_length=100)] = Field(
        "", description="Name of the firm or association; left empty by people.", examples=[""]
    )
    motive: Annotated[str, StringConstraints(max_length=500)] = Field(
        "", description="Why, optional.", examples=["就在我家窗前。"]
    )


class Agreement(Input):
    """The terms the adopter is to sign."""

    agreement: LongText = Field(description="The text.", examples=["每周浇水一次，发现病虫害及时告诉网格员。"])
    plaque: ShortText = Field(description="What the plaque says.", examples=["王家认领 2026"])
    starts_on: date = Field(description="First day.", examples=["2026-05-12"])
    ends_on: date = Field(description="Last day, at most three years on.", examples=["2027-05-11"])


class Renewal(Input):
    """A further term."""

    agreement: Annotated[str, StringConstraints(max_length=2000)] = Field(
        "", description="A new text; left empty the old one stays."
    )
    ends_on: date = Field(description="New last day.", examples=["2028-05-11"])


class Words(Input):
    """Why, where a reason is due."""

    reason: LongText = Field(description="Why.", examples=["要搬走了，请转给别的邻居。"])


class AdoptionRead(Output):
    """Who has charge of a thing, or asks for it."""

    id: UUID = Field(description="The adoption.")
    asset_id: UUID = Field(description="The thing.")
    asset_name: str = Field(description="What it is called.", examples=["南门口的香樟树"])
    adopter_kind: AdopterKind = Field(description="resident, household, firm or association.")
    adopter_name: str = Field(description="Masked for people.", examples=["王**家"])
    household_id: UUID | None = Field(description="The household that earns the points; null for firms.")
    motive: str = Field(description="Why.")
    agreement: str = Field(description="The text of the agreement.")
    plaque: str = Field(description="What the plaque says.")
    starts_on: date | None = Field(description="First day.")
    ends_on: date | None = Field(description="Last day.")
    term: int = Field(description="Which term it is; 0 before it is signed.", examples=[1])
    duty_days: int = Field(description="How often care is due, in days.", examples=[7])
    duty_due_on: date | None = Field(description="By which day care is due next.")
    state: State = Field(description="Where it stands.", examples=["active"])
    reason: str = Field(description="Why it was refused, withdrawn or released.")
    created_at: datetime = Field(description="When it was applied for, UTC.")
    ended_at: datetime | None = Field(description="When it ended, UTC.")
