"""What the API of proposals says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.proposals.concerns.domain import Channel
from services.proposals.proposals.domain import ProposalState, Stance
from services.proposals.rolls.domain import ScopeKind
from shared.schemas import Input, LongText, Output, ShortText

ProposalText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
TextHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ProposalCreate(Input):
    """A proposal to open."""

    concern_id: UUID | None = Field(
        None, description="The major concern it comes from; null for a motion of the staff."
    )
    template: str = Field(
        "four_and_two_owners",
        max_length=100,
        description="Code of the process template.",
        examples=["four_and_two_owners"],
    )
    scope_kind: ScopeKind = Field(description="Whose households it concerns.", examples=["building"])
    scope_id: UUID | None = Field(None, description="Id of the grid or building; null for the whole community.")
    title: ShortText = Field(description="Title.", examples=["12 栋加装电梯"])
    body: ProposalText = Field(
        description="The full text that is endorsed and voted on.", examples=["在 12 栋北侧加装……"]
    )


class ProposalRevise(Input):
    """A new text."""

    title: ShortText = Field(description="Title.", examples=["12 栋加装电梯"])
    body: ProposalText = Field(description="The full new text.")
    changes: LongText = Field(description="What is different, in plain words.", examples=["费用分摊改为按楼层"])


class EndorsementCreate(Input):
    """Support of the text that was shown."""

    text_hash: TextHash = Field(description="Hash of the text the caller saw.")


class OpinionCreate(Input):
    """What a household thinks."""

    text_hash: TextHash = Field(description="Hash of the text the caller saw.")
    stance: Stance = Field(description="for, against or suggestion.", examples=["suggestion"])
    body: str = Field("", max_length=2000, description="In their own words.", examples=["希望一楼少分摊一些"])
    channel: Channel = Field(Channel.OWN, description="`own`, or where staff heard it.", examples=["home_visit"])
    household_id: UUID | None = Field(None, description="Whose opinion, when staff enter it.")


class OpinionAnswer(Input):
    """Whether an opinion is adopted, and why."""

    is_adopted: bool = Field(description="Adopted or not.", examples=[True])
    answer: LongText = Field(description="Why.", examples=["已写入第二版：一楼不分摊"])


class ProposalSummary(Output):
    """A proposal in a list."""

    id: UUID = Field(description="The proposal.")
    concern_id: UUID | None = Field(description="The concern it comes from.")
    title: str = Field(description="Title.", examples=["12 栋加装电梯"])
    author_name: str = Field(description="Masked name of who opened it.", examples=["李**"])
    template: str = Field(description="Code of the process template.", examples=["four_and_two_owners"])
    scope_kind: ScopeKind = Field(description="Whose households it concerns.", examples=["building"])
    scope_id: UUID | None = Field(description="Id of the grid or building.")
    scope_name: str = Field(description="What people call the scope.", examples=["12栋"])
    state: ProposalState = Field(
        description="gathering, endorsed, deliberating, decided, carried_out, rejected or withdrawn."
    )
    version_no: int = Field(description="Number of the current text, from 1.", examples=[1])
    text_hash: str = Field(description="Hash of the current text, hex; endorse and vote with it.")
    households_in_scope: int = Field(description="Households in scope when it was opened.", examples=[25])
    endorsements_needed: int = Field(description="Households that must endorse.", examples=[2])
    endorsements: int = Field(description="Households that endorse the current text.", examples=[1])
    opinions: int = Field(description="Households heard on the current text.", examples=[13])
    opened_at: datetime = Field(description="When it was opened, UTC.")


class ProposalRead(ProposalSummary):
    """A proposal with its current text."""

    body: str = Field(description="The full current text.")


class VersionRead(Output):
    """One text of a proposal; never changed."""

    version_no: int = Field(description="From 1.", examples=[1])
    title: str = Field(description="Title.")
    body: str = Field(description="The full text.")
    text_hash: str = Field(description="Hash of the text, hex.")
    changes: str = Field(description="What is different from the version before.")
    written_at: datetime = Field(description="When it was written, UTC.")


class OpinionRead(Output):
    """An opinion and what became of it."""

    id: UUID = Field(description="The opinion.")
    text_hash: str = Field(description="The text it is about.")
    stance: Stance = Field(description="for, against or suggestion.")
    body: str = Field(description="In their own words.")
    channel: Channel = Field(description="Where it was heard.")
    given_at: datetime = Field(description="When, UTC.")
    is_adopted: bool | None = Field(description="Null until answered.")
    answer: str = Field(description="Why it was adopted or not.")
    answered_by: str = Field(description="Masked name of who answered.")
