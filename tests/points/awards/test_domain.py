"""The life of an award, who steps aside, and what property's answers make of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.points.awards.domain import (
    LIFE,
    Action,
    Award,
    AwardPolicy,
    State,
    WaiverState,
    acting_as,
    allowed_actions,
    check_policy,
    check_votes,
    decide,
    hear_waiver,
    notice_ends_at,
)
from services.points.awards.errors import AwardPolicyInvalidError, AwardRecusedError, VotesInvalidError
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Role
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Points
from shared.testing.clients import People

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
PEOPLE = People(new_id())
NO_KIN: frozenset[UUID] = frozenset()
LEADS_ON = {
    (State.NOMINATED, Action.DECIDE): State.DECIDED,
    (State.NOMINATED, Action.REFUSE): State.REFUSED,
    (State.DECIDED, Action.PUBLISH): State.PUBLISHED,
    (State.PUBLISHED, Action.OBJECT): State.OBJECTED,
    (State.OBJECTED, Action.DISMISS): State.PUBLISHED,
    (State.OBJECTED, Action.UPHOLD): State.REFUSED,
    (State.GRANTED, Action.REVOKE): State.REVOKED,
}
"""What one person with every role, who did not nominate, can do."""


def award(state: State = State.NOMINATED) -> Award:
    return Award(
        id=new_id(),
        household_id=new_id(),
        resident_id=None,
        person_name="王**",
        category="身边好人",
        deed="三年来每天给楼里的老人送饭。",
        talent="助老",
        nominator_account_id=new_id(),
        nominator_household_id=new_id(),
        policy_version=0,
        standing=Points(10),
        spendable=Points(10),
        fee_months=1,
        notice_days=5,
        panel_quorum=3,
        state=state,
        decision="",
        votes_for=0,
        votes_against=0,
        notice_ends_at=None,
        granted_at=None,
        standing_transfer_id=None,
        spendable_transfer_id=None,
        waiver_state=WaiverState.NONE,
        waiver_months=(),
        waiver_reason="",
        reason="",
        created_at=NOW,
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_state_against_every_action(state: State, action: Action) -> None:
    everybody = PEOPLE.resident(None, *Role)
    if action in {Action.GRANT, Action.WITHDRAW}:
        with pytest.raises(ForbiddenError):
            decide(award(state), action, everybody, NO_KIN)
    elif (expected := LEADS_ON.get((state, action))) is not None:
        assert decide(award(state), action, everybody, NO_KIN) is expected
    else:
        with pytest.raises(WrongStateError):
            decide(award(state), action, everybody, NO_KIN)


@pytest.mark.parametrize(
    ("role", "state", "can"),
    [
        (Role.ASSESSOR, State.NOMINATED, ["decide", "refuse"]),
        (Role.COMMITTEE_MEMBER, State.NOMINATED, ["decide", "refuse"]),
        (Role.COMMUNITY_ADMIN, State.NOMINATED, []),
        (Role.COMMUNITY_ADMIN, State.DECIDED, ["publish"]),
        (Role.SUPERVISOR, State.OBJECTED, ["dismiss", "uphold"]),
        (Role.COMMITTEE_MEMBER, State.GRANTED, ["revoke"]),
        (Role.STOREKEEPER, State.NOMINATED, []),
    ],
)
def test_who_may_do_what(role: Role, state: State, can: list[str]) -> None:
    one = award(state)
    assert LIFE.actions(state, acting_as(PEOPLE.staff(role), one)) == can


@pytest.mark.parametrize("concern", ["nominator", "same household", "nominator's household", "kin", "nominator's kin"])
@pytest.mark.parametrize("action", [Action.DECIDE, Action.REFUSE])
def test_those_concerned_step_aside(concern: str, action: Action) -> None:
    one = award()
    judge = PEOPLE.staff(Role.ASSESSOR)
    assert one.nominator_household_id is not None
    kin_of = {"kin": frozenset({one.household_id}), "nominator's kin": frozenset({one.nominator_household_id})}
    kin = kin_of.get(concern, NO_KIN)
    if concern == "nominator":
        judge = replace(judge, account_id=one.nominator_account_id)
    elif concern not in kin_of:
        judge = replace(
            judge, household_id=one.household_id if concern == "same household" else one.nominator_household_id
        )
    with pytest.raises(AwardRecusedError):
        decide(one, action, judge, kin)
    assert allowed_actions(one, judge, kin) == (["withdraw"] if concern == "nominator" else [])
    assert allowed_actions(one, PEOPLE.staff(Role.ASSESSOR), NO_KIN) == ["decide", "refuse"]


@pytest.mark.parametrize(
    ("votes_for", "votes_against", "approves", "refuses"),
    [(3, 0, True, False), (2, 1, True, False), (2, 2, False, True), (1, 2, False, True), (2, 0, False, False)],
)
def test_the_count_carries_the_decision(votes_for: int, votes_against: int, approves: bool, refuses: bool) -> None:
    for is_approved, is_fine in ((True, approves), (False, refuses)):
        if is_fine:
            check_votes(award(), is_approved=is_approved, votes_for=votes_for, votes_against=votes_against)
        else:
            with pytest.raises(VotesInvalidError):
                check_votes(award(), is_approved=is_approved, votes_for=votes_for, votes_against=votes_against)


@pytest.mark.parametrize(
    ("known", "heard", "then"),
    [
        ("pending", "granted", "granted"),
        ("pending", "refused", "refused"),
        ("pending", "withdrawn", "withdrawn"),
        ("granted", "withdrawn", "withdrawn"),
        ("granted", "granted", "granted"),
        ("withdrawn", "granted", "withdrawn"),
        ("refused", "granted", "refused"),
        ("none", "granted", "none"),
        ("none", "withdrawn", "none"),
    ],
)
def test_answers_of_property_in_any_order(known: str, heard: str, then: str) -> None:
    assert hear_waiver(WaiverState(known), WaiverState(heard)) == then


def test_the_model_communitys_policy_is_the_default() -> None:
    assert (AwardPolicy().standing, AwardPolicy().spendable, AwardPolicy().fee_months) == (10, 10, 1)
    assert notice_ends_at(NOW, AwardPolicy().notice_days) == NOW + timedelta(days=5)


def test_no_policy_is_made_for_days_that_are_over() -> None:
    today = date(2026, 5, 11)
    check_policy(today, today)
    with pytest.raises(AwardPolicyInvalidError):
        check_policy(today - timedelta(days=1), today)
