"""What the API of policies takes and says."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from services.points.help_policies.domain import Area, DeliveryPolicy, GigPolicy, Numbers, PolicyVersion, TimePolicy
from shared.schemas import Input, Int64, Output, ShortText

Hours = Annotated[Int64, Field(ge=1, le=720)]


class GigNumbers(Input):
    """Numbers of the gig market."""

    most_points: Int64 = Field(1000, ge=1, le=100_000, description="Points one gig may cost in all.")
    most_taken: Int64 = Field(3, ge=1, le=20, description="Jobs a household may have in hand at once.")
    early_minutes: Int64 = Field(30, ge=0, le=1440, description="How long before the work one may check in, minutes.")
    no_show_minutes: Int64 = Field(60, ge=5, le=1440, description="Grace before a place is given free, minutes.")
    finish_hours: Hours = Field(24, description="Time after the work to report it done, hours.")
    verify_hours: Hours = Field(72, description="Time of the poster to look at the work, hours.")
    objection_hours: Hours = Field(24, description="Time to object when somebody else confirmed, hours.")


class TimeNumbers(Input):
    """Numbers of the time bank."""

    longest_minutes: Int64 = Field(240, ge=15, le=720, description="The longest help that counts at one time, minutes.")
    round_to_minutes: Int64 = Field(5, ge=1, le=60, description="Credits are rounded down to a multiple of this.")
    confirm_hours: Hours = Field(72, description="Time of both sides to confirm, hours.")
    minutes_per_point: Int64 | None = Field(
        None, ge=1, le=6000, description="Minutes that buy one point; null: no exchange.", examples=[30]
    )
    most_exchanged_minutes: Int64 = Field(
        600, ge=1, le=100_000, description="Minutes a person may exchange in a quarter."
    )


class DeliveryNumbers(Input):
    """Numbers of deliveries."""

    reward_points: Int64 = Field(
        2, ge=0, le=100, description="Points of both kinds for one delivery; 0: nothing.", examples=[2]
    )


class GigPolicyCreate(Input):
    """Numbers of the gig market as adopted."""

    decision: ShortText = Field(description="The meeting or vote that adopted them.", examples=["居民代表会议 2026-04"])
    numbers: GigNumbers = Field(description="All of them; what is left out takes its default.")

    def policy(self) -> GigPolicy:
        """Return the numbers as the domain knows them."""
        return GigPolicy(**self.numbers.model_dump())


class TimePolicyCreate(Input):
    """Numbers of the time bank as adopted."""

    decision: ShortText = Field(description="The meeting or vote that adopted them.", examples=["居民代表会议 2026-04"])
    numbers: TimeNumbers = Field(description="All of them; what is left out takes its default.")

    def policy(self) -> TimePolicy:
        """Return the numbers as the domain knows them."""
        return TimePolicy(**self.numbers.model_dump())


class DeliveryPolicyCreate(Input):
    """Numbers of deliveries as adopted."""

    decision: ShortText = Field(description="The meeting or vote that adopted them.", examples=["居民代表会议 2026-04"])
    numbers: DeliveryNumbers = Field(description="All of them; what is left out takes its default.")

    def policy(self) -> DeliveryPolicy:
        """Return the numbers as the domain knows them."""
        return DeliveryPolicy(**self.numbers.model_dump())


class PolicyRead(Output):
    """Numbers with the decision that adopted them."""

    area: Area = Field(description="gigs, time_bank or deliveries.", examples=["gigs"])
    version: int = Field(description="From 1; 0 is the default nobody had to adopt.", examples=[1])
    decision: str = Field(description="The meeting or vote.", examples=["居民代表会议 2026-04"])
    adopted_at: datetime | None = Field(description="When it was entered, UTC; null for the default.")
    numbers: dict[str, int | None] = Field(description="The numbers by name.", examples=[{"most_taken": 3}])

    @classmethod
    def of(cls, version: PolicyVersion) -> Self:
        """Show a version."""
        numbers: Numbers = version.numbers
        return cls(
            area=version.area,
            version=version.version,
            decision=version.decision,
            adopted_at=version.adopted_at,
            numbers={name: getattr(numbers, name) for name in type(numbers).__slots__},
        )
