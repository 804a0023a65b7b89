"""The lives of an honour and of a warning, every state against every action."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.points.boards.domain import (
    HONOUR_LIFE,
    WARNING_LIFE,
    Action,
    Actor,
    Board,
    Concerns,
    Entry,
    State,
    Tone,
    Vote,
    allowed_actions,
    check_new,
    count_panel,
    decide,
)
from services.points.boards.errors import BoardExemptError, BoardReasonMissingError, BoardRecusedError
from shared.ids import new_id
from shared.kernel.state_machine import StateMachine, WrongStateError

EVERYBODY = frozenset(Actor)
TODAY = date(2026, 5, 11)
HONOUR = {
    (State.PROPOSED, Action.APPROVE): State.LISTED,
    (State.PROPOSED, Action.REJECT): State.DISMISSED,
    (State.LISTED, Action.REMOVE): State.REMOVED,
}
WARNING = {
    (State.PROPOSED, Action.APPROVE): State.NOTIFIED,
    (State.PROPOSED, Action.REJECT): State.DISMISSED,
    (State.PROPOSED, Action.EXEMPT): State.DISMISSED,
    (State.NOTIFIED, Action.OBJECT): State.DISPUTED,
    (State.NOTIFIED, Action.CURE): State.CURED,
    (State.NOTIFIED, Action.LIST): State.LISTED,
    (State.NOTIFIED, Action.EXEMPT): State.DISMISSED,
    (State.DISPUTED, Action.UPHOLD): State.DISMISSED,
    (State.DISPUTED, Action.OVERRULE): State.NOTIFIED,
    (State.DISPUTED, Action.EXEMPT): State.DISMISSED,
    (State.LISTED, Action.REMOVE): State.REMOVED,
    (State.LISTED, Action.CURE): State.CURED,
    (State.LISTED, Action.EXEMPT): State.REMOVED,
}
ENTRY = Entry(
    id=new_id(),
    board=Board.WARNING,
    household_id=new_id(),
    tone=Tone.NEEDS_HELP,
    title="楼道堆物",
    reason="楼道长期堆放杂物",
    state=State.PROPOSED,
    panel_quorum=3,
    cure_days=14,
    listing_days=60,
    proposed_by=new_id(),
    proposed_at=datetime(2026, 5, 11, tzinfo=UTC),
    cure_until=None,
    listed_on=None,
    removal_on=None,
    ended_at=None,
    answer="",
)


@pytest.mark.parametrize(("life", "outcomes"), [(HONOUR_LIFE, HONOUR), (WARNING_LIFE, WARNING)])
@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_state_against_every_action(
    life: StateMachine[State, Action, Actor],
    outcomes: dict[tuple[State, Action], State],
    state: State,
    action: Action,
) -> None:
    expected = outcomes.get((state, action))
    if expected is None:
        with pytest.raises(WrongStateError):
            life.perform(state, action, EVERYBODY)
    else:
        assert life.perform(state, action, EVERYBODY) is expected


def test_a_warning_gives_time_first_and_hangs_for_a_time_known_beforehand() -> None:
    notified = decide(ENTRY, Action.APPROVE, frozenset({Actor.PANEL}), "属实", TODAY)
    assert (notified.state, notified.cure_until, notified.removal_on) == (State.NOTIFIED, date(2026, 5, 25), None)
    waiting = replace(ENTRY, state=State.NOTIFIED, cure_until=notified.cure_until)
    listed = decide(waiting, Action.LIST, frozenset({Actor.CLOCK}), "", date(2026, 5, 26))
    assert (listed.listed_on, listed.removal_on) == (date(2026, 5, 26), date(2026, 7, 25))


def test_an_honour_hangs_at_once() -> None:
    change = decide(replace(ENTRY, board=Board.HONOUR), Action.APPROVE, frozenset({Actor.PANEL}), "", TODAY)
    assert (change.state, change.listed_on, change.removal_on) == (State.LISTED, TODAY, date(2026, 7, 10))


@pytest.mark.parametrize(
    ("board", "concerns", "is_exempt", "is_refused"),
    [
        (Board.WARNING, Concerns.ADULT, False, False),
        (Board.WARNING, Concerns.MINOR, False, True),
        (Board.WARNING, Concerns.ILL, False, True),
        (Board.WARNING, Concerns.ADULT, True, True),
        (Board.HONOUR, Concerns.MINOR, True, False),
    ],
)
def test_children_and_the_ill_are_not_warned(
    board: Board, concerns: Concerns, is_exempt: bool, is_refused: bool
) -> None:
    if is_refused:
        with pytest.raises(BoardExemptError):
            check_new(board, concerns, is_exempt=is_exempt)
    else:
        check_new(board, concerns, is_exempt=is_exempt)


@pytest.mark.parametrize("who", [Actor.CONCERNED, Actor.PROPOSER])
def test_nobody_decides_about_the_own_household_kin_or_proposal(who: Actor) -> None:
    actors = frozenset({Actor.PANEL, Actor.SUPERVISOR, who})
    for state, action in WARNING:
        entry = replace(ENTRY, state=state)
        is_watching = action in {Action.CURE, Action.REMOVE}
        is_deciding = action in {Action.APPROVE, Action.REJECT, Action.UPHOLD, Action.OVERRULE}
        if is_deciding or (is_watching and who is not Actor.PROPOSER):
            assert action not in allowed_actions(entry, actors)
            with pytest.raises(BoardRecusedError):
                decide(entry, action, actors, "看过", TODAY)
        elif is_watching:
            assert action in allowed_actions(entry, actors)


def test_refusals_have_reasons() -> None:
    with pytest.raises(BoardReasonMissingError):
        decide(ENTRY, Action.REJECT, frozenset({Actor.PANEL}), " ", TODAY)


@pytest.mark.parametrize(
    ("votes", "decision"),
    [("", None), ("++", None), ("+++", Action.APPROVE), ("++-", Action.APPROVE), ("+--", Action.REJECT)],
)
def test_more_than_half_of_the_panel(votes: str, decision: Action | None) -> None:
    assert count_panel([Vote(new_id(), vote == "+", "", datetime.now(UTC)) for vote in votes], 3) is decision
