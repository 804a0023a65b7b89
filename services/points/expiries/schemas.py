"""What the API of the community's decisions about points says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.points.expiries.domain import LONGEST_MONTHS, ExpiryMode, PointsPolicy, PolicyTerms
from shared.kernel.values import Points
from shared.schemas import Input, Output


class PolicyAdopt(Input):
    """Terms that a meeting decided."""

    replaces_version: int = Field(ge=0, le=2**31 - 2, description="Version it replaces; 0 for the first.", examples=[0])
    opening_standing: int = Field(
        default=100, ge=0, le=1_000_000, description="评议分 a new household starts with.", examples=[100]
    )
    is_base_spendable: bool = Field(default=True, description="Whether it can spend as many from the first day.")
    expiry_mode: ExpiryMode = Field(
        default=ExpiryMode.NONE, description="none, months after they came in, or yearly on a day.", examples=["months"]
    )
    expiry_months: int = Field(
        default=0,
        ge=0,
        le=LONGEST_MONTHS,
        description="Months points last; for yearly the least time before the day.",
        examples=[24],
    )
    expiry_month: int = Field(default=12, ge=1, le=12, description="Month of the yearly day.", examples=[12])
    expiry_day: int = Field(
        default=31, ge=1, le=31, description="Day of the yearly day; it still counts.", examples=[31]
    )
    decision: str = Field(
        max_length=200, description="Which meeting decided it.", examples=["2026 年 5 月 10 日居民代表会议决议第 3 号"]
    )

    def terms(self) -> PolicyTerms:
        """Return the terms."""
        return PolicyTerms(
            opening_standing=Points(self.opening_standing),
            is_base_spendable=self.is_base_spendable,
            expiry_mode=self.expiry_mode,
            expiry_months=self.expiry_months,
            expiry_month=self.expiry_month,
            expiry_day=self.expiry_day,
        )


class PolicyRead(Output):
    """The terms of a version."""

    version: int = Field(description="Number of the version; 0 before any decision.", examples=[1])
    opening_standing: int = Field(description="评议分 a new household starts with.", examples=[100])
    is_base_spendable: bool = Field(description="Whether it can spend as many from the first day.")
    expiry_mode: ExpiryMode = Field(description="none, months or yearly.", examples=["months"])
    expiry_months: int = Field(description="Months points last; for yearly the least time before the day.")
    expiry_month: int = Field(description="Month of the yearly day.", examples=[12])
    expiry_day: int = Field(description="Day of the yearly day.", examples=[31])
    decision: str = Field(description="Which meeting decided it.")
    adopted_by: UUID | None = Field(description="Who entered it, or null.")
    adopted_at: datetime | None = Field(description="Since when it holds, UTC, or null.")


def policy_read(policy: PointsPolicy) -> PolicyRead:
    """Return terms as they are told."""
    terms = policy.terms
    return PolicyRead(
        version=policy.version,
        opening_standing=terms.opening_standing,
        is_base_spendable=terms.is_base_spendable,
        expiry_mode=terms.expiry_mode,
        expiry_months=terms.expiry_months,
        expiry_month=terms.expiry_month,
        expiry_day=terms.expiry_day,
        decision=policy.decision,
        adopted_by=policy.adopted_by,
        adopted_at=policy.adopted_at,
    )


class ComingExpiryRead(Output):
    """Points of one household that expire together."""

    expires_at: datetime = Field(description="When they expire, UTC.")
    points: int = Field(description="How many.", examples=[20])
    household_id: UUID = Field(description="The household.")
    number: str = Field(description="Household number on the roster.", examples=["QLQ-03-0412"])
    householder_name: str = Field(description="Masked name of the householder.", examples=["王**"])
