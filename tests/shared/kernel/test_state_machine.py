"""A life cycle read from its table."""

import json
from enum import StrEnum
from itertools import product

import pytest

from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import StateMachine, Worded, WrongStateError


class State(Worded):
    OPEN = "open", "办理中"
    DONE = "done", "已办结"
    DROPPED = "dropped", "已放弃"


class Action(Worded):
    FINISH = "finish", "办结"
    DROP = "drop", "放弃"
    REOPEN = "reopen", "重新办理"


class Who(StrEnum):
    OWNER = "owner"
    CLOCK = "clock"


MACHINE: StateMachine[State, Action, Who] = StateMachine(
    transitions={
        (State.OPEN, Action.FINISH): State.DONE,
        (State.OPEN, Action.DROP): State.DROPPED,
        (State.DONE, Action.REOPEN): State.OPEN,
    },
    actors={
        Action.FINISH: frozenset({Who.OWNER}),
        Action.DROP: frozenset({Who.OWNER, Who.CLOCK}),
        Action.REOPEN: frozenset({Who.OWNER}),
    },
)


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_every_pair_leads_where_the_table_says_or_is_refused(state: State, action: Action) -> None:
    expected = MACHINE.transitions.get((state, action))
    if expected is not None:
        assert MACHINE.perform(state, action, frozenset({Who.OWNER})) is expected
        return
    with pytest.raises(WrongStateError) as refusal:
        MACHINE.perform(state, action, frozenset({Who.OWNER}))
    assert refusal.value.facts["state"] == state.value
    assert refusal.value.facts["action"] == action.value
    assert refusal.value.facts["allowed"] == sorted(a.value for s, a in MACHINE.transitions if s is state)


def test_a_person_reads_words_and_a_program_reads_values() -> None:
    with pytest.raises(WrongStateError) as refusal:
        MACHINE.next_state(State.DROPPED, Action.REOPEN)
    assert refusal.value.message == "现在是“已放弃”，不能“重新办理”；可能别人刚办过，请刷新后再看。"
    assert (refusal.value.facts["state_name"], refusal.value.facts["action_name"]) == ("已放弃", "重新办理")


def test_the_value_alone_names_a_member() -> None:
    assert State("open") is State.OPEN == "open"
    assert (f"{State.OPEN}", json.dumps(State.OPEN), State.OPEN.word) == ("open", '"open"', "办理中")


@pytest.mark.parametrize("state", list(State))
def test_outsider_learns_nothing_about_the_state(state: State) -> None:
    with pytest.raises(ForbiddenError) as refusal:
        MACHINE.perform(state, Action.FINISH, frozenset({Who.CLOCK}))
    assert set(refusal.value.facts) == {"action"}


@pytest.mark.parametrize(
    ("state", "who", "actions"),
    [
        (State.OPEN, {Who.OWNER}, [Action.FINISH, Action.DROP]),
        (State.OPEN, {Who.CLOCK}, [Action.DROP]),
        (State.OPEN, set(), []),
        (State.DONE, {Who.OWNER}, [Action.REOPEN]),
        (State.DROPPED, {Who.OWNER, Who.CLOCK}, []),
    ],
)
def test_actions_one_could_take_now(state: State, who: set[Who], actions: list[Action]) -> None:
    assert MACHINE.actions(state, frozenset(who)) == actions


def test_final_states_are_those_nothing_leads_out_of() -> None:
    assert [s for s in State if MACHINE.is_final(s)] == [State.DROPPED]


def test_diagram_draws_every_arrow() -> None:
    assert MACHINE.mermaid().splitlines() == [
        "stateDiagram-v2",
        "    open --> done: finish",
        "    open --> dropped: drop",
        "    done --> open: reopen",
    ]
