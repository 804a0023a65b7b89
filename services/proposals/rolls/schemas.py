"""What the API of rolls says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.proposals.rolls.domain import ScopeKind
from shared.schemas import Input, Output, ShortText


class RollCreate(Input):
    """A roll to freeze."""

    title: ShortText = Field(description="What the roll is for.", examples=["12 栋加装电梯表决名册"])
    scope_kind: ScopeKind = Field(description="Whose households: community, grid or building.", examples=["building"])
    scope_id: UUID | None = Field(None, description="Id of the grid or building; null for the whole community.")


class RollRead(Output):
    """A frozen roll; its hash is published before anybody votes."""

    id: UUID = Field(description="The roll.")
    title: str = Field(description="What it is for.", examples=["12 栋加装电梯表决名册"])
    scope_kind: ScopeKind = Field(description="Whose households.", examples=["building"])
    scope_id: UUID | None = Field(description="Id of the grid or building; null for the whole community.")
    scope_name: str = Field(description="What people call the scope.", examples=["12栋"])
    units: int = Field(description="Voting units.", examples=[25])
    heads: int = Field(description="Heads by the owners' counting rule.", examples=[25])
    area_cm2e2: int = Field(description="Area of all units in 0.01 m².", examples=[222500])
    roll_hash: str = Field(description="Hash over all units, hex.", examples=["9f2c…"])
    frozen_at: datetime = Field(description="When it was frozen, UTC.")


class RollUnitRead(Output):
    """One voting unit as published: no names, no area (an exact area identifies a flat)."""

    unit_id: UUID = Field(description="The household.")
    label: str = Field(description="Address as on the roster.", examples=["12栋 1单元 301"])
    heads: int = Field(description="Heads it counts for.", examples=[1])
