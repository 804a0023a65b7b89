from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.proposals.ballots.domain import (
    Reason,
    Standing,
    cast_leaf,
    check_choice,
    choice_bytes,
    choice_size,
    read_choice,
    why_not,
)
from services.proposals.ballots.errors import ChoiceInvalidError
from services.proposals.rounds.domain import Method, RoundState, options_for

ABLE = {"has_household": True, "is_on_roll": True, "may_act": True, "has_voted": False, "is_present": True}
YES_NO = options_for(Method.YES_NO_ABSTAIN, [], 1)
PLACES = options_for(Method.APPROVE, [("a", "东门"), ("b", "西门"), ("c", "南门")], 2)


@pytest.mark.parametrize(
    ("state", "changes", "reason"),
    [
        (RoundState.OPEN, {}, Reason.NONE),
        (RoundState.OPEN, {"has_household": False}, Reason.NO_HOUSEHOLD),
        (RoundState.OPEN, {"is_on_roll": False}, Reason.NOT_ON_ROLL),
        (RoundState.OPEN, {"may_act": False}, Reason.MAY_NOT_ACT),
        (RoundState.OPEN, {"has_voted": True}, Reason.ALREADY_VOTED),
        (RoundState.OPEN, {"is_present": False}, Reason.CHECK_IN_FIRST),
        (RoundState.FROZEN, {}, Reason.NOT_OPEN_YET),
        (RoundState.CLOSED, {}, Reason.CLOSED),
        (RoundState.TALLIED, {"is_on_roll": False}, Reason.NOT_ON_ROLL),
    ],
)
def test_why_somebody_cannot_vote(state: RoundState, changes: dict, reason: Reason) -> None:
    assert why_not(state, Standing(**(ABLE | changes), needs_presence=True)) is reason


def test_presence_matters_only_where_the_rule_asks() -> None:
    assert why_not(RoundState.OPEN, Standing(**(ABLE | {"is_present": False}), needs_presence=False)) is Reason.NONE


@pytest.mark.parametrize(
    ("method", "options", "most", "choice", "read"),
    [
        (Method.YES_NO_ABSTAIN, YES_NO, 1, ["no"], ("no",)),
        (Method.YES_NO_ABSTAIN, YES_NO, 1, [], None),
        (Method.YES_NO_ABSTAIN, YES_NO, 1, ["yes", "no"], None),
        (Method.YES_NO_ABSTAIN, YES_NO, 1, ["maybe"], None),
        (Method.APPROVE, PLACES, 2, ["c", "a"], ("a", "c")),
        (Method.APPROVE, PLACES, 2, ["a", "a"], None),
        (Method.APPROVE, PLACES, 2, ["a", "b", "c"], None),
        (Method.APPROVE, PLACES, 2, ["a", "abstain"], None),
        (Method.APPROVE, PLACES, 2, ["abstain"], ("abstain",)),
        (Method.SINGLE, PLACES, 2, ["a", "b"], None),
    ],
)
def test_what_a_choice_may_be(method, options, most, choice, read) -> None:
    if read is None:
        with pytest.raises(ChoiceInvalidError):
            check_choice(method, options, most, choice)
    else:
        assert check_choice(method, options, most, choice) == read


@pytest.mark.parametrize("options", [YES_NO, PLACES])
def test_choices_are_equally_long_and_read_back(options) -> None:
    written = {choice_bytes((option.code,), choice_size(options)) for option in options}
    assert len({len(raw) for raw in written}) == 1
    assert {read_choice(raw)[0] for raw in written} == {option.code for option in options}


def test_a_leaf_never_holds_the_choice_and_changes_with_the_seal() -> None:
    common = {
        "round_id": UUID(int=1),
        "ballot_id": UUID(int=2),
        "unit_id": UUID(int=3),
        "frozen_hash": "f",
        "cast_at": datetime(2026, 3, 1, tzinfo=UTC),
    }
    one, two = cast_leaf(sealed=b"x", **common), cast_leaf(sealed=b"y", **common)
    assert one != two
    assert b"yes" not in one
