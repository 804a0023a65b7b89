"""What callers send and get about the inbox."""

from uuid import UUID

from pydantic import Field, computed_field

from services.notifications.inbox.domain import TargetKind, Topic
from services.notifications.inbox.pages import page_of
from shared.schemas import Input, Int64, Moment, Output


class InboxItemRead(Output):
    """One thing the caller was told."""

    id: UUID = Field(description="Id of the item.")
    sequence: int = Field(
        description="Place in the caller's inbox; newer is larger. Also the id in the live stream.", examples=[17]
    )
    topic: Topic = Field(description="What it is about.")
    title: str = Field(description="One line, in Chinese.", examples=["积分已入账"])
    body: str = Field(description="What happened and what to do, in Chinese.", examples=["“义务巡逻”的 5 分已经入账。"])
    target_kind: TargetKind = Field(description="What a tap opens.")
    target_id: UUID = Field(description="Id of what a tap opens.")
    told_at: Moment
    read_at: Moment | None = Field(description="When it was read, UTC; null while unread.")

    @computed_field(  # type: ignore[prop-decorator]  # pydantic's own way to compute a member.
        description="Page of the mini-program a tap opens.",
        examples=["pages/points/claim?id=0198c0de-0000-7000-8000-000000000001"],
    )
    @property
    def page(self) -> str:
        """Return the path of the page that shows the thing."""
        return page_of(self.target_kind, self.target_id)


class UnreadRead(Output):
    """How much the caller has not read."""

    total: int = Field(description="Unread items in all.", examples=[3])
    by_topic: dict[Topic, int] = Field(description="Unread items by topic; topics without any are left out.")


class ReadAll(Input):
    """Mark everything as read."""

    up_to: Int64 | None = Field(
        None, description="Largest `sequence` the page has shown; what came later stays unread.", examples=[17]
    )
