"""What the budgets' API takes and says."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from shared.schemas import Input, Int64, LongText, Output, ShortText

AMOUNT = "Points that may be issued."
VALUE = (
    "What the meeting reckons a point to be worth in goods, in fen. All that came into the fund must cover its budgets."
)


class BudgetCreate(Input):
    """How many points may be issued in a time."""

    name: ShortText = Field(description="What it is called.", examples=["2026年5—6月积分额度"])
    fund_id: UUID = Field(description="The fund of the store that stands behind it.")
    point_value_fen: Int64 = Field(ge=1, le=100_000, description=VALUE, examples=[10])
    amount: Int64 = Field(ge=1, le=10**12, description=AMOUNT, examples=[50_000])
    starts_on: date = Field(description="First day.", examples=["2026-05-01"])
    ends_on: date = Field(description="Last day.", examples=["2026-06-30"])
    decision: LongText = Field(description="The meeting or vote that set it.", examples=["居委会会议 2026-04-28"])


class BudgetChange(Input):
    """How large a budget is to be."""

    amount: Int64 = Field(ge=1, le=10**12, description=AMOUNT, examples=[60_000])
    decision: LongText = Field(description="The meeting or vote that changed it.", examples=["居委会会议 2026-05-28"])


class BudgetRead(Output):
    """A budget."""

    id: UUID = Field(description="The budget.")
    name: str = Field(description="What it is called.")
    fund_id: UUID = Field(description="The fund of the store that stands behind it.")
    point_value_fen: int | None = Field(
        description="What a point is reckoned to be worth in goods, in fen; null where nobody said.", examples=[10]
    )
    amount: int = Field(description=AMOUNT)
    charged: int = Field(description="Points issued so far.", examples=[1200])
    left: int = Field(description="Points that may still be issued.")
    starts_on: date = Field(description="First day.")
    ends_on: date = Field(description="Last day.")
    decision: str = Field(description="The meeting or vote that set it.")
    created_at: datetime = Field(description="When it was entered, UTC.")
