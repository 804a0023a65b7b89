"""Some facts in more detail: what is passed over, the words, who is told."""

import dataclasses

import pytest

from services.notifications.inbox.wording import put_into_words
from services.notifications.recipients.domain import Accounts, Holders, Household, Residents
from shared.contracts import events as facts
from shared.ids import new_id
from shared.kernel.principal import Role, ScopeKind
from tests.notifications import samples
from tests.notifications.inbox.recorded import recorded

HOME = new_id()


@pytest.mark.parametrize(
    "event",
    [
        samples.registered(HOME, HOME, HOME),
        recorded(facts.AssetPassed),
        recorded(facts.ClaimDecided, state="verified"),
        recorded(facts.ClaimDecided, state="of a later version"),
        recorded(facts.TicketMoved, action="start"),
        recorded(facts.TicketMoved, action="of a later version"),
        recorded(facts.ConcernAnswered, account_id=None, household_id=None),
        object(),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_nobodys_news_is_passed_over(event):
    assert put_into_words(event) == []


@pytest.mark.parametrize(
    ("event", "title", "part"),
    [
        (samples.posted(HOME, points=5), "积分增加 5 分", "“义务巡逻”已经记账"),
        (samples.posted(HOME, points=-10), "积分扣除 10 分", "扣除了 10 分"),
        (samples.round_opened(), "请您家投票", "2026年5月14日 18:00 截止"),
        (samples.moved(HOME, "take"), "师傅已接单", "由张**师傅负责"),
        (recorded(facts.TicketClosed, outcome="explained_not_fixable"), "报修已办结", "暂时不能修"),
        (recorded(facts.RoundTallied, is_held=False, is_passed=False), "计票结果：人数不够，投票无效", "公示期满"),
        (recorded(facts.RoundTallied, is_passed=False, needs_runoff=True), "计票结果：平票，没有作出决定", "公示期满"),
        (recorded(facts.TicketEscalated, clock="respond", percent=100), "已超时", "受理时限已用去 100%"),
    ],
)
def test_the_words(event, title, part):
    (draft, *_) = put_into_words(event)
    assert title in draft.title
    assert part in draft.body


WORKER, GRID = new_id(), new_id()


@pytest.mark.parametrize(
    ("event", "audience"),
    [
        (samples.posted(HOME), Household(HOME)),
        (samples.moved(HOME, "offer", WORKER), Accounts((WORKER,))),
        (samples.moved(HOME, "decline", WORKER), Holders((Role.PROPERTY_AGENT,))),
        (samples.round_opened(), Residents()),
        (samples.round_opened("grid", GRID), Residents(ScopeKind.GRID, GRID)),
        (
            recorded(facts.TicketEscalated, tells="department_head", department="engineering"),
            Holders((Role.DEPARTMENT_HEAD,), ScopeKind.DEPARTMENT, "engineering"),
        ),
        (recorded(facts.TicketEscalated, tells="worker", worker_account_id=WORKER), Accounts((WORKER,))),
        (recorded(facts.TicketEscalated, tells="property_manager"), Holders((Role.PROPERTY_MANAGER,))),
        (recorded(facts.TicketEscalated, tells="community"), Holders((Role.COMMUNITY_ADMIN,))),
        (recorded(facts.ConcernAnswered, household_id=None, account_id=WORKER), Accounts((WORKER,))),
    ],
)
def test_who_is_told(event, audience):
    assert [draft.audience for draft in put_into_words(event)] == [audience]


def test_a_changed_notice_is_told_anew():
    notice = recorded(facts.NoticeStarted, content_hash="a" * 64)
    changed = dataclasses.replace(notice, content_hash="b" * 64)
    assert put_into_words(notice)[0].fact_key != put_into_words(changed)[0].fact_key


def test_a_desk_ticket_is_told_to_the_desk_and_to_the_household():
    by_desk = put_into_words(recorded(facts.TicketSubmitted, household_id=HOME, by_desk=True, priority="urgent"))
    assert [draft.audience for draft in by_desk] == [Holders((Role.PROPERTY_AGENT,)), Household(HOME)]
    assert by_desk[0].title.startswith("【紧急】")
    own = put_into_words(recorded(facts.TicketSubmitted, household_id=HOME, by_desk=False))
    assert [draft.audience for draft in own] == [Holders((Role.PROPERTY_AGENT,))]
