"""What the claims' API takes and says."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.claims.domain import Claim, State
from services.points.claims.entering import Entry
from services.points.rulebooks.domain import ItemGroup, Verifier
from shared.schemas import Input, Int64, Output, ShortText

Reason = Annotated[str, StringConstraints(max_length=500)]
Answered = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ClaimBody(Input):
    """What a household did, or an official saw."""

    item_code: ShortText = Field(description="Item of the rulebook in force.", examples=["stairwell_cleaning"])
    happened_on: date = Field(description="Day it happened, in China.", examples=["2026-05-10"])
    quantity: Int64 = Field(1, ge=1, le=1000, description="Units, as the item counts them.", examples=[1])
    place: ShortText = Field(description="Where.", examples=["3栋2单元"])
    note: Reason = Field("", description="What the neighbours should know.", examples=["打扫了一到六楼"])
    member_ids: list[UUID] = Field(
        default_factory=list,
        max_length=20,
        description="Residents of the household who took part; the claimant when none is named.",
    )
    photo_ids: list[UUID] = Field(default_factory=list, max_length=9, description="Photos, assets of media.")
    household_id: UUID | None = Field(
        None, description="Household it is for; the caller's when not given. Grid workers and assessors name others."
    )
    resubmits_id: UUID | None = Field(None, description="The refused claim this one makes good.")

    def entry(self, own_household: UUID | None) -> Entry:
        """Return it as the use cases take it; `own_household` stands in when none is named."""
        return Entry(
            household_id=self.household_id or own_household or UUID(int=0),
            item_code=self.item_code,
            happened_on=self.happened_on,
            quantity=self.quantity,
            place=self.place,
            note=self.note,
            member_ids=tuple(dict.fromkeys(self.member_ids)),
            photo_ids=tuple(dict.fromkeys(self.photo_ids)),
            resubmits_id=self.resubmits_id,
        )


class ClaimCreate(ClaimBody):
    """A new claim."""

    is_draft: bool = Field(False, description="Keep it as a draft that nobody else sees until it is submitted.")


class ClaimRead(Output):
    """A claim."""

    id: UUID = Field(description="The claim.")
    household_id: UUID = Field(description="Whose it is.")
    is_on_behalf: bool = Field(description="Whether an official entered it.")
    member_ids: list[UUID] = Field(
        description="Residents of the household who took part; the claimant when none is named."
    )
    item_code: str = Field(description="Item of the rulebook.", examples=["stairwell_cleaning"])
    item_name: str = Field(description="The item in words.", examples=["清扫楼道"])
    group: ItemGroup = Field(description="plus, minus or panel; minus takes points away.")
    verifier: Verifier = Field(description="Who looks whether it happened.")
    rulebook_version: int = Field(description="Version it was made under.", examples=[1])
    quantity: int = Field(description="Units.", examples=[1])
    points: int = Field(description="Points it earns, or costs in the minus group, when posted.", examples=[5])
    happened_on: date = Field(description="Day it happened.")
    place: str = Field(description="Where.")
    note: str = Field(description="What was written.")
    photo_ids: list[UUID] = Field(description="Photos, assets of media.")
    state: State = Field(
        description="draft, submitted, verified, voted, publicised, posted, reversed, rejected or withdrawn."
    )
    notice_ends_at: datetime | None = Field(description="When its notice ends and it is posted, UTC.")
    reason: str = Field(description="Why it was refused or reversed, or why posting waits.")
    resubmits_id: UUID | None = Field(description="The refused claim it makes good.")
    sheet_id: UUID | None = Field(description="The sheet it came with.")
    created_at: datetime = Field(description="When it was entered, UTC.")
    posted_at: datetime | None = Field(description="When it was posted, UTC.")
    reversed_at: datetime | None = Field(description="When it was reversed, UTC.")


class ClaimWithPhotos(ClaimRead):
    """A claim with what is known of its photos."""

    photos_missing: int = Field(
        description="How many of its photos have not arrived, or may not be shown.", examples=[0]
    )
    look_alikes: int = Field(
        description="How many other claims show a photo like one of this; see its duplicates.", examples=[1]
    )

    @classmethod
    def of(cls, claim: Claim, flags: tuple[int, int]) -> "ClaimWithPhotos":
        """Return a claim with its two numbers."""
        missing, alike = flags
        known = ClaimRead.model_validate(claim).model_dump()
        return cls.model_validate(known | {"photos_missing": missing, "look_alikes": alike})


class DuplicateRead(Output):
    """A photo that looks like one of another claim; show both side by side."""

    photo_id: UUID = Field(description="Photo of this claim.")
    other_photo_id: UUID = Field(description="Photo of the other claim.")
    bits: int = Field(description="How many of 64 bits of their look differ; 0 is the same picture.", examples=[3])
    other: ClaimRead = Field(description="The other claim.")


class ObjectionRead(Output):
    """An objection and its answer; who made it is told to nobody."""

    id: UUID = Field(description="The objection.")
    reason: str = Field(description="What is said to be wrong.")
    made_at: datetime = Field(description="When, UTC.")
    is_upheld: bool | None = Field(description="Whether it was right; null while it is open.")
    answer: str = Field(description="What was found.")
    answered_at: datetime | None = Field(description="When it was answered, UTC.")


class Verification(Input):
    """What the verifier saw."""

    is_confirmed: bool = Field(description="Whether it happened as claimed.")
    reason: Reason = Field("", description="Needed when it is not confirmed.", examples=["现场查看属实"])


class Vote(Input):
    """An assessor's vote."""

    is_approved: bool = Field(description="Whether the points are deserved.")
    reason: Reason = Field("", description="Needed against.", examples=["同意"])


class Objection(Input):
    """A neighbour's objection."""

    reason: Answered = Field(description="What is wrong with it.", examples=["那天是我家打扫的"])


class Answer(Input):
    """The answer to the objections."""

    is_upheld: bool = Field(description="Whether the objection is right and the claim is refused.")
    answer: Answered = Field(description="What was found.", examples=["经核实，两家各打扫了一半，申报属实。"])


class VoteRead(Output):
    """What an assessor voted."""

    account_id: UUID = Field(description="The assessor's account.")
    is_approved: bool = Field(description="For or against.")
    reason: str = Field(description="Why, when a reason was given.")
    cast_at: datetime = Field(description="When, UTC.")
