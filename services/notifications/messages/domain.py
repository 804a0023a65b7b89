"""Messages to telephones: one per fact and account, sent with a grant, outside quiet hours, never twice.

What WeChat answered is told in the words of `Outcome`; one table says what each means for the message and for the wallet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.notifications.messages.quiet_hours import QuietHours
from services.notifications.messages.templates import TemplateKey
from services.notifications.messages.wallet import Wallet
from shared.kernel.clock import CHINA, local_date
from shared.kernel.state_machine import StateMachine

GOOD_FOR = timedelta(hours=24)
"""After a day the inbox has told it; a telephone ringing later would only confuse."""
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    SPENT = "spent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


class Outcome(StrEnum):
    """How an attempt ended.

    `delivered` accepted · `grant_spent` 43101 · `refused` the message is wrong (40003, 40037, 41030, 47003) · `busy` −1, 45011 ·
    `quota` 45009 · `misconfigured` ours to mend · `no_answer` WeChat may have sent it or not.
    """

    DELIVERED = "delivered"
    GRANT_SPENT = "grant_spent"
    REFUSED = "refused"
    BUSY = "busy"
    QUOTA = "quota"
    MISCONFIGURED = "misconfigured"
    NO_ANSWER = "no_answer"
    TOO_LATE = "too_late"


class Sender(StrEnum):
    WORKER = "worker"


_WORKER = frozenset({Sender.WORKER})
LIFE: StateMachine[MessageState, Outcome, Sender] = StateMachine(
    transitions={
        (MessageState.QUEUED, Outcome.DELIVERED): MessageState.SENT,
        (MessageState.QUEUED, Outcome.GRANT_SPENT): MessageState.SPENT,
        (MessageState.QUEUED, Outcome.REFUSED): MessageState.FAILED,
        (MessageState.QUEUED, Outcome.BUSY): MessageState.QUEUED,
        (MessageState.QUEUED, Outcome.QUOTA): MessageState.QUEUED,
        (MessageState.QUEUED, Outcome.MISCONFIGURED): MessageState.QUEUED,
        (MessageState.QUEUED, Outcome.NO_ANSWER): MessageState.UNKNOWN,
        (MessageState.QUEUED, Outcome.TOO_LATE): MessageState.EXPIRED,
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


def settle(
    message: Message, wallet: Wallet, outcome: Outcome, quiet: QuietHours, now: datetime
) -> tuple[Message, Wallet]:
    """Return message and wallet after an attempt; the wallet is the one from which a grant had been taken for it.

    Errors: WrongStateError when the message has ended already.
    """
    state = LIFE.next_state(message.state, outcome)
    attempts = message.attempts + 1
    if outcome is Outcome.GRANT_SPENT:
        wallet = wallet.found_empty()
    elif outcome in GRANT_KEPT:
        wallet = wallet.given_back()
    if state is not MessageState.QUEUED:
        return replace(message, state=state, attempts=attempts, outcome=outcome, finished_at=now), wallet
    later = quiet.earliest_send(_next_try(outcome, attempts, now))
    if later >= message.expires_at:
        state = MessageState.EXPIRED
        return replace(message, state=state, attempts=attempts, outcome=outcome, finished_at=now), wallet
    return replace(message, attempts=attempts, outcome=outcome, send_after=later), wallet


def expire(message: Message, now: datetime) -> Message:
    """Return the message given up because its time is over.

    Errors: WrongStateError when it has ended already.
    """
    return replace(
        message,
        state=LIFE.next_state(message.state, Outcome.TOO_LATE),
        outcome=Outcome.TOO_LATE,
        finished_at=now,
    )


def _next_try(outcome: Outcome, attempts: int, now: datetime) -> datetime:
    if outcome is Outcome.QUOTA:
        # The daily count starts anew at midnight in China; five minutes later all of WeChat's servers agree on that.
        tomorrow = local_date(now) + timedelta(days=1)
        return datetime.combine(tomorrow, time(0, 5), CHINA).astimezone(now.tzinfo)
    return now + BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
