"""The life of a ticket: every state × action, what must be said, and the fold."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.property.tickets.chain import GENESIS, first_broken, seal
from services.property.tickets.domain import (
    EFFECTS,
    FACT_NAMES,
    FACTS,
    GUARDS,
    Ticket,
    TicketEvent,
    TicketPolicy,
    actions_for,
    apply,
    begin,
    decide,
    fold,
    silent_close_at,
    submit,
)
from services.property.tickets.errors import (
    AfterPhotoMissingError,
    CategoryLockedError,
    HoldTooLongError,
    MissingFactError,
    NotYourTicketError,
    ReopenTooLateError,
    TicketStateError,
    WrongOutcomeError,
)
from services.property.tickets.transitions import (
    ACTOR_NAMES,
    LIFE,
    Action,
    Actor,
    State,
)

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
TICKET_ID, HOUSEHOLD, RESIDENT, ACCOUNT, WORKER = (UUID(int=n) for n in range(1, 6))
EVERYBODY = frozenset(Actor)
LAMP = {"category": "stair_lamp", "department": "engineering", "priority": "normal", "needs_after_photo": True}

SAID: dict[Action, dict[str, Any]] = {
    Action.ACCEPT: LAMP,
    Action.RECLASSIFY: {**LAMP, "priority": "urgent", "reason": "楼道全黑"},
    Action.REJECT: {"outcome": "out_of_scope", "reason": "自来水公司负责"},
    Action.OFFER: {"worker_id": str(WORKER)},
    Action.DECLINE: {"reason": "没有梯子"},
    Action.RECALL: {"reason": "换人"},
    Action.HOLD: {"reason": "waiting_parts", "until": (NOW + timedelta(days=2)).isoformat()},
    Action.FINISH: {"outcome": "fixed", "summary": "换了灯泡", "photo_ids": [str(UUID(int=9))]},
    Action.DISPUTE: {"reason": "still_broken"},
    Action.REOPEN: {"reason": "broken_again"},
}

PATHS: dict[State, list[Action]] = {
    State.SUBMITTED: [],
    State.ACCEPTED: [Action.ACCEPT],
    State.OFFERED: [Action.ACCEPT, Action.OFFER],
    State.TAKEN: [Action.ACCEPT, Action.OFFER, Action.TAKE],
    State.ON_SITE: [Action.ACCEPT, Action.OFFER, Action.TAKE, Action.ARRIVE],
    State.WORKING: [Action.ACCEPT, Action.OFFER, Action.TAKE, Action.ARRIVE, Action.START],
    State.ON_HOLD: [Action.ACCEPT, Action.OFFER, Action.TAKE, Action.ARRIVE, Action.START, Action.HOLD],
}
PATHS[State.DONE_PENDING_CHECK] = [*PATHS[State.WORKING], Action.FINISH]
PATHS[State.AWAITING_RATING] = [*PATHS[State.DONE_PENDING_CHECK], Action.CONFIRM]
PATHS[State.CLOSED] = [*PATHS[State.AWAITING_RATING], Action.RATE]


def walk(actions: list[Action], **over: dict[str, Any]) -> list[TicketEvent]:
    log = [submit(household_id=HOUSEHOLD, resident_id=RESIDENT, account_id=ACCOUNT, now=NOW)]
    for action in actions:
        facts = over.get(action.value, SAID.get(action))
        log.append(decide(fold(log), action, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=facts))
    return log


def ticket_in(state: State) -> Ticket:
    return fold(walk(PATHS[state]))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", [action for action in Action if action is not Action.SUBMIT])
def test_every_state_and_action(state: State, action: Action) -> None:
    """The table is the truth: what it has works and leads there, what it has not is refused with what would work."""
    ticket = ticket_in(state)
    assert ticket.state is state
    if (state, action) in LIFE.transitions:
        event = decide(ticket, action, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=SAID.get(action))
        assert apply(ticket, event).state is LIFE.transitions[state, action]
    else:
        with pytest.raises(TicketStateError) as refused:
            decide(ticket, action, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=SAID.get(action))
        assert refused.value.facts["allowed"] == [one.value for one in LIFE.actions(state, EVERYBODY)]


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.SUBMIT])
def test_an_outsider_learns_nothing_about_the_state(action: Action) -> None:
    for state in State:
        outsiders = EVERYBODY - LIFE.actors[action]
        with pytest.raises(NotYourTicketError) as refused:
            decide(ticket_in(state), action, acting_as=outsiders, account_id=ACCOUNT, now=NOW, facts=SAID.get(action))
        assert "state" not in refused.value.facts


@pytest.mark.parametrize(("action", "field"), [(action, field) for action in SAID for field in FACTS.get(action, ())])
def test_every_needed_fact_is_asked_for(action: Action, field: str) -> None:
    state = next(state for state, known in LIFE.transitions if known is action)
    facts = {name: value for name, value in SAID[action].items() if name != field}
    with pytest.raises(MissingFactError, match=f"填写“{FACT_NAMES[field]}”"):
        decide(ticket_in(state), action, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=facts)


def test_the_tables_are_complete() -> None:
    assert set(LIFE.actors) == set(Action)
    assert set(ACTOR_NAMES) == set(Actor)
    assert set(FACT_NAMES) == {field for fields in FACTS.values() for field in fields}
    assert {state for state, _ in LIFE.transitions} == set(State), "even a closed ticket can be reopened"
    assert set(EFFECTS) <= set(Action)
    assert set(GUARDS) <= set(Action)
    assert {action for _, action in LIFE.transitions} == set(Action) - {Action.SUBMIT}


def test_closed_is_not_fixed() -> None:
    """fixmystreet#897, #1339."""
    outcomes = {}
    for outcome in ("fixed", "mitigated", "explained_not_fixable"):
        finish = {"outcome": outcome, "summary": "看过了", "photo_ids": ["x"]}
        outcomes[outcome] = fold(walk(PATHS[State.CLOSED], finish=finish))
    assert {ticket.state for ticket in outcomes.values()} == {State.CLOSED}
    assert [ticket.outcome.value for ticket in outcomes.values()] == list(outcomes)


