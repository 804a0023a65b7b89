"""What is said about the catalogue over HTTP."""

from pydantic import Field

from services.property.tickets.transitions import Priority
from shared.schemas import Input, Int64, Output, ShortText


class DepartmentRead(Output):
    """A department of the company."""

    code: str = Field(description="Code.", examples=["engineering"])
    name: str = Field(description="Name.", examples=["工程部"])
    calendar: str = Field(description="Code of the working calendar its promises run on.", examples=["daily"])


class CategoryRead(Output):
    """Something that can be reported."""

    code: str = Field(description="Code.", examples=["stair_lamp"])
    parent: str | None = Field(description="Heading it stands under; null for a heading.", examples=["electrical"])
    department: str = Field(description="Department code.", examples=["engineering"])
    name: str = Field(description="Name.", examples=["楼道灯不亮"])
    priority: Priority = Field(description="Usual priority.", examples=["normal"])
    skill: str | None = Field(description="Certificate the work needs.", examples=[None])
    expected_minutes: int = Field(description="Usual minutes on site.", examples=[20])
    needs_after_photo: bool = Field(description="Whether finishing needs a picture.", examples=[True])
    is_safety: bool = Field(description="Danger to people: urgent, day and night.", examples=[False])
    is_active: bool = Field(description="Whether it can be chosen.", examples=[True])
    position: int = Field(description="Place among its siblings.", examples=[0])


class CategoryWrite(Input):
    """What a category should be."""

    parent: ShortText | None = Field(None, description="Heading; null makes it one.", examples=["electrical"])
    department: ShortText = Field(description="Department code.", examples=["engineering"])
    name: ShortText = Field(description="Name in plain words.", examples=["楼道灯不亮"])
    priority: Priority = Field(Priority.NORMAL, description="Usual priority.")
    skill: ShortText | None = Field(None, description="Certificate the work needs.", examples=[None])
    expected_minutes: Int64 = Field(30, ge=1, le=10_000, description="Usual minutes on site.")
    needs_after_photo: bool = Field(False, description="Whether finishing needs a picture.")
    is_safety: bool = Field(False, description="Danger to people.")
    is_active: bool = Field(True, description="Whether it can be chosen.")
    position: Int64 = Field(0, ge=0, le=1_000, description="Place among its siblings.")
