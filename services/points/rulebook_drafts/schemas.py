"""What the rulebook drafts' API takes and says."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.rulebook_drafts.domain import Draft, State
from services.points.rulebooks.domain import Policy
from services.points.rulebooks.schemas import MINUTES, PolicyRead, RuleItemRead, RuleListBody
from shared.schemas import Input, LongText, Output, ShortText


class DraftBody(RuleListBody):
    """A list to be discussed."""

    title: ShortText = Field(description="What it is called.", examples=["2026年下半年积分细则（草案）"])
    note: Annotated[str, StringConstraints(max_length=2000)] = Field("", description="What is new and why.")

    def content(self) -> dict[str, Any]:
        """Return it as the use cases take it."""
        return {
            "title": self.title,
            "note": self.note,
            "effective_on": self.effective_on,
            "rules": self.rules(),
        }


class ProposalLink(Input):
    """Which proposal puts a draft to the vote."""

    proposal_id: UUID = Field(description="The proposal.")


class Adoption(Input):
    """How a draft was adopted."""

    decision: LongText = Field(description="The meeting or vote.", examples=["2026年第二季度居民代表会议"])
    decision_id: UUID | None = Field(None, description="The proposal whose published decision adopted it.")
    minutes_asset_id: UUID | None = Field(None, description=MINUTES)


class DraftBrief(Output):
    """A draft without its lines."""

    id: UUID = Field(description="The draft.")
    title: str = Field(description="What it is called.")
    note: str = Field(description="What is new and why.")
    effective_on: date = Field(description="First day it is to be in force; not before it is decided.")
    proposal_id: UUID | None = Field(description="The proposal that puts it to the vote.")
    state: State = Field(description="draft, adopted or discarded.")
    adopted_version: int | None = Field(description="The version it became.")
    created_at: datetime = Field(description="When it was written, UTC.")
    changed_at: datetime = Field(description="When it was changed last, UTC.")


class DraftRead(DraftBrief):
    """A draft."""

    policy: PolicyRead = Field(description="How claims are to be judged.")
    items: list[RuleItemRead] = Field(description="The lines, in their order.")

    @classmethod
    def of(cls, draft: Draft) -> "DraftRead":
        """Read it from the books."""
        facts = {name: getattr(draft, name) for name in DraftBrief.model_fields}
        policy = {name: getattr(draft.rules.policy, name) for name in Policy.__slots__}
        return cls.model_validate(
            facts | {"policy": policy, "items": [RuleItemRead.of(item) for item in draft.rules.items]}
        )
