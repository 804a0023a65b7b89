"""Every fact there are words for is told in words that fit, to somebody, under a key of its own."""

import dataclasses
import typing
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.notifications.inbox.domain import LONGEST_BODY, LONGEST_TITLE
from services.notifications.inbox.wording import TELLERS, put_into_words
from services.notifications.messages.templates import TEMPLATES, china_time, render
from services.notifications.recipients.domain import Accounts, Holders, Household, Residents
from shared.contracts import events as facts
from shared.ids import new_id
from shared.kernel.principal import Role, ScopeKind
from tests.notifications import samples

HOME = new_id()
LONG = "青龙泉社区第三网格三栋二单元楼道灯更换与墙面粉刷工程" * 30


def example(cls: type, text: str = "楼道灯", **changes: object) -> object:
    """Fill an event class with values of the right kind."""
    values: dict[str, object] = {}
    hints = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        kind = hints[field.name]
        if kind is str:
            values[field.name] = text
        elif kind is bool:
            values[field.name] = True
        elif kind is int:
            values[field.name] = 3
        elif kind is datetime:
            values[field.name] = datetime(2026, 5, 14, 10, tzinfo=UTC)
        else:
            values[field.name] = new_id() if UUID in typing.get_args(kind) or kind is UUID else None
    words = {"scope_kind": "grid", "action": "finish", "state": "rejected", "clock": "respond", "tells": "worker"}
    for name, value in words.items():
        if name in values:
            values[name] = value
    return cls(**values | changes)


@pytest.mark.parametrize("text", ["楼道灯", LONG], ids=["short", "long"])
@pytest.mark.parametrize("cls", TELLERS, ids=lambda cls: cls.event_type)
def test_every_known_fact_is_told_and_fits(cls, text):
    drafts = put_into_words(example(cls, text))
    assert drafts
    assert len({draft.fact_key for draft in drafts}) == len(drafts)
    for draft in drafts:
        assert 2 <= len(draft.title) <= LONGEST_TITLE
        assert 2 <= len(draft.body) <= LONGEST_BODY
        assert len(draft.fact_key) <= 200
        assert "None" not in draft.title + draft.body
        assert "{" not in draft.title + draft.body
        if draft.push is not None:
            wording = {"subject": draft.push.subject, "state": draft.push.state, "hint": draft.push.hint}
            fields = render(TEMPLATES[draft.push.template], {"at": china_time(samples.LATER), **wording})
            assert fields["phrase2"] == draft.push.state
            assert fields["thing4"] == draft.push.hint


@pytest.mark.parametrize("cls", TELLERS, ids=lambda cls: cls.event_type)
def test_the_same_fact_has_the_same_key_and_another_one_another(cls):
    fact = example(cls)
    assert [d.fact_key for d in put_into_words(fact)] == [d.fact_key for d in put_into_words(dataclasses.replace(fact))]
    other = example(cls)
    assert {d.fact_key for d in put_into_words(fact)}.isdisjoint(d.fact_key for d in put_into_words(other))


@pytest.mark.parametrize(
    "event",
    [
        samples.registered(HOME, HOME, HOME),
        example(facts.AssetPassed),
        example(facts.ClaimDecided, state="verified"),
        example(facts.ClaimDecided, state="of a later version"),
        example(facts.TicketMoved, action="start"),
        example(facts.TicketMoved, action="of a later version"),
        example(facts.ConcernAnswered, account_id=None, household_id=None),
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
        (example(facts.TicketClosed, outcome="explained_not_fixable"), "报修已办结", "暂时不能修"),
        (example(facts.RoundTallied, is_held=False, is_passed=False), "计票结果：人数不够，投票无效", "公示期满"),
        (example(facts.TicketEscalated, percent=100), "已超时", "受理时限已用去 100%"),
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
            example(facts.TicketEscalated, tells="department_head", department="engineering"),
            Holders((Role.DEPARTMENT_HEAD,), ScopeKind.DEPARTMENT, "engineering"),
        ),
        (example(facts.TicketEscalated, tells="worker", worker_account_id=WORKER), Accounts((WORKER,))),
        (example(facts.TicketEscalated, tells="property_manager"), Holders((Role.PROPERTY_MANAGER,))),
        (example(facts.TicketEscalated, tells="community"), Holders((Role.COMMUNITY_ADMIN,))),
        (example(facts.ConcernAnswered, household_id=None, account_id=WORKER), Accounts((WORKER,))),
    ],
)
def test_who_is_told(event, audience):
    assert [draft.audience for draft in put_into_words(event)] == [audience]


def test_a_changed_notice_is_told_anew():
    notice = example(facts.NoticeStarted, content_hash="a" * 64)
    changed = dataclasses.replace(notice, content_hash="b" * 64)
    assert put_into_words(notice)[0].fact_key != put_into_words(changed)[0].fact_key


def test_a_desk_ticket_is_told_to_the_desk_and_to_the_household():
    by_desk = put_into_words(example(facts.TicketSubmitted, household_id=HOME, by_desk=True, priority="urgent"))
    assert [draft.audience for draft in by_desk] == [Holders((Role.PROPERTY_AGENT,)), Household(HOME)]
    assert by_desk[0].title.startswith("【紧急】")
    own = put_into_words(example(facts.TicketSubmitted, household_id=HOME, by_desk=False))
    assert [draft.audience for draft in own] == [Holders((Role.PROPERTY_AGENT,))]