@pytest.mark.parametrize("action", [Action.RATE, Action.CLOSE_SILENTLY, Action.REJECT, Action.WITHDRAW])
def test_nothing_closes_without_an_outcome(action: Action) -> None:
    """T4."""
    for state, known in LIFE.transitions:
        if known is action:
            ticket = ticket_in(state)
            event = decide(ticket, action, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=SAID.get(action))
            closed = apply(ticket, event)
            assert closed.state is State.CLOSED
            assert closed.outcome is not None
            assert closed.closed_at == NOW


def test_only_a_rating_counts_as_rated() -> None:
    silent = fold(walk([*PATHS[State.AWAITING_RATING], Action.CLOSE_SILENTLY]))
    assert (silent.state, silent.rated_at) == (State.CLOSED, None)
    assert ticket_in(State.CLOSED).rated_at == NOW


def test_the_desk_cannot_call_a_refusal_fixed() -> None:
    with pytest.raises(WrongOutcomeError):
        decide(
            ticket_in(State.SUBMITTED),
            Action.REJECT,
            acting_as=EVERYBODY,
            account_id=ACCOUNT,
            now=NOW,
            facts={"outcome": "fixed", "reason": "x"},
        )


def test_some_work_needs_a_photo_afterwards() -> None:
    finish = {"outcome": "fixed", "summary": "好了", "photo_ids": []}
    with pytest.raises(AfterPhotoMissingError):
        walk([*PATHS[State.WORKING], Action.FINISH], finish=finish)
    without = walk([*PATHS[State.WORKING], Action.FINISH], finish=finish, accept={**LAMP, "needs_after_photo": False})
    assert fold(without).state is State.DONE_PENDING_CHECK


def test_the_category_is_fixed_once_somebody_was_sent_but_the_priority_is_not() -> None:
    ticket = ticket_in(State.TAKEN)
    urgent = decide(
        ticket, Action.RECLASSIFY, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=SAID[Action.RECLASSIFY]
    )
    assert apply(ticket, urgent).priority.value == "urgent"
    other = {**SAID[Action.RECLASSIFY], "category": "sewer"}
    with pytest.raises(CategoryLockedError):
        decide(ticket, Action.RECLASSIFY, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=other)


@pytest.mark.parametrize(
    ("delay", "accepted"), [(timedelta(0), False), (timedelta(seconds=1), True), (timedelta(days=15), True)]
)
def test_a_hold_names_a_day_that_comes(delay: timedelta, accepted: bool) -> None:
    facts = {"reason": "weather", "until": (NOW + delay).isoformat()}
    if accepted:
        assert fold(walk(PATHS[State.ON_HOLD], hold=facts)).hold_until == NOW + delay
    else:
        with pytest.raises(HoldTooLongError):
            walk(PATHS[State.ON_HOLD], hold=facts)


def test_a_hold_cannot_last_longer_than_the_policy() -> None:
    facts = {"reason": "weather", "until": (NOW + timedelta(days=15, seconds=1)).isoformat()}
    with pytest.raises(HoldTooLongError):
        walk(PATHS[State.ON_HOLD], hold=facts)


