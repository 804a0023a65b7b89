"""What callers see of households; names are always masked."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from services.identity.residents.schemas import MemberRead
from shared.schemas import Moment, Output


class HouseholdUnitRead(Output):
    id: UUID = Field(description="Id of the property unit.")
    code: str = Field(description="Code of the property unit.", examples=["L001-1-101"])
    area_cm2e2: int = Field(description="Floor area in 0.01 m².", examples=[8550])
    area_source: str = Field(description="register, survey or contract.", examples=["register"])
    use: str = Field(description="dwelling, shop, garage or other.", examples=["dwelling"])


class HouseholdRead(Output):
    id: UUID = Field(description="Id of the household.")
    number: str = Field(description="户编号 of the roster.", examples=["H0001"])
    status: str = Field(description="active or moved_out.", examples=["active"])
    tenure: str = Field(description="owner or tenant.", examples=["owner"])
    grid_id: UUID = Field(description="Grid.")
    grid_name: str = Field(description="Name of the grid.", examples=["第一网格"])
    building_id: UUID = Field(description="Building.")
    building_name: str = Field(description="Name of the building.", examples=["1号楼"])
    address: str = Field(description="Address people use.", examples=["1号楼1单元101"])
    householder_id: UUID | None = Field(description="Resident who is the householder.")
    householder_name: str = Field(description="Masked name of the householder.", examples=["王**"])
    area_cm2e2: int = Field(description="Floor area of all its units in 0.01 m².", examples=[8550])
    resident_count: int = Field(description="Heads: members living here.", examples=[3])
    liaison_household_id: UUID | None = Field(description="Liaison household (中心户), if any.")
    moved_in_on: date | None = Field(description="Day of moving in, if known.", examples=["2012-05-01"])
    version: int = Field(description="Counts the changes.", examples=[1])
    members: list[MemberRead] | None = Field(
        default=None, description="Members, the householder first; in lists only with `include=members`."
    )


class HouseholdDetail(HouseholdRead):
    units: list[HouseholdUnitRead] = Field(description="Property units, the address first.")


class EntryRead(Output):
    id: UUID = Field(description="Id of the entry.")
    happening: str = Field(description="What happened.", examples=["member_joined"])
    resident_id: UUID | None = Field(description="Whom it concerns, if one member.")
    facts: dict[str, Any] = Field(description="Particulars, masked.", examples=[{"relation": "child"}])
    acting_account_id: UUID = Field(description="Who did it.")
    at: Moment
