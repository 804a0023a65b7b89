"""Ways to a telephone. WeChat is there; text messages are left open as an interface for a community that buys them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from services.notifications.messages.domain import Outcome
from shared.wechat_errors import (
    WechatBusyError,
    WechatConfigError,
    WechatError,
    WechatGrantSpentError,
    WechatMessageError,
    WechatQuotaError,
    WechatTokenError,
    WechatUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.notifications.messages.domain import Message
    from services.notifications.messages.templates import TemplateKey
    from shared.wechat import WechatClient

SEND_CALL = "subscribe/send"


class Channel(Protocol):
    """Sends a message to whom WeChat knows under an openid."""

    async def send(self, message: Message, openid: str) -> Outcome: ...


class SmsPort(Protocol):
    """Sends a text message to a number; nothing in the system does so yet."""

    async def send_text(self, phone: str, text: str) -> Outcome: ...


class WechatChannel:
    """Sends WeChat subscribe messages."""

    def __init__(self, client: WechatClient, template_ids: Mapping[TemplateKey, str]) -> None:
        self._client = client
        self._template_ids = template_ids

    async def send(self, message: Message, openid: str) -> Outcome:
        """Send once and tell how it ended; no error of WeChat's leaves here.

        IO: network.
        """
        template_id = self._template_ids.get(message.template)
        if template_id is None:
            return Outcome.MISCONFIGURED
        try:
            await self._client.send_subscription(
                openid=openid, template_id=template_id, data=message.fields, page=message.page
            )
        except WechatError as error:
            return outcome_of(error)
        return Outcome.DELIVERED


_MEANING: Sequence[tuple[type[WechatError], Outcome]] = (
    (WechatGrantSpentError, Outcome.GRANT_SPENT),
    (WechatMessageError, Outcome.REFUSED),
    (WechatBusyError, Outcome.BUSY),
    (WechatTokenError, Outcome.BUSY),
    (WechatQuotaError, Outcome.QUOTA),
    (WechatConfigError, Outcome.MISCONFIGURED),
)


def outcome_of(error: WechatError) -> Outcome:
    """Return what an error of WeChat's means for a message."""
    if isinstance(error, WechatUnreachableError):
        # Only the send itself may have arrived without an answer: a token that could not be fetched sent nothing, and a status
        # that refuses is an answer.
        was_answered = error.facts.get("status") is not None
        return Outcome.BUSY if was_answered or error.facts.get("call") != SEND_CALL else Outcome.NO_ANSWER
    # An errcode nobody has told us of: WeChat did answer, and did not accept.
    return next((outcome for kind, outcome in _MEANING if isinstance(error, kind)), Outcome.REFUSED)
