"""What callers see of places."""

from uuid import UUID

from pydantic import Field

from shared.schemas import Output


class GridRead(Output):
    id: UUID = Field(description="Id of the grid.")
    code: str = Field(description="Code the community gave it.", examples=["W01"])
    name: str = Field(description="Its name.", examples=["第一网格"])
    building_count: int = Field(description="Buildings in it.", examples=[21])


class BuildingRead(Output):
    id: UUID = Field(description="Id of the building.")
    code: str = Field(description="Code the community gave it.", examples=["L001"])
    name: str = Field(description="What people call it.", examples=["1号楼"])
    address: str = Field(description="Its address; may be empty.", examples=["青龙泉路1号"])
    floors: int | None = Field(description="Floors above ground, if known.", examples=[6])
    grid_id: UUID = Field(description="Grid it belongs to.")
    grid_name: str = Field(description="Name of that grid.", examples=["第一网格"])
    stairwell_count: int = Field(description="Stairwells.", examples=[2])
    unit_count: int = Field(description="Property units.", examples=[24])


class UnitRead(Output):
    id: UUID = Field(description="Id of the property unit.")
    code: str = Field(description="Code the community gave it.", examples=["L001-1-101"])
    building_id: UUID = Field(description="Building it is in.")
    building_name: str = Field(description="Name of that building.", examples=["1号楼"])
    stairwell: int = Field(description="Number of the stairwell.", examples=[1])
    room: str = Field(description="Number on the door.", examples=["101"])
    floor: int | None = Field(description="Floor, if known; below ground negative.", examples=[1])
    area_cm2e2: int = Field(description="Floor area in 0.01 m².", examples=[8550])
    area_source: str = Field(description="register, survey or contract.", examples=["register"])
    use: str = Field(description="dwelling, shop, garage or other.", examples=["dwelling"])
