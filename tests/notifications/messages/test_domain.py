"""One message per fact: what each answer of WeChat means for the message and for the wallet."""

from datetime import datetime, time, timedelta
from uuid import UUID

import pytest

from services.notifications.messages.domain import (
    GOOD_FOR,
    LIFE,
    Message,
    MessageState,
    Outcome,
    expire,
    queue,
    settle,
)
from services.notifications.messages.quiet_hours import QuietHours
from services.notifications.messages.templates import TemplateKey
from services.notifications.messages.wallet import Wallet
from shared.kernel.clock import CHINA
from shared.kernel.state_machine import WrongStateError

NOON = datetime(2026, 3, 2, 12, tzinfo=CHINA)
QUIET = QuietHours(time(21, 0), time(8, 0))


def queued(now: datetime = NOON) -> Message:
    return queue(
        message_id=UUID(int=1),
        community_id=UUID(int=2),
        account_id=UUID(int=3),
        template=TemplateKey.POINTS_RESULT,
        fact_key="claim:1:posted",
        page="pages/points/index",
        fields={"thing1": "义务巡逻"},
        quiet=QUIET,
        now=now,
    )


def test_it_waits_for_the_end_of_the_quiet_hours_and_is_good_for_a_day():
    night = queued(NOON.replace(hour=23))
    assert night.send_after == NOON.replace(day=3, hour=8)
    assert night.expires_at == night.send_after + GOOD_FOR
    assert queued().send_after == NOON


@pytest.mark.parametrize(
    ("outcome", "state", "grants", "wait"),
    [
        (Outcome.DELIVERED, MessageState.SENT, 2, None),
        (Outcome.GRANT_SPENT, MessageState.SPENT, 0, None),
        (Outcome.REFUSED, MessageState.FAILED, 3, None),
        (Outcome.NO_ANSWER, MessageState.UNKNOWN, 2, None),
        (Outcome.BUSY, MessageState.QUEUED, 3, timedelta(minutes=1)),
        (Outcome.MISCONFIGURED, MessageState.QUEUED, 3, timedelta(minutes=1)),
        # The quota is back at five past midnight, which is a quiet hour.
        (Outcome.QUOTA, MessageState.QUEUED, 3, timedelta(hours=20)),
    ],
)
def test_each_answer_of_wechat(outcome, state, grants, wait):
    taken = Wallet(3).taken()
    message, wallet = settle(queued(), taken, outcome, QUIET, NOON)
    assert (message.state, wallet.grants, message.attempts, message.outcome) == (state, grants, 1, outcome)
    if wait is None:
        assert message.finished_at == NOON
    else:
        assert message.send_after == NOON + wait
        assert message.finished_at is None


def test_43101_is_never_tried_again():
    message, wallet = settle(queued(), Wallet(3).taken(), Outcome.GRANT_SPENT, QUIET, NOON)
    assert LIFE.is_final(message.state)
    with pytest.raises(WrongStateError):
        settle(message, wallet, Outcome.DELIVERED, QUIET, NOON)


def test_waits_grow_and_the_last_one_ends_with_the_day():
    message, now, waits = queued(), NOON.replace(hour=8), []
    message = queued(now)
    while message.state is MessageState.QUEUED:
        message, _ = settle(message, Wallet(0), Outcome.BUSY, QUIET, now)
        waits.append((message.send_after - now) // timedelta(minutes=1))
        now = message.send_after
        assert not QUIET.contains(now)
    assert waits[:5] == [1, 5, 15, 60, 60]
    assert message.state is MessageState.EXPIRED
    assert message.outcome is Outcome.BUSY


def test_what_was_not_sent_in_time_is_given_up():
    message = expire(queued(), NOON + GOOD_FOR)
    assert (message.state, message.outcome) == (MessageState.EXPIRED, Outcome.TOO_LATE)
    with pytest.raises(WrongStateError):
        expire(message, NOON)


@pytest.mark.parametrize("state", [s for s in MessageState if s is not MessageState.QUEUED])
@pytest.mark.parametrize("outcome", Outcome)
def test_nothing_leads_out_of_an_end(state, outcome):
    assert LIFE.is_final(state)
    with pytest.raises(WrongStateError):
        LIFE.next_state(state, outcome)
