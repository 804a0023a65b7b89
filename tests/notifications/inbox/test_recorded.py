"""Every fact ever recorded is told in plain words to those it concerns, or says why nobody hears of it."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest

from services.notifications.inbox.domain import LONGEST_BODY, LONGEST_TITLE, TargetKind, Topic
from services.notifications.inbox.pages import PAGES, page_of
from services.notifications.inbox.silent import SILENT
from services.notifications.inbox.wording import TELLERS, put_into_words
from services.notifications.messages.templates import TEMPLATES, china_time, render
from shared.contracts import events as facts
from shared.ids import new_id
from tests.notifications.inbox import cases_neighbours, cases_points, cases_services
from tests.notifications.inbox.recorded import MOMENT, TOLD, recorded

CASES = [*cases_points.CASES, *cases_neighbours.CASES, *cases_services.CASES]
IDS = [
    "-".join([cls.event_type, *(str(changes[name]) for name in ("action", "before", "state") if changes.get(name))])
    for cls, changes, _ in CASES
]
TOLD_IDS = [name for name, (_, _, told) in zip(IDS, CASES, strict=True) if told]


def unheard(classes: Iterable[type[Any]], told: Iterable[type[Any]], silent: Mapping[type[Any], str]) -> list[str]:
    """Return which facts have neither words nor a reason for silence, or both."""
    told = set(told)
    return sorted(
        [
            f"{cls.event_type} has neither words nor a line in SILENT"
            for cls in classes
            if cls not in told | silent.keys()
        ]
        + [f"{cls.event_type} has words and a line in SILENT" for cls in told & silent.keys()]
        + [f"{cls.event_type} is silent without a reason" for cls, reason in silent.items() if len(reason) < 10]
    )


def test_every_fact_has_words_or_a_reason_for_silence():
    assert unheard(TOLD.values(), TELLERS, SILENT) == []
    assert set(TELLERS) | set(SILENT) == set(TOLD.values())


def test_a_new_fact_without_either_is_found():
    class New:
        event_type: ClassVar[str] = "points.something_new"

    assert unheard([New], TELLERS, SILENT) == ["points.something_new has neither words nor a line in SILENT"]
    assert unheard([], [New], {New: "a reason long enough"}) == ["points.something_new has words and a line in SILENT"]
    assert unheard([New], [], {New: "because"}) == ["points.something_new is silent without a reason"]


def test_every_worded_fact_has_cases():
    assert set(TELLERS) == {cls for cls, _, _ in CASES}


@pytest.mark.parametrize(("cls", "changes", "told"), CASES, ids=IDS)
def test_who_hears_what(cls, changes, told):
    drafts = put_into_words(recorded(cls, **changes))
    assert [(draft.audience, draft.title) for draft in drafts] == [(who, title) for who, title, _ in told]
    for draft, (_, _, part) in zip(drafts, told, strict=True):
        assert part in draft.body


SAID = [
    pytest.param(draft, id=f"{name}-{number}")
    for name, (cls, changes, _) in zip(IDS, CASES, strict=True)
    for number, draft in enumerate(put_into_words(recorded(cls, **changes)))
]
ODD = re.compile(r"[。，；：][。，；：]|None|[{}]|_|  |[A-Za-z]{3,}")
"""Two stops in a row, a hole in a text, a word of the program."""


@pytest.mark.parametrize("draft", SAID)
def test_the_words_are_plain(draft):
    assert len(draft.title) <= 24, "a title is read at a glance"
    assert len(draft.body) <= 110, "a body is one thing and what to do about it"
    assert draft.body.endswith("。")
    assert not draft.title.endswith("。")
    assert not ODD.findall(draft.title + draft.body)


@pytest.mark.parametrize("text", ["分。。", "None 前", "{why}", "claim_id", "先  后", "points"])
def test_odd_words_are_found(text):
    assert ODD.search(text)


@pytest.mark.parametrize("draft", [said for said in SAID if said.values[0].push is not None])
def test_what_rings_a_telephone_fits(draft):
    words = {"subject": draft.push.subject, "state": draft.push.state, "hint": draft.push.hint}
    fields = render(TEMPLATES[draft.push.template], {"at": china_time(MOMENT), **words})
    assert (fields["phrase2"], fields["thing4"]) == (draft.push.state, draft.push.hint)


TEXTS = {
    "item_name",
    "reason",
    "title",
    "answer",
    "asset_name",
    "product_name",
    "merchant_name",
    "category",
    "decision",
    "question",
}
TEXTS |= {"derivation", "kind_name", "worker_name", "contact", "answered_by", "name"}
LONG = "青龙泉社区第三网格三栋二单元楼道灯更换与墙面粉刷工程" * 30


@pytest.mark.parametrize(("cls", "changes"), [(cls, changes) for cls, changes, told in CASES if told], ids=TOLD_IDS)
def test_long_texts_are_cut(cls, changes):
    fact = recorded(cls, **changes)
    names = TEXTS & {field.name for field in dataclasses.fields(fact)}
    for draft in put_into_words(dataclasses.replace(fact, **dict.fromkeys(names, LONG))):
        assert 2 <= len(draft.title) <= LONGEST_TITLE
        assert 2 <= len(draft.body) <= LONGEST_BODY
        assert len(draft.fact_key) <= 200
        if draft.push is not None:
            words = {"subject": draft.push.subject, "state": draft.push.state, "hint": draft.push.hint}
            assert render(TEMPLATES[draft.push.template], {"at": china_time(MOMENT), **words})


@pytest.mark.parametrize(("cls", "changes"), [(cls, changes) for cls, changes, told in CASES if told], ids=TOLD_IDS)
def test_the_same_fact_has_the_same_key_and_that_of_another_thing_another(cls, changes):
    fact = recorded(cls, **changes)
    keys = [draft.fact_key for draft in put_into_words(fact)]
    assert len(set(keys)) == len(keys)
    assert keys == [draft.fact_key for draft in put_into_words(dataclasses.replace(fact))]
    values = {field.name: getattr(fact, field.name) for field in dataclasses.fields(fact)}
    others: dict[str, Any] = {name: new_id() for name, value in values.items() if isinstance(value, UUID)}
    if "version" in values:
        others["version"] = fact.version + 1
    assert set(keys).isdisjoint(draft.fact_key for draft in put_into_words(dataclasses.replace(fact, **others)))


MOVING = [(cls, changes) for cls, changes, told in CASES if told and "moved_at" in cls.__dataclass_fields__]


@pytest.mark.parametrize(("cls", "changes"), MOVING)
def test_a_step_taken_again_is_told_again_and_the_same_step_once(cls, changes):
    fact = recorded(cls, **changes | {"moved_at": MOMENT})
    again = dataclasses.replace(fact, moved_at=MOMENT + timedelta(days=1))
    keys = [draft.fact_key for draft in put_into_words(fact)]
    assert len(set(keys)) == len(keys)
    assert keys == [draft.fact_key for draft in put_into_words(dataclasses.replace(fact))]
    assert set(keys).isdisjoint(draft.fact_key for draft in put_into_words(again))


def test_a_shortage_is_told_again_after_the_next_delivery():
    first, second = (recorded(facts.StockLow, told_at=MOMENT + timedelta(days=days)) for days in (0, 9))
    assert put_into_words(first)[0].fact_key != put_into_words(second)[0].fact_key


def test_every_target_has_a_page_of_its_own():
    assert set(PAGES) == set(TargetKind)
    assert len(set(PAGES.values())) == len(PAGES)
    for kind in TargetKind:
        assert re.fullmatch(r"pages/[a-z]+/[a-z]+(\?(id=[0-9a-f-]{36}|version=\d+))?", page_of(kind, new_id()))


def test_a_rulebook_opens_by_its_version():
    (draft,) = put_into_words(recorded(facts.RulebookAdopted, version=7))
    assert page_of(draft.target_kind, draft.target_id) == "pages/points/rulebook?version=7"


def test_every_topic_and_target_is_used():
    drafts = [said.values[0] for said in SAID]
    assert {draft.topic for draft in drafts} == set(Topic)
    assert {draft.target_kind for draft in drafts} == set(TargetKind)
