"""What the notices' API says."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.points.notices.notice_page import Notice
from services.points.periods.domain import State
from services.points.statements.domain import Level
from shared.schemas import Output


class TotalRead(Output):
    """What one subject had, earned, lost and has; closing = opening + added - taken + corrected."""

    level: Level = Field(description="household, building, grid or community.")
    subject_id: UUID = Field(description="The household, building, grid or community.")
    label: str = Field(description="Number of the household, name of the building or grid.", examples=["QLQ-0001"])
    householder_name: str = Field(description="Masked name of the householder.", examples=["王**"])
    grid_id: UUID | None = Field(description="Its grid.")
    grid_name: str = Field(description="Name of its grid.")
    building_id: UUID | None = Field(description="Its building.")
    building_name: str = Field(description="Name of its building.")
    households: int = Field(description="Households counted.", examples=[1])
    standing_opening: int = Field(description="评议分 at the beginning.", examples=[100])
    standing_added: int = Field(description="评议分 earned.", examples=[15])
    standing_taken: int = Field(description="评议分 deducted.", examples=[2])
    standing_corrected: int = Field(description="评议分 from corrections of earlier periods.", examples=[0])
    standing_closing: int = Field(description="评议分 at the end.", examples=[113])
    spendable_opening: int = Field(description="兑换分 at the beginning.", examples=[100])
    spendable_added: int = Field(description="兑换分 that came in.", examples=[15])
    spendable_taken: int = Field(description="兑换分 spent, deducted or expired.", examples=[30])
    spendable_corrected: int = Field(description="兑换分 from corrections of earlier periods.", examples=[0])
    spendable_closing: int = Field(description="兑换分 at the end.", examples=[85])
    claims: int = Field(description="Claims posted.", examples=[3])
    deductions: int = Field(description="Deductions posted.", examples=[1])
    score_e2: int = Field(description="Change in 评议分 for each household, in hundredths of a point.", examples=[1300])
    rank: int = Field(
        description="Place within its level; equal scores share one. 0 for a household that is no longer here.",
        examples=[7],
    )


class CorrectionRead(Output):
    """A posting of this period that undid one of an earlier period."""

    transfer_id: UUID = Field(description="The posting.")
    household_id: UUID = Field(description="The household.")
    label: str = Field(description="Number of the household.")
    asset: str = Field(description="standing or spendable.")
    amount: int = Field(description="Points, negative when taken back.", examples=[-5])
    summary: str = Field(description="What it says.")
    corrected_at: datetime = Field(description="When it was corrected, UTC.")
    original_at: datetime = Field(description="When the corrected posting happened, UTC.")
    original_summary: str = Field(description="What the corrected posting said.")


class NoticeRead(Output):
    """A period's notice: its terms, its totals grid by grid, and the hashes that freeze them."""

    community_name: str = Field(
        description="What the community is called; empty while nobody has told it.", examples=["青龙泉社区"]
    )
    period_id: UUID = Field(description="The period.")
    number: int = Field(description="Number of the round.")
    name: str = Field(description="What people call it.", examples=["2026年5—6月"])
    begins_on: date = Field(description="First day, in China.")
    ends_on: date = Field(description="Last day, in China.")
    state: State = Field(description="publicised or sealed.")
    publicised_at: datetime | None = Field(description="When it was hung out, UTC.")
    objections_until: datetime | None = Field(description="Until when a household may object, UTC.")
    sealed_at: datetime | None = Field(description="When it was sealed, UTC.")
    root: str = Field(description="SHA-256 over all totals, hex.")
    seal_number: int | None = Field(description="Last seal of the ledger.")
    seal_code: str | None = Field(description="Short form of that seal.", examples=["9F86 D081 884C 7D65"])
    seal_made_at: datetime | None = Field(description="When that seal was made, UTC.")
    corrections: int = Field(description="Corrections of earlier periods it lists.")
    link: str = Field(description="Its public page, as in the QR code.")
    total: TotalRead = Field(description="The whole community, or the grid that was asked for.")
    grids: list[TotalRead] = Field(description="Grid by grid.")

    @classmethod
    def of(cls, notice: Notice) -> "NoticeRead":
        """Read a notice."""
        own = ("root", "seal_number", "seal_code", "seal_made_at", "corrections", "link")
        period = ("number", "name", "begins_on", "ends_on", "state", "publicised_at", "objections_until", "sealed_at")
        return cls(
            community_name=notice.heading,
            period_id=notice.period.id,
            **{name: getattr(notice.period, name) for name in period},
            **{name: getattr(notice, name) for name in own},
            total=TotalRead.model_validate(notice.whole),
            grids=[TotalRead.model_validate(grid) for grid in notice.grids],
        )
