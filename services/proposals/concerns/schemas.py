"""What the API of concerns says."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.proposals.concerns.domain import Channel, ConcernState, Level
from shared.schemas import Input, LongText, Output, ShortText


class ConcernCreate(Input):
    """A concern to enter."""

    title: ShortText = Field(description="In a few words.", examples=["12 栋没有电梯，老人上下楼难"])
    body: LongText = Field(description="What it is about.", examples=["楼里七户有八十岁以上的老人……"])
    place: str = Field("", max_length=100, description="Where.", examples=["12 栋"])
    photos: list[UUID] = Field(
        default_factory=list,
        max_length=9,
        description="Ids of uploaded media files. Not looked up here: an id that media does not show appears as a placeholder.",
    )
    channel: Channel = Field(Channel.OWN, description="`own`, or where staff heard it.", examples=["own"])
    household_id: UUID | None = Field(None, description="Whose concern it is, when staff enter it.")


class ConcernTriage(Input):
    """How a concern is sorted."""

    level: Level = Field(description="major 大事, minor 小事, private 私事.", examples=["major"])
    reason: LongText = Field(description="Why; the author sees it.", examples=["涉及全楼住户，需要共同决定"])


class ConcernAnswer(Input):
    """An answer the author sees."""

    text: LongText = Field(description="The answer.", examples=["已转为议题，由 12 栋住户共同决定"])


class ConcernMerge(Input):
    """Where the same concern already is."""

    into_id: UUID = Field(description="The concern it is merged into.")


class ConcernRead(Output):
    """A concern."""

    id: UUID = Field(description="The concern.")
    household_id: UUID | None = Field(description="Whose it is, when known; told to the household and staff alone.")
    channel: Channel = Field(description="Where it came from.", examples=["own"])
    title: str = Field(description="In a few words.")
    body: str = Field(description="What it is about.")
    place: str = Field(description="Where.")
    photos: list[UUID] = Field(
        description="Ids of media files; one that media answers with 404 is shown as a placeholder."
    )
    state: ConcernState = Field(description="filed, triaged, proposed, answered, closed or merged.", examples=["filed"])
    level: Level | None = Field(description="major 大事, minor 小事, private 私事; null until sorted.")
    triage_reason: str = Field(description="Why it was sorted so.")
    answer_due_at: datetime | None = Field(description="When the author must have an answer, UTC.")
    answer: str = Field(description="The answer, empty until there is one.")
    answered_at: datetime | None = Field(description="When it was answered, UTC.")
    merged_into: UUID | None = Field(description="The concern it was merged into.")
    supporters: int = Field(description="Further households that say the same.", examples=[3])
    filed_at: datetime = Field(description="When it was entered, UTC.")
