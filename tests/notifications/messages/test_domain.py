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
    begin,
    finish,
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
    sending, taken = begin(queued(), Wallet(3), NOON)
    message, wallet = settle(sending, taken, outcome, QUIET, NOON)
    assert (message.state, wallet.grants, message.attempts, message.outcome) == (state, grants, 1, outcome)
    if wait is None:
        assert message.finished_at == NOON
    else:
        assert message.send_after == NOON + wait
        assert message.finished_at is None


def test_43101_is_never_tried_again():
    message, wallet = settle(*begin(queued(), Wallet(3), NOON), Outcome.GRANT_SPENT, QUIET, NOON)
    assert LIFE.is_final(message.state)
    with pytest.raises(WrongStateError):
        settle(message, wallet, Outcome.DELIVERED, QUIET, NOON)


def test_waits_grow_and_the_last_one_ends_with_the_day():
    message, now, waits = queued(), NOON.replace(hour=8), []
    message = queued(now)
    while message.state is MessageState.QUEUED:
        message, wallet = settle(*begin(message, Wallet(1), now), Outcome.BUSY, QUIET, now)
        assert wallet == Wallet(1)
        waits.append((message.send_after - now) // timedelta(minutes=1))
        now = message.send_after
        assert not QUIET.contains(now)
    assert waits[:5] == [1, 5, 15, 60, 60]
    assert message.state is MessageState.EXPIRED
    assert message.outcome is Outcome.BUSY


@pytest.mark.parametrize(
    ("wallet", "moment", "state", "outcome"),
    [
        (Wallet(0), NOON, MessageState.SPENT, Outcome.NO_GRANT),
        (Wallet(1), NOON + GOOD_FOR, MessageState.EXPIRED, Outcome.TOO_LATE),
        (Wallet(0), NOON + GOOD_FOR, MessageState.EXPIRED, Outcome.TOO_LATE),
    ],
)
def test_an_attempt_that_is_not_begun_takes_nothing(wallet, moment, state, outcome):
    message, left = begin(queued(), wallet, moment)
    assert (message.state, message.outcome, message.attempts, left) == (state, outcome, 0, wallet)


def test_nobody_begins_twice():
    sending, wallet = begin(queued(), Wallet(2), NOON)
    assert (sending.state, sending.begun_at, wallet) == (MessageState.SENDING, NOON, Wallet(1))
    with pytest.raises(WrongStateError):
        begin(sending, wallet, NOON)
    with pytest.raises(WrongStateError):
        finish(sending, Outcome.NO_OPENID, NOON)


@pytest.mark.parametrize("state", [s for s in MessageState if s not in {MessageState.QUEUED, MessageState.SENDING}])
@pytest.mark.parametrize("outcome", Outcome)
def test_nothing_leads_out_of_an_end(state, outcome):
    assert LIFE.is_final(state)
    with pytest.raises(WrongStateError):
        LIFE.next_state(state, outcome)
