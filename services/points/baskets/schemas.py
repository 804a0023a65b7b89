"""What the baskets' API takes and says."""

from uuid import UUID

from pydantic import Field

from services.points.redemptions.schemas import RedemptionCreate, RedemptionRead
from shared.schemas import Input, Output


class BasketCreate(Input):
    """What a household wants, all or nothing. More than 50 lines are refused with `points.basket_too_large`."""

    lines: list[RedemptionCreate] = Field(min_length=1, max_length=100_000, description="One line for each product.")


class BasketRead(Output):
    """A basket and its redemptions; each has a pickup code, and any of them opens the whole basket."""

    id: UUID = Field(description="The basket.")
    redemptions: list[RedemptionRead] = Field(description="One for each line.")
