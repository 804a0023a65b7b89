"""What the awards' API takes and says."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.awards.domain import AwardPolicy, State, WaiverState
from shared.kernel.values import Points
from shared.schemas import Input, Int64, LongText, Output, ShortText

Tag = Annotated[str, StringConstraints(max_length=40)]


class AwardPolicyCreate(Input):
    """What an award shall bring, as it was decided."""

    standing: Int64 = Field(10, ge=1, le=10_000, description="Standing points (评议分).", examples=[10])
    spendable: Int64 = Field(10, ge=1, le=10_000, description="Spendable points (兑换分).", examples=[10])
    fee_months: Int64 = Field(1, ge=0, le=12, description="Months without property fee.", examples=[1])
    notice_days: Int64 = Field(5, ge=1, le=30, description="Days a decided award hangs out.", examples=[5])
    panel_quorum: Int64 = Field(3, ge=3, le=100, description="Least votes of a decision.", examples=[3])
    decision: LongText = Field(description="The meeting or vote that adopted it.", examples=["第二季度居民代表会议"])
    effective_on: date = Field(description="First day it is in force.", examples=["2027-01-01"])

    def policy(self) -> AwardPolicy:
        """Return it as the domain has it, not yet numbered."""
        return AwardPolicy(
            standing=Points(self.standing),
            spendable=Points(self.spendable),
            fee_months=self.fee_months,
            notice_days=self.notice_days,
            panel_quorum=self.panel_quorum,
        )


class AwardPolicyRead(Output):
    """What an award brings."""

    version: int = Field(description="0 is the rule of the model community, in force until one is adopted.")
    standing: int = Field(description="Standing points.", examples=[10])
    spendable: int = Field(description="Spendable points.", examples=[10])
    fee_months: int = Field(description="Months without property fee.", examples=[1])
    notice_days: int = Field(description="Days a decided award hangs out.", examples=[5])
    panel_quorum: int = Field(description="Least votes of a decision.", examples=[3])


class Nomination(Input):
    """Who is proposed for what."""

    household_id: UUID = Field(description="The household.")
    resident_id: UUID | None = Field(None, description="The person; left out, the whole household is meant.")
    person_name: Annotated[str, StringConstraints(max_length=100)] = Field(
        "", description="The person's name; kept with the surname alone.", examples=["王小明"]
    )
    category: ShortText = Field(description="Which award.", examples=["身边好人"])
    deed: LongText = Field(description="What was done.", examples=["三年来每天给楼里的老人送饭。"])
    talent: Tag = Field("", description="Tag for the talent pool; empty for none.", examples=["助老"])


class AwardRead(Output):
    """An award, with every effect under its one id."""

    id: UUID = Field(description="The award; points, talent tag and fee waiver carry the same id.")
    household_id: UUID = Field(description="Whose it is.")
    resident_id: UUID | None = Field(description="The person; null when the whole household is meant.")
    person_name: str = Field(description="Masked name.", examples=["王**"])
    category: str = Field(description="Which award.", examples=["身边好人"])
    deed: str = Field(description="What was done.")
    talent: str = Field(description="Tag in the talent pool; empty for none.", examples=["助老"])
    policy_version: int = Field(description="The policy it was nominated under.")
    standing: int = Field(description="Standing points it brings.", examples=[10])
    spendable: int = Field(description="Spendable points it brings.", examples=[10])
    fee_months: int = Field(description="Months without property fee it asks for.", examples=[1])
    state: State = Field(description="Where it stands.", examples=["granted"])
    decision: str = Field(description="The decision's minutes.")
    votes_for: int = Field(description="Votes for it.", examples=[5])
    votes_against: int = Field(description="Votes against it.", examples=[0])
    notice_ends_at: datetime | None = Field(description="Until when it hangs out, UTC.")
    granted_at: datetime | None = Field(description="When it took effect, UTC.")
    standing_transfer_id: UUID | None = Field(description="The transfer in the ledger.")
    spendable_transfer_id: UUID | None = Field(description="The transfer in the ledger.")
    waiver_state: WaiverState = Field(
        description="What property answered: none, pending, granted, refused or withdrawn."
    )
    waiver_months: list[date] = Field(description="First days of the months without fee.", examples=[["2026-06-01"]])
    waiver_reason: str = Field(description="Why there is none.")
    reason: str = Field(description="Why it was refused, objected to or revoked.")
    created_at: datetime = Field(description="When it was nominated, UTC.")


class AwardDecision(Input):
    """What the panel or committee decided."""

    is_approved: bool = Field(description="Whether it passed.")
    decision: LongText = Field(description="Meeting and minutes.", examples=["2026年5月评议会第3号纪要"])
    votes_for: Int64 = Field(ge=0, le=1000, description="Votes for it.", examples=[5])
    votes_against: Int64 = Field(ge=0, le=1000, description="Votes against it.", examples=[0])


class AwardObjection(Input):
    """Why a neighbour objects."""

    reason: LongText = Field(description="Why.", examples=["他家楼道里还堆着杂物。"])


class AwardAnswer(Input):
    """The answer to an objection."""

    is_upheld: bool = Field(description="Whether the objection is right; the award is then refused.")
    answer: LongText = Field(description="The answer.", examples=["已到现场看过，杂物不是他家的。"])


class Revocation(Input):
    """Why a granted award is taken back."""

    reason: LongText = Field(description="Why.", examples=["事迹不实，经复核撤销。"])


class TalentRead(Output):
    """A place in the talent pool."""

    award_id: UUID = Field(description="The award that brought it.")
    household_id: UUID = Field(description="The household.")
    resident_id: UUID | None = Field(description="The person; null when the whole household is meant.")
    person_name: str = Field(description="Masked name.", examples=["王**"])
    tag: str = Field(description="What they are good at.", examples=["助老"])
    tagged_at: datetime = Field(description="Since when, UTC.")
