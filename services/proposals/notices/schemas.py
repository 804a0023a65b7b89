"""What the API of public notices says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.proposals.notices.domain import NoticeState
from services.proposals.processes.templates import DayKind
from shared.schemas import Input, Int64, LongText, Output, ShortText

NoticeText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class NoticeCreate(Input):
    """Something to show publicly."""

    title: ShortText = Field(description="Title.", examples=["关于 12 栋加装电梯表决结果的公示"])
    body: NoticeText = Field(description="What is shown.")
    places: list[ShortText] = Field(
        description="Where it hangs.", min_length=1, max_length=20, examples=[["线上公示栏", "12 栋一楼大厅"]]
    )
    contact: ShortText = Field(description="Who takes objections.", examples=["社区居委会 王主任"])
    days: Annotated[Int64, Field(ge=1, le=90)] = Field(
        7, description="Days; the first day does not count.", examples=[7]
    )


class NoticeAmend(Input):
    """A change of what is shown; the clock starts again."""

    title: ShortText = Field(description="Title.")
    body: NoticeText = Field(description="What is shown.")


class ObjectionCreate(Input):
    """What a household holds against a notice."""

    body: LongText = Field(description="The objection.", examples=["一楼住户的采光没有考虑"])


class ObjectionAnswer(Input):
    """A named answer."""

    answer: LongText = Field(description="The answer.", examples=["设计已退让一米，附采光分析"])
    is_upheld: bool = Field(False, description="An upheld objection stops the notice.", examples=[False])


class NoticeRead(Output):
    """A public notice."""

    id: UUID = Field(description="The notice.")
    process_id: UUID = Field(description="The process it belongs to.")
    step_code: str = Field(description="The step it belongs to.", examples=["decision_published"])
    title: str = Field(description="Title.")
    body: str = Field(description="What is shown.")
    content_hash: str = Field(description="Hash of what is shown, hex; it stands on the printed sheet.")
    places: list[str] = Field(description="Where it hangs.")
    contact: str = Field(description="Who takes objections.")
    days: int = Field(description="Days.", examples=[7])
    day_kind: DayKind = Field(description="calendar or working days.", examples=["calendar"])
    state: NoticeState = Field(description="running, completed or stopped.")
    restarts: int = Field(description="How often a change restarted the clock.", examples=[0])
    open_objections: int = Field(description="Objections without an answer.", examples=[0])
    started_at: datetime = Field(description="When the clock started, UTC.")
    due_at: datetime = Field(description="When the time has run, UTC.")
    completed_at: datetime | None = Field(description="When it was complete, UTC.")


class ObjectionRead(Output):
    """An objection with its answer; the household is not named."""

    id: UUID = Field(description="The objection.")
    notice_id: UUID = Field(description="The notice.")
    body: str = Field(description="The objection.")
    raised_at: datetime = Field(description="When, UTC.")
    answer: str = Field(description="The answer, empty until there is one.")
    answered_by_name: str = Field(description="Masked name of who answered.")
    answered_at: datetime | None = Field(description="When, UTC.")
    is_upheld: bool | None = Field(description="Whether it was upheld; null until answered.")
