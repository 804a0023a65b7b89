"""What the boards' API takes and says."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.boards.domain import TONE_WORDS, Board, Concerns, Entry, Policy, State, Tone
from shared.schemas import Input, Int64, Output, ShortText

Reason = Annotated[str, StringConstraints(max_length=500)]
NeededReason = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class BoardEntryCreate(Input):
    """A household proposed for a board."""

    board: Board = Field(description="honour 光荣榜 or warning 提醒榜.", examples=["honour"])
    household_id: UUID = Field(description="The household.")
    concerns: Concerns = Field(
        Concerns.ADULT,
        description="Whose conduct it is: adult, minor or ill. Minors and the ill are never warned about.",
    )
    tone: Tone = Field(Tone.NEEDS_HELP, description="How a warning speaks: needs_help 需要帮助, or warning 提醒.")
    title: ShortText = Field(description="What it says on the board.", examples=["互助邻居"])
    reason: NeededReason = Field(description="Why.", examples=["连续两个月照顾独居老人"])


class BoardVoteCreate(Input):
    """An assessor's vote."""

    is_approved: bool = Field(description="Whether the household goes onto the board.")
    reason: Reason = Field("", description="Needed against.", examples=["同意"])


class BoardVoteRead(Output):
    """What an assessor voted."""

    account_id: UUID = Field(description="The assessor's account.")
    is_approved: bool = Field(description="For or against.")
    reason: str = Field(description="Why, when a reason was given.")
    cast_at: datetime = Field(description="When, UTC.")


class BoardReason(Input):
    """Why."""

    reason: NeededReason = Field(description="Why, in plain words.", examples=["楼道杂物已经清走"])


class BoardAnswer(Input):
    """The answer to a household's objection."""

    is_upheld: bool = Field(description="Whether the objection is right and the entry ends.")
    reason: NeededReason = Field(description="What was found.", examples=["经核实杂物属于邻居。"])


class BoardEntryRead(Output):
    """An entry."""

    id: UUID = Field(description="The entry.")
    board: Board = Field(description="honour or warning.")
    household_id: UUID = Field(description="The household.")
    tone: Tone = Field(description="needs_help or warning.")
    tone_words: str = Field(description="What stands above a warning.", examples=["需要帮助"])
    title: str = Field(description="What it says on the board.")
    reason: str = Field(description="Why.")
    state: State = Field(description="proposed, notified, disputed, cured, listed, removed or dismissed.")
    proposed_at: datetime = Field(description="When it was proposed, UTC.")
    cure_until: date | None = Field(description="Last day to put things right before a warning hangs.")
    listed_on: date | None = Field(description="Day it was hung.")
    removal_on: date | None = Field(description="Day it comes down.")
    ended_at: datetime | None = Field(description="When it ended, UTC.")
    answer: str = Field(description="What was answered, or why it ended.")

    @classmethod
    def of(cls, entry: Entry) -> "BoardEntryRead":
        """Read an entry."""
        facts = {name: getattr(entry, name) for name in cls.model_fields if name != "tone_words"}
        words = "光荣榜" if entry.board is Board.HONOUR else TONE_WORDS[entry.tone]
        return cls(**facts, tone_words=words)


class ExemptionBody(Input):
    """Why a household is not warned, and until when."""

    kind: Literal["minor", "ill"] = Field(description="A child, or somebody seriously ill.", examples=["ill"])
    until: date = Field(description="Last day it holds.", examples=["2026-12-31"])
    note: Reason = Field("", description="For officials alone.")


class ExemptionRead(Output):
    """A household that is not warned."""

    household_id: UUID = Field(description="The household.")
    kind: str = Field(description="minor or ill.")
    until: date = Field(description="Last day it holds.")
    note: str = Field(description="For officials alone.")
    entered_at: datetime = Field(description="When it was entered, UTC.")


class BoardPolicyCreate(Input):
    """Rules of the boards as a meeting adopted them."""

    decision: ShortText = Field(description="The meeting or vote.", examples=["2026年第二季度居民代表会议"])
    effective_on: date | None = Field(None, description="First day; today by default.", examples=["2026-06-01"])
    panel_quorum: Int64 = Field(3, ge=3, le=15, description="Votes of the panel an entry needs.", examples=[3])
    cure_days: Int64 = Field(
        14, ge=3, le=90, description="Days to put things right before a warning hangs.", examples=[14]
    )
    listing_days: Int64 = Field(60, ge=1, le=366, description="Days an entry hangs.", examples=[60])
    is_warning_public: bool = Field(False, description="Whether neighbours and visitors see the warning board.")
    is_ranking_public: bool = Field(True, description="Whether visitors see rankings.")

    def policy(self) -> Policy:
        """Return it as the domain has it."""
        return Policy(**self.model_dump())


class BoardPolicyRead(Output):
    """Rules of the boards."""

    version: int = Field(description="Number of the version; 0 for the built-in rules.", examples=[1])
    decision: str = Field(description="The meeting or vote that adopted them.")
    effective_on: date | None = Field(description="First day in force.")
    panel_quorum: int = Field(description="Votes of the panel an entry needs.")
    cure_days: int = Field(description="Days to put things right before a warning hangs.")
    listing_days: int = Field(description="Days an entry hangs.")
    is_warning_public: bool = Field(description="Whether neighbours and visitors see the warning board.")
    is_ranking_public: bool = Field(description="Whether visitors see rankings.")
