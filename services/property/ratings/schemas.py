"""What is said about ratings over HTTP."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.schemas import Input, Int64, LongText, Output

Score = Annotated[Int64, Field(ge=1, le=5)]


class DisputeCreate(Input):
    """It is not done."""

    reason: Literal["still_broken", "damage", "unfinished", "other"] = Field(
        description="Why it is not done.", examples=["still_broken"]
    )
    note: LongText | None = Field(None, description="More about it.", examples=["灯还是一闪一闪"])


class RatingCreate(Input):
    """A judgement, 1 (bad) to 5 (good) on each axis."""

    quality: Score = Field(description="维修质量.", examples=[5])
    attitude: Score = Field(description="服务态度.", examples=[5])
    charges: Score = Field(description="收费情况.", examples=[5])
    security: Score = Field(description="安全防护.", examples=[5])
    hygiene: Score = Field(description="清洁卫生.", examples=[4])
    comment: Annotated[str, StringConstraints(max_length=2000)] = Field(
        "", description="In one's own words.", examples=["来得快"]
    )


class RatingRead(Output):
    """A judgement of one attempt."""

    attempt: int = Field(description="Which attempt.", examples=[1])
    worker_id: UUID | None = Field(description="Whose work.")
    quality: int = Field(description="维修质量.", examples=[5])
    attitude: int = Field(description="服务态度.", examples=[5])
    charges: int = Field(description="收费情况.", examples=[5])
    security: int = Field(description="安全防护.", examples=[5])
    hygiene: int = Field(description="清洁卫生.", examples=[4])
    comment: str = Field(description="In the resident's words.", examples=["来得快"])
    rated_at: datetime = Field(description="When.")


class RateRead(Output):
    """A published share with its denominator."""

    part: int = Field(description="How many of n.", examples=[47])
    n: int = Field(description="Out of how many.", examples=[50])
    left_out: int = Field(
        description="Not counted in n because nobody answered; never taken for satisfied.", examples=[6]
    )
    per_mille: int | None = Field(description="part / n in whole per mille; null when n is 0.", examples=[940])


class StatisticsRead(Output):
    """The three rates of a span of days."""

    from_on: date = Field(description="First local day.", examples=["2026-05-01"])
    until_on: date = Field(description="Last local day.", examples=["2026-05-31"])
    department: str | None = Field(description="Department code; null is the whole company.", examples=[None])
    response: RateRead = Field(description="First answers in time.")
    resolution: RateRead = Field(description="Jobs finished in time; overdue unfinished ones count as late.")
    satisfaction: RateRead = Field(description="Ratings whose mean is 4 or more; the unrated are left out and named.")
    axis_means_milli: dict[str, int | None] = Field(
        description="Mean of each axis in thousandths; null when nobody rated.", examples=[{"quality": 4820}]
    )
    outcomes: dict[str, int] = Field(description="Tickets closed, by outcome.", examples=[{"fixed": 40}])