@pytest.mark.parametrize(("after", "can"), [(timedelta(days=15), True), (timedelta(days=15, seconds=1), False)])
def test_reopening_within_fifteen_days(after: timedelta, can: bool) -> None:
    ticket, later = ticket_in(State.CLOSED), NOW + after
    offered = actions_for(ticket, EVERYBODY, later, TicketPolicy())
    assert (Action.REOPEN in offered) is can
    if can:
        event = decide(
            ticket, Action.REOPEN, acting_as=EVERYBODY, account_id=ACCOUNT, now=later, facts=SAID[Action.REOPEN]
        )
        again = apply(ticket, event)
        assert (again.state, again.attempt, again.outcome, again.closed_at) == (State.ACCEPTED, 2, None, None)
        assert again.rated_at is None
    else:
        with pytest.raises(ReopenTooLateError, match="15"):
            decide(ticket, Action.REOPEN, acting_as=EVERYBODY, account_id=ACCOUNT, now=later, facts=SAID[Action.REOPEN])


def test_a_refused_report_is_not_reopened_but_reported_anew() -> None:
    ticket = fold(walk([Action.REJECT]))
    assert actions_for(ticket, EVERYBODY, NOW, TicketPolicy()) == []
    with pytest.raises(WrongOutcomeError):
        decide(ticket, Action.REOPEN, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=SAID[Action.REOPEN])


def test_rework_counts_and_forgets_the_result() -> None:
    ticket = fold(walk([*PATHS[State.DONE_PENDING_CHECK], Action.DISPUTE]))
    assert (ticket.state, ticket.attempt, ticket.outcome, ticket.worker_id) == (State.ACCEPTED, 2, None, None)


def test_the_first_receiver_stays_responsible() -> None:
    """T10: somebody else reclassifies, the name of the first receiver stays."""
    log = walk([Action.ACCEPT])
    other = decide(
        fold(log),
        Action.RECLASSIFY,
        acting_as=EVERYBODY,
        account_id=UUID(int=77),
        now=NOW,
        facts=SAID[Action.RECLASSIFY],
    )
    assert fold([*log, other]).first_receiver_id == ACCOUNT


@pytest.mark.parametrize(
    ("state", "waits"), [(state, state in {State.DONE_PENDING_CHECK, State.AWAITING_RATING}) for state in State]
)
def test_only_what_waits_for_the_resident_closes_by_itself(state: State, waits: bool) -> None:
    expected = NOW + timedelta(days=7) if waits else None
    assert silent_close_at(ticket_in(state), TicketPolicy()) == expected


def test_a_log_begins_with_a_submission_and_has_no_gaps() -> None:
    log = walk([Action.ACCEPT, Action.OFFER])
    with pytest.raises(ValueError, match="at least"):
        fold([])
    with pytest.raises(ValueError, match="submission"):
        begin(log[1])
    with pytest.raises(ValueError, match="follow"):
        fold([log[0], log[2]])


@given(st.data())
def test_any_life_is_the_fold_of_its_log(data: st.DataObject) -> None:
    """Random walks through the table: folding the log always gives the ticket that lived it, and the log seals."""
    log = walk([])
    ticket = fold(log)
    for _ in range(data.draw(st.integers(0, 25))):
        action = data.draw(st.sampled_from(LIFE.actions(ticket.state, EVERYBODY)))
        try:
            event = decide(ticket, action, acting_as=EVERYBODY, account_id=ACCOUNT, now=NOW, facts=SAID.get(action))
        except (WrongOutcomeError, CategoryLockedError):
            break
        log.append(event)
        ticket = apply(ticket, event)
        assert (ticket.state is State.CLOSED) == (ticket.closed_at is not None)
        assert (ticket.state is State.ON_HOLD) == (ticket.hold_until is not None)
    assert fold(log) == ticket


def sealed(log: list[TicketEvent]) -> list[tuple[TicketEvent, bytes, bytes]]:
    lines, previous = [], GENESIS
    for event in log:
        mark = seal(TICKET_ID, event, previous)
        lines.append((event, previous, mark))
        previous = mark
    return lines


def test_an_edited_line_is_named() -> None:
    lines = sealed(walk(PATHS[State.CLOSED]))
    assert first_broken(TICKET_ID, lines) is None
    event, previous, mark = lines[3]
    forged = TicketEvent(
        event.seq, event.action, event.at + timedelta(hours=1), event.actor, event.account_id, event.facts
    )
    assert first_broken(TICKET_ID, [*lines[:3], (forged, previous, mark), *lines[4:]]) == 4
    assert first_broken(TICKET_ID, [*lines[:3], *lines[4:]]) == 4
    assert first_broken(UUID(int=99), lines) == 1


def test_the_readme_draws_the_table() -> None:
    readme = Path(__file__).parents[3] / "services" / "property" / "README.md"
    assert LIFE.mermaid() in readme.read_text(encoding="utf-8")


def test_the_readme_names_every_error_code() -> None:
    """A code that programs may meet is a promise; the list of promises is complete."""
    import re

    root = Path(__file__).parents[3] / "services" / "property"
    declared = {
        code
        for path in root.glob("*/errors.py")
        for code in re.findall(r'^    code = "(property\.\w+)"', path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(property\.\w+)`", (root / "README.md").read_text(encoding="utf-8")))
    assert len(declared) > 20
    assert declared <= named
