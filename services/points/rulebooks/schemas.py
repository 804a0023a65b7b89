"""What the rulebooks' API takes and says."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.rulebooks.domain import (
    DEFAULT_CLAIMANTS,
    Change,
    Claimant,
    Comparison,
    ItemGroup,
    Policy,
    RulebookVersion,
    RuleItem,
    RuleList,
    Verifier,
)
from shared.kernel.values import Points
from shared.schemas import Input, Int64, LongText, Output, ShortText

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{2,40}$")]

MINUTES = "Photo or file of the minutes, an asset of media; needed unless a decision is named."


class RuleItemBody(Input):
    """One line of the list."""

    code: Code = Field(description="Short name that stays the same over versions.", examples=["stairwell_cleaning"])
    name: ShortText = Field(description="What it is, in plain Chinese.", examples=["清扫楼道"])
    group: ItemGroup = Field(ItemGroup.PLUS, description="plus, minus, or panel: what the panel alone gives.")
    points: Int64 = Field(ge=1, le=10_000, description="Points one unit earns or costs.", examples=[5])
    unit: ShortText = Field("次", description="What is counted.", examples=["次"])
    cap_count: Int64 = Field(10, ge=1, le=1000, description="Most units a household within cap_days.", examples=[4])
    cap_days: Int64 = Field(60, ge=1, le=366, description="Length of the cap's window in days.", examples=[60])
    community_cap_count: Int64 | None = Field(
        None, ge=1, le=10_000_000, description="Most units of all households within cap_days; null for no limit."
    )
    max_quantity: Int64 = Field(1, ge=1, le=1000, description="Most units one claim may name.", examples=[1])
    photos_required: Int64 = Field(1, ge=0, le=9, description="Photos a claim of a household needs.", examples=[1])
    claimants: list[Claimant] | None = Field(
        None,
        max_length=3,
        description="Who may enter it: household, grid_worker, assessor; null for what suits the group.",
    )
    verifier: Verifier = Field(Verifier.GRID_WORKER, description="Who looks: grid_worker, building_head or assessor.")

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
            max_quantity=self.max_quantity,
            community_cap_count=self.community_cap_count,
            claimants=DEFAULT_CLAIMANTS[self.group] if self.claimants is None else frozenset(self.claimants),
            verifier=self.verifier,
        )


class RuleListBody(Input):
    """A list and how claims are judged under it."""

    effective_on: date = Field(description="First day it is in force.", examples=["2026-06-01"])
    panel_quorum: Int64 = Field(
        3, ge=3, le=15, description="Votes of the assessment panel a claim needs.", examples=[3]
    )
    notice_days: Int64 = Field(3, ge=1, le=30, description="Calendar days a passed claim hangs out.", examples=[3])
    appeal_days: Int64 = Field(30, ge=1, le=366, description="Days after posting in which somebody may appeal.")
    household_cap_points: Int64 | None = Field(
        None, ge=1, le=1_000_000, description="Most points a household earns by claims; null for no limit."
    )
    household_cap_days: Int64 = Field(61, ge=1, le=366, description="Days in which household_cap_points hold.")
    items: list[RuleItemBody] = Field(min_length=1, max_length=200, description="The lines.")

    def rules(self) -> RuleList:
        """Return it as the domain has it."""
        policy = Policy(
            panel_quorum=self.panel_quorum,
            notice_days=self.notice_days,
            appeal_days=self.appeal_days,
            household_cap_points=self.household_cap_points,
            household_cap_days=self.household_cap_days,
        )
        return RuleList(policy, [item.item() for item in self.items])


class RulebookCreate(RuleListBody):
    """A version as it was adopted."""

    decision: LongText = Field(
        description="The meeting or vote that adopted it.", examples=["2026年第二季度居民代表会议"]
    )
    decision_id: UUID | None = Field(None, description="The proposal whose published decision adopted it.")
    minutes_asset_id: UUID | None = Field(None, description=MINUTES)


class RuleItemRead(Output):
    """One line of the list."""

    code: str = Field(description="Short name that stays the same over versions.", examples=["stairwell_cleaning"])
    name: str = Field(description="What it is, in plain Chinese.", examples=["清扫楼道"])
    group: ItemGroup = Field(description="plus, minus or panel.")
    points: int = Field(description="Points one unit earns or costs.", examples=[5])
    unit: str = Field(description="What is counted.", examples=["次"])
    cap_count: int = Field(description="Most units a household within cap_days.", examples=[4])
    cap_days: int = Field(description="Length of the cap's window in days.", examples=[60])
    community_cap_count: int | None = Field(description="Most units of all households within cap_days.")
    max_quantity: int = Field(description="Most units one claim may name.", examples=[1])
    photos_required: int = Field(description="Photos a claim of a household needs.", examples=[1])
    claimants: list[Claimant] = Field(description="Who may enter it.")
    verifier: Verifier = Field(description="Who looks whether it happened.")

    @classmethod
    def of(cls, item: RuleItem) -> "RuleItemRead":
        """Read it from the domain."""
        facts = {name: getattr(item, name) for name in RuleItem.__slots__}
        return cls(**facts | {"claimants": sorted(item.claimants)})


class PolicyRead(Output):
    """How claims are judged."""

    panel_quorum: int = Field(description="Votes of the assessment panel a claim needs.", examples=[3])
    notice_days: int = Field(description="Calendar days a passed claim hangs out.", examples=[3])
    appeal_days: int = Field(description="Days after posting in which somebody may appeal.", examples=[30])
    household_cap_points: int | None = Field(description="Most points a household earns by claims.")
    household_cap_days: int = Field(description="Days in which household_cap_points hold.", examples=[61])


class RulebookBrief(PolicyRead):
    """A version without its lines."""

    version: int = Field(description="Number of the version, from 1.", examples=[1])
    decision: str = Field(description="The meeting or vote that adopted it.")
    decision_id: UUID | None = Field(description="The proposal whose decision adopted it.")
    minutes_asset_id: UUID | None = Field(description="Photo or file of the minutes.")
    effective_on: date = Field(description="First day it is in force.")
    adopted_at: datetime = Field(description="When it was entered, UTC.")

    @classmethod
    def facts(cls, version: RulebookVersion) -> dict[str, object]:
        """Return its fields from the books."""
        policy = {name: getattr(version.policy, name) for name in Policy.__slots__}
        own = ("version", "decision", "decision_id", "minutes_asset_id", "effective_on", "adopted_at")
        return policy | {name: getattr(version, name) for name in own}

    @classmethod
    def brief(cls, version: RulebookVersion) -> "RulebookBrief":
        """Read it from the books."""
        return RulebookBrief.model_validate(cls.facts(version))


class RulebookRead(RulebookBrief):
    """A version."""

    items: list[RuleItemRead] = Field(description="The lines, in their order.")

    @classmethod
    def of(cls, version: RulebookVersion) -> "RulebookRead":
        """Read it from the books."""
        return cls.model_validate(cls.facts(version) | {"items": [RuleItemRead.of(item) for item in version.items]})


class ItemDifferenceRead(Output):
    """One item in two lists, side by side."""

    code: str = Field(description="The item.", examples=["stairwell_cleaning"])
    change: Change = Field(description="added, removed, changed or same.")
    before: RuleItemRead | None = Field(description="As it was.")
    after: RuleItemRead | None = Field(description="As it is.")
    fields: list[str] = Field(description="What is not the same.", examples=[["points"]])


class PolicyDifferenceRead(Output):
    """One number of the policy that is not the same."""

    field: str = Field(description="Its name.", examples=["notice_days"])
    before: int | None = Field(description="As it was.", examples=[3])
    after: int | None = Field(description="As it is.", examples=[5])


class ComparisonRead(Output):
    """Two lists side by side."""

    items: list[ItemDifferenceRead] = Field(description="Items in the order of the newer list, then what it left out.")
    policy: list[PolicyDifferenceRead] = Field(description="Numbers of the policy that are not the same.")

    @classmethod
    def of(cls, comparison: Comparison) -> "ComparisonRead":
        """Read it from the domain."""
        return cls(
            items=[
                ItemDifferenceRead(
                    code=row.code,
                    change=row.change,
                    before=RuleItemRead.of(row.before) if row.before else None,
                    after=RuleItemRead.of(row.after) if row.after else None,
                    fields=list(row.fields),
                )
                for row in comparison.items
            ],
            policy=[PolicyDifferenceRead.model_validate(row) for row in comparison.policy],
        )
