"""What callers send and see of communities."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue, StringConstraints

from shared.schemas import Input, Int64, LongText, Moment, Output, ShortText

Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,39}$")]


class LevelBody(Input):
    code: Code = Field(description="Code of the district or township.", examples=["420304"])
    name: ShortText = Field(description="Its name.", examples=["郧阳区"])


class LevelRead(Output):
    code: str = Field(description="Code of the district or township.", examples=["420304"])
    name: str = Field(description="Its name.", examples=["郧阳区"])


class CommunityCreate(Input):
    code: Code = Field(description="Code of the community, unique on the platform.", examples=["qinglongquan"])
    name: ShortText = Field(description="Its name.", examples=["青龙泉社区"])
    township: LevelBody = Field(description="Township it belongs to; entered when new.")
    district: LevelBody = Field(description="District the township belongs to; entered when new.")


class NameCreate(Input):
    name: ShortText = Field(description="What the community is called from now on.", examples=["山水苑社区"])


class CommunityRead(Output):
    id: UUID = Field(description="Id of the community, the tenant.")
    code: str = Field(description="Code of the community.", examples=["qinglongquan"])
    name: str = Field(description="Its name.", examples=["青龙泉社区"])
    township: LevelRead = Field(description="Township it belongs to.")
    district: LevelRead = Field(description="District the township belongs to.")


class SettingsCreate(Input):
    based_on: Int64 = Field(description="Version this one follows; 0 for the first.", examples=[0], ge=0)
    settings: dict[str, JsonValue] = Field(
        description="The settings.", examples=[{"service_phone": "0719-0000000"}], max_length=200
    )
    effective_on: date = Field(description="Day from which they count, in China.", examples=["2026-06-01"])
    decision: LongText = Field(description="The decision that adopted them.", examples=["2026 年第 3 次居民代表会议"])


class SettingsRead(Output):
    version: int = Field(description="Version; 0 while nothing was adopted.", examples=[1])
    settings: dict[str, JsonValue] = Field(description="The settings.", examples=[{"service_phone": "0719-0000000"}])
    effective_on: date | None = Field(description="Day from which they count.", examples=["2026-06-01"])
    decision: str = Field(description="The decision that adopted them.", examples=["2026 年第 3 次居民代表会议"])
    created_at: Moment | None
