"""What a visitor is shown: no ids of households, no full names."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.points.adoptions.domain import CARING, Adoption, Asset, AssetKind
from services.points.awards.domain import Award
from services.points.boards.domain import TONE_WORDS, Board, Entry
from services.points.funds.schemas import FundRead
from services.points.periods.domain import State
from services.points.public.domain import masked
from services.points.rankings.domain import Place
from services.points.rankings.usecases import UNNAMED
from services.points.statements.domain import Level, Total
from shared.schemas import Output


class PublicCommunityRead(Output):
    """Whose pages these are."""

    id: UUID = Field(description="The community.")
    name: str = Field(description="What it is called; empty while nobody has told it.", examples=["青龙泉社区"])


class PublicPeriodRead(Output):
    """A round that hangs out or is sealed."""

    id: UUID = Field(description="The period.")
    number: int = Field(description="Number of the round.")
    name: str = Field(description="What people call it.", examples=["2026年5—6月"])
    begins_on: date = Field(description="First day, in China.")
    ends_on: date = Field(description="Last day, in China.")
    state: State = Field(description="publicised or sealed.")
    publicised_at: datetime | None = Field(description="When it was hung out, UTC.")
    objections_until: datetime | None = Field(description="Until when a household may object, UTC.")
    sealed_at: datetime | None = Field(description="When it was sealed, UTC.")
    root: str | None = Field(description="SHA-256 over the sealed totals, hex.")


class PublicTotalRead(Output):
    """What one household, building or grid had, earned, lost and has in standing."""

    level: Level = Field(description="household, building, grid or community.")
    label: str = Field(description="Number of the household, name of the building or grid.", examples=["QLQ-0001"])
    householder_name: str = Field(description="Masked name of the householder.", examples=["王**"])
    grid_id: UUID | None = Field(description="Its grid.")
    grid_name: str = Field(description="Name of its grid.")
    building_name: str = Field(description="Name of its building.")
    households: int = Field(description="Households counted.")
    opening: int = Field(description="评议分 at the beginning.")
    added: int = Field(description="评议分 earned.")
    taken: int = Field(description="评议分 deducted.")
    corrected: int = Field(description="评议分 from corrections of earlier periods.")
    closing: int = Field(description="评议分 at the end.")

    @classmethod
    def of(cls, total: Total) -> "PublicTotalRead":
        """Read a total; the shopping of a household is its own business."""
        return cls(
            level=total.level,
            label=total.label,
            householder_name=masked(total.householder_name),
            grid_id=total.grid_id,
            grid_name=total.grid_name,
            building_name=total.building_name,
            households=total.households,
            opening=total.standing_opening,
            added=total.standing_added,
            taken=total.standing_taken,
            corrected=total.standing_corrected,
            closing=total.standing_closing,
        )


class PublicPlaceRead(Output):
    """A place in an order; who wants to stay unnamed is 匿名, without number, building or grid."""

    rank: int = Field(description="Place; equal scores share one.", examples=[1])
    level: Level = Field(description="household, building or grid.")
    label: str = Field(description="Number of the household, or name of the building or grid.")
    householder_name: str = Field(description="Masked name of the householder, or 匿名.", examples=["王**"])
    grid_name: str = Field(description="Its grid.")
    households: int = Field(description="Households counted.")
    standing: int = Field(description="评议分: over all, or what the period changed.")
    score_e2: int = Field(description="评议分 for each household, in hundredths of a point.")
    made_at: datetime = Field(description="When the order was drawn up, UTC.")

    @classmethod
    def of(cls, place: Place, made_at: datetime) -> "PublicPlaceRead":
        """Read a place."""
        return cls(
            rank=place.rank,
            level=place.level,
            label=place.label,
            householder_name=place.householder_name if place.is_unnamed else masked(place.householder_name),
            grid_name=place.grid_name,
            households=place.households,
            standing=place.standing,
            score_e2=place.score_e2,
            made_at=made_at,
        )


class PublicBoardEntryRead(Output):
    """What hangs on a board."""

    board: Board = Field(description="honour or warning.")
    words: str = Field(description="What stands above it.", examples=["光荣榜"])
    title: str = Field(description="What it says.", examples=["互助邻居"])
    reason: str = Field(description="Why.")
    householder_name: str = Field(description="Masked name of the householder, or 匿名.")
    building_name: str = Field(description="Its building.")
    listed_on: date | None = Field(description="Day it was hung.")
    removal_on: date | None = Field(description="Day it comes down.")

    @classmethod
    def of(cls, entry: Entry, name: str, building: str) -> "PublicBoardEntryRead":
        """Read an entry; the words of an honour are its own, a warning says no more than its title."""
        is_honour = entry.board is Board.HONOUR
        return cls(
            board=entry.board,
            words="光荣榜" if is_honour else TONE_WORDS[entry.tone],
            title=entry.title,
            reason=entry.reason if is_honour else "",
            householder_name=name,
            building_name=building,
            listed_on=entry.listed_on,
            removal_on=entry.removal_on,
        )


class PublicSealRead(BaseModel):
    """The last seal of the community's books."""

    community_name: str = Field(description="What the community is called; empty while nobody has told it.")
    number: int = Field(description="Number of the seal, from 1.", examples=[1])
    code: str = Field(description="Short form, as it is printed.", examples=["9F86 D081 884C 7D65"])
    root: str = Field(description="Merkle root over all accounts, hex.")
    hash: str = Field(description="Hash of the seal and of the one before it, hex.")
    made_at: datetime = Field(description="When it was made, UTC.")


