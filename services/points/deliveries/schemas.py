"""What the deliveries' API takes and says."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.points.deliveries.domain import State
from shared.schemas import Input, Output


class DeliveryCreate(Input):
    """Which goods to bring home."""

    redemption_id: UUID = Field(description="The redemption.")
    note: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="What the volunteer should know.", examples=["二楼，敲门请大声"]
    )


class DoorCode(Input):
    """What the household shows at the door: six digits or the text of the QR code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "482913"}]})

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = Field(
        None, description="Six digits.", examples=["482913"]
    )
    token: Annotated[str, StringConstraints(min_length=10, max_length=200)] | None = Field(
        None, description="Text of the scanned QR code."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.code is None) == (self.token is None):
            msg = "取货码和二维码填一个就可以，也只能填一个。"
            raise ValueError(msg)
        return self


class DeliveryRead(Output):
    """Goods on their way home."""

    id: UUID = Field(description="The delivery.")
    redemption_id: UUID = Field(description="The redemption.")
    household_id: UUID = Field(description="For whom.")
    product_name: str = Field(description="What is brought.", examples=["大米 5 公斤"])
    quantity: int = Field(description="Pieces.", examples=[1])
    building_name: str = Field(description="To which building.", examples=["1栋"])
    note: str = Field(description="What the volunteer should know.")
    state: State = Field(description="requested, taken, sent, delivered or cancelled.", examples=["taken"])
    reward_points: int = Field(description="What the volunteer's household earns.", examples=[2])
    volunteer_name: str = Field(description="Who carries it, masked.")
    requested_at: datetime = Field(description="When it was asked for, UTC.")
    ended_at: datetime | None = Field(description="When it was delivered or cancelled, UTC.")
    reward_reversed_at: datetime | None = Field(
        description="When the reward was taken back, because the goods lie on the shelf again, UTC."
    )
