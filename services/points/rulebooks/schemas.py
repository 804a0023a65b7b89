"""What the rulebooks' API takes and says."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from services.points.rulebooks.domain import ItemGroup, Policy, RuleItem
from services.points.rulebooks.repository import RulebookVersion
from shared.kernel.values import Points
from shared.schemas import Input, Int64, LongText, Output, ShortText

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{2,40}$")]


class RuleItemBody(Input):
    """One line of the list."""

    code: Code = Field(description="Short name that stays the same over versions.", examples=["stairwell_cleaning"])
    name: ShortText = Field(description="What it is, in plain Chinese.", examples=["清扫楼道"])
    group: ItemGroup = Field(ItemGroup.PLUS, description="plus or minus.")
    points: Int64 = Field(ge=1, le=10_000, description="Points one unit earns or costs.", examples=[5])
    unit: ShortText = Field("次", description="What is counted.", examples=["次"])
    cap_count: Int64 = Field(10, ge=1, le=1000, description="Most units a household within cap_days.", examples=[4])
    cap_days: Int64 = Field(60, ge=1, le=366, description="Length of the cap's window in days.", examples=[60])
    photos_required: Int64 = Field(1, ge=0, le=9, description="Photos a claim needs.", examples=[1])

    def item(self) -> RuleItem:
        """Return it as the domain has it."""
        return RuleItem(
            code=self.code,
            name=self.name,
            group=self.group,
            points=Points(self.points),
            unit=self.unit,
            cap_count=self.cap_count,
            cap_days=self.cap_days,
            photos_required=self.photos_required,
        )


class RulebookCreate(Input):
    """A version as it was adopted."""

    decision: LongText = Field(
        description="The meeting or vote that adopted it.", examples=["2026年第二季度居民代表会议"]
    )
    effective_on: date = Field(description="First day it is in force.", examples=["2026-06-01"])
    panel_quorum: Int64 = Field(
        3, ge=3, le=15, description="Votes of the assessment panel a claim needs.", examples=[3]
    )
    notice_days: Int64 = Field(3, ge=1, le=30, description="Calendar days a passed claim hangs out.", examples=[3])
    items: list[RuleItemBody] = Field(min_length=1, max_length=200, description="The lines.")

    def policy(self) -> Policy:
        """Return how claims are judged under it."""
        return Policy(panel_quorum=self.panel_quorum, notice_days=self.notice_days)


class RuleItemRead(Output):
    """One line of the list."""

    code: str = Field(description="Short name that stays the same over versions.", examples=["stairwell_cleaning"])
    name: str = Field(description="What it is, in plain Chinese.", examples=["清扫楼道"])
    group: ItemGroup = Field(description="plus or minus.")
    points: int = Field(description="Points one unit earns or costs.", examples=[5])
    unit: str = Field(description="What is counted.", examples=["次"])
    cap_count: int = Field(description="Most units a household within cap_days.", examples=[4])
    cap_days: int = Field(description="Length of the cap's window in days.", examples=[60])
    photos_required: int = Field(description="Photos a claim needs.", examples=[1])


class RulebookRead(Output):
    """A version."""

    version: int = Field(description="Number of the version, from 1.", examples=[1])
    decision: str = Field(description="The meeting or vote that adopted it.")
    effective_on: date = Field(description="First day it is in force.")
    panel_quorum: int = Field(description="Votes of the assessment panel a claim needs.", examples=[3])
    notice_days: int = Field(description="Calendar days a passed claim hangs out.", examples=[3])
    items: list[RuleItemRead] = Field(description="The lines, in their order.")

    @classmethod
    def of(cls, version: RulebookVersion) -> "RulebookRead":
        """Read it from the books."""
        return cls(
            version=version.version,
            decision=version.decision,
            effective_on=version.effective_on,
            panel_quorum=version.policy.panel_quorum,
            notice_days=version.policy.notice_days,
            items=[RuleItemRead.model_validate(item) for item in version.items],
        )
