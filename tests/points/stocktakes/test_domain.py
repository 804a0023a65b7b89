"""The life of a stock-take, every state against every action, and what must be explained."""

from datetime import UTC, datetime

import pytest

from services.points.stocktakes.domain import LIFE, Action, Actor, Line, State, Stocktake, decide, require_explained
from services.points.stocktakes.errors import DifferenceUnexplainedError, NothingCountedError, OwnCountError
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Role
from shared.kernel.state_machine import WrongStateError
from shared.testing.clients import People

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
OUTCOMES = {
    (State.COUNTING, Action.COUNT): State.COUNTING,
    (State.COUNTING, Action.SUBMIT): State.SUBMITTED,
    (State.COUNTING, Action.CANCEL): State.CANCELLED,
    (State.SUBMITTED, Action.APPROVE): State.APPROVED,
    (State.SUBMITTED, Action.SEND_BACK): State.COUNTING,
    (State.SUBMITTED, Action.CANCEL): State.CANCELLED,
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_state_against_every_action(state: State, action: Action) -> None:
    expected = OUTCOMES.get((state, action))
    if expected is None:
        with pytest.raises(WrongStateError):
            LIFE.perform(state, action, frozenset(Actor))
    else:
        assert LIFE.perform(state, action, frozenset(Actor)) is expected


def test_who_counted_never_approves() -> None:
    people = People(new_id())
    clerk = people.staff(Role.STOREKEEPER, Role.COMMUNITY_ADMIN)
    count = Stocktake(
        new_id(), "五月", State.SUBMITTED, clerk.account_id, "李**", NOW, NOW, None, None, ""
    )  # fmt: skip

    for action in (Action.APPROVE, Action.SEND_BACK):
        with pytest.raises(OwnCountError):
            decide(count, action, clerk)
        assert decide(count, action, people.staff(Role.SUPERVISOR))
        with pytest.raises(ForbiddenError):
            decide(count, action, people.staff(Role.STOREKEEPER))


def line(expected: int, counted: int, explanation: str = "") -> Line:
    return Line(new_id(), new_id(), f"商品{expected}", expected, counted, explanation, NOW)


def test_every_difference_needs_its_explanation() -> None:
    require_explained([line(5, 5), line(6, 4, "受潮"), line(7, 8, "上次少记")])
    with pytest.raises(NothingCountedError):
        require_explained([])
    with pytest.raises(DifferenceUnexplainedError) as refusal:
        require_explained([line(9, 8), line(5, 5), line(3, 4), line(6, 4, "受潮")])
    assert refusal.value.facts["products"] == ["商品3", "商品9"]
    assert "商品3、商品9" in refusal.value.message
