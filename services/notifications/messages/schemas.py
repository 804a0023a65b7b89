"""What callers send and get about WeChat messages."""

from datetime import time
from typing import Annotated

from pydantic import Field

from services.notifications.messages.templates import TemplateKey
from services.notifications.messages.wallet import Answer
from shared.schemas import Input, Output, ShortText

WallClock = Annotated[time, Field(description="Time of day in China, hours and minutes.", examples=["21:00:00"])]


class TemplateRead(Output):
    """A kind of message the caller may accept."""

    template: TemplateKey = Field(description="Our name of the template.")
    name: str = Field(description="Its name for people.", examples=["投票提醒"])
    template_id: str | None = Field(
        description="WeChat's id, for `requestSubscribeMessage`; null when it is not set up.", examples=["k2Xd…"]
    )
    grants: int = Field(description="How many messages of this kind the caller may still be sent.", examples=[2])


class DialogueAnswer(Input):
    """What the caller chose for one template."""

    template: TemplateKey = Field(description="Our name of the template.")
    answer: Answer = Field(description="WeChat's own word: accept, reject, ban or filter.")


class DialogueCreate(Input):
    """What WeChat's dialogue answered, at most three templates at a time."""

    answers: list[DialogueAnswer] = Field(min_length=1, max_length=5, description="One entry per template shown.")


class QuietHoursRead(Output):
    """When telephones stay silent. Equal times mean: never silent."""

    start: WallClock
    end: WallClock


class QuietHoursCreate(Input):
    """New quiet hours and the decision that says so."""

    start: WallClock
    end: WallClock
    decision: ShortText = Field(
        description="Which meeting decided it, and when.", examples=["2026年5月10日居民代表会议"]
    )
