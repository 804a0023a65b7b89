"""The life of a claim, every state against every action, and the counting of the panel."""

from datetime import date, timedelta

import pytest

from services.points.claims.domain import LIFE, Action, Actor, PanelVote, State, check_new, count_panel
from services.points.claims.errors import HappenedOnInvalidError, ItemNotClaimableError, PhotosMissingError
from services.points.rulebooks.domain import ItemGroup, RuleItem
from shared.ids import new_id
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Points

TODAY = date(2026, 5, 11)

OUTCOMES = {
    (State.SUBMITTED, Action.VERIFY): State.VERIFIED,
    (State.SUBMITTED, Action.REFUSE): State.REJECTED,
    (State.SUBMITTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.VERIFIED, Action.APPROVE): State.VOTED,
    (State.VERIFIED, Action.REJECT): State.REJECTED,
    (State.VERIFIED, Action.WITHDRAW): State.WITHDRAWN,
    (State.VOTED, Action.PUBLICISE): State.PUBLICISED,
    (State.VOTED, Action.UPHOLD): State.REJECTED,
    (State.PUBLICISED, Action.OBJECT): State.VOTED,
    (State.PUBLICISED, Action.POST): State.POSTED,
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


@pytest.mark.parametrize(
    ("votes", "decision"),
    [
        ("", None),
        ("++", None),
        ("--", None),
        ("+++", Action.APPROVE),
        ("++-", Action.APPROVE),
        ("+--", Action.REJECT),
        ("---", Action.REJECT),
        ("++--", Action.REJECT),
        ("+++--", Action.APPROVE),
    ],
)
def test_more_than_half_of_at_least_three_votes(votes: str, decision: Action | None) -> None:
    assert count_panel([PanelVote(new_id(), vote == "+") for vote in votes], 3) is decision


def item(group: ItemGroup = ItemGroup.PLUS) -> RuleItem:
    return RuleItem("sweep", "清扫楼道", group, Points(5), "次", cap_count=4, cap_days=60, photos_required=1)


@pytest.mark.parametrize("days_ago", [0, 1, 60])
def test_a_recent_deed_may_be_claimed(days_ago: int) -> None:
    check_new(item(), TODAY - timedelta(days=days_ago), 1, TODAY)


@pytest.mark.parametrize("days_ago", [-1, 61, 4000])
def test_the_future_and_the_far_past_may_not(days_ago: int) -> None:
    with pytest.raises(HappenedOnInvalidError):
        check_new(item(), TODAY - timedelta(days=days_ago), 1, TODAY)


def test_a_deduction_is_nobodys_claim() -> None:
    with pytest.raises(ItemNotClaimableError):
        check_new(item(ItemGroup.MINUS), TODAY, 1, TODAY)


def test_photos_are_asked_for() -> None:
    with pytest.raises(PhotosMissingError):
        check_new(item(), TODAY, 0, TODAY)
