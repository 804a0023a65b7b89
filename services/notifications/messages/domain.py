"""Messages to telephones: one per fact and account, sent with a grant, outside quiet hours, never twice.

What WeChat answered is told in the words of `Outcome`; one table says what each means for the message and for the wallet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.notifications.messages.errors import GrantMissingError
from services.notifications.messages.quiet_hours import QuietHours
from services.notifications.messages.templates import TemplateKey
from services.notifications.messages.wallet import Wallet
from shared.kernel.clock import CHINA, local_date
from shared.kernel.state_machine import StateMachine, Worded

GOOD_FOR = timedelta(hours=24)
"""After a day the inbox has told it; a telephone ringing later would only confuse."""
STUCK_AFTER = timedelta(minutes=5)
"""An attempt that is open for so long was begun by a worker that died."""
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


class MessageState(Worded):
    QUEUED = "queued", "等待发送"
    SENDING = "sending", "正在发送"
    SENT = "sent", "已发送"
    SPENT = "spent", "订阅次数已用完"
    FAILED = "failed", "发送失败"
    UNKNOWN = "unknown", "不知是否送到"
    EXPIRED = "expired", "已过期"


class Outcome(Worded):
    """How an attempt ended.

    `delivered` accepted · `grant_spent` 43101 · `refused` the message is wrong (40003, 40037, 41030, 47003) · `busy` −1, 45011 ·
    `quota` 45009 · `misconfigured` ours to mend · `no_answer` WeChat may have sent it or not · `no_grant` the wallet is empty ·
    `no_openid` the account never signed in through WeChat · `too_late` nothing came of it within a day. `begin` starts an attempt.
    """

    BEGIN = "begin", "开始发送"

    DELIVERED = "delivered", "已送达"
    GRANT_SPENT = "grant_spent", "订阅已用完"
    REFUSED = "refused", "微信不接受"
    BUSY = "busy", "微信繁忙"
    QUOTA = "quota", "当天次数已满"
    MISCONFIGURED = "misconfigured", "设置有误"
    NO_ANSWER = "no_answer", "没有回音"
    NO_GRANT = "no_grant", "没有订阅"
    NO_OPENID = "no_openid", "没有绑定微信"
    TOO_LATE = "too_late", "已过时"


class Sender(StrEnum):
    WORKER = "worker"


_WORKER = frozenset({Sender.WORKER})
LIFE: StateMachine[MessageState, Outcome, Sender] = StateMachine(
    transitions={
        # What is about to be sent is written down first: after a crash nobody knows whether it was, and it is not sent again.
        (MessageState.QUEUED, Outcome.BEGIN): MessageState.SENDING,
        (MessageState.QUEUED, Outcome.NO_GRANT): MessageState.SPENT,
        (MessageState.QUEUED, Outcome.NO_OPENID): MessageState.FAILED,
        (MessageState.QUEUED, Outcome.TOO_LATE): MessageState.EXPIRED,
        (MessageState.SENDING, Outcome.DELIVERED): MessageState.SENT,
        (MessageState.SENDING, Outcome.GRANT_SPENT): MessageState.SPENT,
        (MessageState.SENDING, Outcome.REFUSED): MessageState.FAILED,
        (MessageState.SENDING, Outcome.BUSY): MessageState.QUEUED,
        (MessageState.SENDING, Outcome.QUOTA): MessageState.QUEUED,
        (MessageState.SENDING, Outcome.MISCONFIGURED): MessageState.QUEUED,
        (MessageState.SENDING, Outcome.NO_ANSWER): MessageState.UNKNOWN,
        (MessageState.SENDING, Outcome.TOO_LATE): MessageState.EXPIRED,
    },
    actors=dict.fromkeys(Outcome, _WORKER),
)

GRANT_KEPT: frozenset[Outcome] = frozenset({Outcome.REFUSED, Outcome.BUSY, Outcome.QUOTA, Outcome.MISCONFIGURED})
"""Outcomes after which WeChat certainly did not use the grant. No answer is not among them: it may have."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message about one fact to one account. `send_after` already respects the quiet hours."""

    message_id: UUID
    community_id: UUID
    account_id: UUID
    template: TemplateKey
    fact_key: str
    page: str
    fields: Mapping[str, str] = field(hash=False)
    state: MessageState
    send_after: datetime
    expires_at: datetime
    attempts: int = 0
    outcome: Outcome | None = None
    begun_at: datetime | None = None
    finished_at: datetime | None = None


def queue(
    *,
    message_id: UUID,
    community_id: UUID,
    account_id: UUID,
    template: TemplateKey,
    fact_key: str,
    page: str,
    fields: Mapping[str, str],
    quiet: QuietHours,
    now: datetime,
) -> Message:
    """Return a message to be sent as soon as it is not quiet, and forgotten a day after that."""
    send_after = quiet.earliest_send(now)
    return Message(
        message_id=message_id,
        community_id=community_id,
        account_id=account_id,
        template=template,
        fact_key=fact_key,
        page=page,
        fields=fields,
        state=MessageState.QUEUED,
        send_after=send_after,
        expires_at=send_after + GOOD_FOR,
    )


def begin(message: Message, wallet: Wallet, now: datetime) -> tuple[Message, Wallet]:
    """Return message and wallet with one grant set aside for an attempt; an empty wallet or a late hour ends the message instead.

    Errors: WrongStateError when the message is not waiting.
    """
    if now >= message.expires_at:
        return finish(message, Outcome.TOO_LATE, now), wallet
    try:
        left = wallet.taken()
    except GrantMissingError:
        return finish(message, Outcome.NO_GRANT, now), wallet
    state = LIFE.next_state(message.state, Outcome.BEGIN)
    return replace(message, state=state, attempts=message.attempts + 1, begun_at=now), left


def settle(
    message: Message, wallet: Wallet, outcome: Outcome, quiet: QuietHours, now: datetime
) -> tuple[Message, Wallet]:
    """Return message and wallet after the attempt that `begin` opened.

    Errors: WrongStateError when no attempt is open.
    """
    state = LIFE.next_state(message.state, outcome)
    if outcome is Outcome.GRANT_SPENT:
        wallet = wallet.found_empty()
    elif outcome in GRANT_KEPT:
        wallet = wallet.given_back()
    if state is not MessageState.QUEUED:
        return finish(message, outcome, now), wallet
    later = quiet.earliest_send(_next_try(outcome, message.attempts, now))
    if later >= message.expires_at:
        return replace(finish(message, Outcome.TOO_LATE, now), outcome=outcome), wallet
    return replace(message, state=state, outcome=outcome, send_after=later, begun_at=None), wallet


def finish(message: Message, outcome: Outcome, now: datetime) -> Message:
    """Return the message ended by an outcome.

    Errors: WrongStateError.
    """
    state = LIFE.next_state(message.state, outcome)
    return replace(message, state=state, outcome=outcome, finished_at=now, begun_at=None)


def quota_returns_at(now: datetime) -> datetime:
    """Return when WeChat takes messages again after its daily count was used up.

    The count starts anew at midnight in China; five minutes later all of WeChat's servers agree on that.
    """
    tomorrow = local_date(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(0, 5), CHINA).astimezone(now.tzinfo)


def _next_try(outcome: Outcome, attempts: int, now: datetime) -> datetime:
    if outcome is Outcome.QUOTA:
        return quota_returns_at(now)
    return now + BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