class PublicBoards(BaseModel):
    """What hangs on the boards, newest first."""

    items: list[PublicBoardEntryRead] = Field(description="Entries, at most a hundred.")


class PublicFunds(BaseModel):
    """The funds behind the store."""

    items: list[FundRead] = Field(description="Every fund with its totals.")


class PublicAdoptionRead(Output):
    """A thing to adopt on the map, and who looks after it."""

    kind: AssetKind = Field(description="tree, bench, stairwell, plot or equipment.")
    name: str = Field(description="What it is called.", examples=["南门口的香樟树"])
    place: str = Field(description="Where it is.", examples=["南门花坛东侧"])
    latitude_e6: int | None = Field(description="Millionths of a degree.")
    longitude_e6: int | None = Field(description="Millionths of a degree.")
    duty: str = Field(description="What is to be done.")
    is_free: bool = Field(description="Whether it can be applied for.")
    adopter_name: str | None = Field(
        description="Masked for people, 匿名 for who wants it; null before an adoption is in force."
    )
    plaque: str | None = Field(description="What the plaque says; not shown for who stays unnamed.")
    until: date | None = Field(description="Last day of the term.")

    @classmethod
    def of(cls, asset: Asset, adoption: Adoption | None, is_unnamed: bool) -> "PublicAdoptionRead":
        """Read a thing and who has it now."""
        held = adoption if adoption is not None and adoption.state in CARING else None
        return cls(
            kind=asset.kind,
            name=asset.name,
            place=asset.place,
            latitude_e6=asset.latitude_e6,
            longitude_e6=asset.longitude_e6,
            duty=asset.duty,
            is_free=adoption is None,
            adopter_name=None if held is None else UNNAMED if is_unnamed else held.adopter_name,
            plaque=None if held is None or is_unnamed else held.plaque,
            until=None if held is None else held.ends_on,
        )


class PublicAwardRead(Output):
    """An award that hangs out or was granted."""

    category: str = Field(description="Which award.", examples=["身边好人"])
    person_name: str = Field(description="Masked name, or 匿名.", examples=["王**"])
    deed: str = Field(description="What was done; not shown for who stays unnamed.")
    state: str = Field(description="published, objected or granted.", examples=["published"])
    notice_ends_at: datetime | None = Field(description="Until when it hangs out, UTC.")
    granted_at: datetime | None = Field(description="When it took effect, UTC.")

    @classmethod
    def of(cls, award: Award, is_unnamed: bool) -> "PublicAwardRead":
        """Read an award."""
        return cls(
            category=award.category,
            person_name=UNNAMED if is_unnamed else masked(award.person_name),
            deed="" if is_unnamed else award.deed,
            state=award.state,
            notice_ends_at=award.notice_ends_at,
            granted_at=award.granted_at,
        )
