from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.proposals.concerns import domain
from services.proposals.concerns.domain import DEFAULT_POLICY, Concern, ConcernAction, ConcernState, Level
from services.proposals.concerns.errors import ConcernNotMajorError, MergeIntoItselfError, ReasonMissingError
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.kernel.state_machine import WrongStateError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AUTHOR = Principal(UUID(int=1), AccountKind.RESIDENT, UUID(int=9), household_id=UUID(int=3))
STRANGER = Principal(UUID(int=2), AccountKind.RESIDENT, UUID(int=9), household_id=UUID(int=4))
FAMILY = Principal(UUID(int=5), AccountKind.RESIDENT, UUID(int=9), household_id=UUID(int=3))
GRID = Principal(
    UUID(int=6), AccountKind.STAFF, UUID(int=9), roles=frozenset({RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, "1")})
)
FILED = Concern(UUID(int=7), AUTHOR.account_id, AUTHOR.household_id, ConcernState.FILED)
ALLOWED = {
    (ConcernState.FILED, ConcernAction.TRIAGE),
    (ConcernState.FILED, ConcernAction.MERGE),
    (ConcernState.TRIAGED, ConcernAction.TRIAGE),
    (ConcernState.TRIAGED, ConcernAction.ANSWER),
    (ConcernState.TRIAGED, ConcernAction.PROPOSE),
    (ConcernState.TRIAGED, ConcernAction.MERGE),
    (ConcernState.PROPOSED, ConcernAction.ANSWER),
    (ConcernState.ANSWERED, ConcernAction.CLOSE),
    (ConcernState.ANSWERED, ConcernAction.REOPEN),
}


@pytest.mark.parametrize("state", ConcernState)
@pytest.mark.parametrize("action", ConcernAction)
def test_every_state_and_action(state: ConcernState, action: ConcernAction) -> None:
    if (state, action) in ALLOWED:
        assert domain.LIFE.next_state(state, action) in ConcernState
    else:
        with pytest.raises(WrongStateError):
            domain.LIFE.next_state(state, action)


@pytest.mark.parametrize(("level", "days"), [(Level.MAJOR, 15), (Level.MINOR, 7), (Level.PRIVATE, 3)])
def test_triage_starts_the_answer_clock(level: Level, days: int) -> None:
    sorted_ = domain.triage(FILED, GRID, level=level, reason="涉及全楼", now=NOW, policy=DEFAULT_POLICY)
    assert (sorted_.level, sorted_.answer_due_at) == (level, NOW + timedelta(days=days))
    assert sorted_.triaged_by == GRID.account_id


def test_triage_says_why_and_is_for_staff() -> None:
    with pytest.raises(ReasonMissingError):
        domain.triage(FILED, GRID, level=Level.MAJOR, reason=" ", now=NOW, policy=DEFAULT_POLICY)
    for other in (AUTHOR, STRANGER):
        with pytest.raises(ForbiddenError):
            domain.triage(FILED, other, level=Level.MAJOR, reason="x", now=NOW, policy=DEFAULT_POLICY)


def test_only_a_major_concern_becomes_a_proposal() -> None:
    minor = replace(FILED, state=ConcernState.TRIAGED, level=Level.MINOR)
    with pytest.raises(ConcernNotMajorError):
        domain.propose(minor, GRID)
    assert domain.propose(replace(minor, level=Level.MAJOR), GRID).state is ConcernState.PROPOSED


def test_the_author_or_the_family_takes_the_answer_or_refuses_it() -> None:
    answered = domain.answer(
        replace(FILED, state=ConcernState.TRIAGED, level=Level.MINOR), GRID, text="已修好", now=NOW
    )
    assert (answered.answered_by, answered.answered_at) == (GRID.account_id, NOW)
    assert domain.close(answered, FAMILY).state is ConcernState.CLOSED
    again = domain.reopen(answered, AUTHOR, now=NOW + timedelta(days=1), policy=DEFAULT_POLICY)
    assert (again.state, again.answer_due_at) == (ConcernState.TRIAGED, NOW + timedelta(days=8))
    with pytest.raises(ForbiddenError):
        domain.reopen(answered, STRANGER, now=NOW, policy=DEFAULT_POLICY)


def test_concerns_merge_into_another_that_stands() -> None:
    other = replace(FILED, concern_id=UUID(int=8))
    assert domain.merge(FILED, other, GRID).merged_into == other.concern_id
    with pytest.raises(MergeIntoItselfError):
        domain.merge(FILED, FILED, GRID)
    with pytest.raises(MergeIntoItselfError):
        domain.merge(FILED, replace(other, state=ConcernState.MERGED), GRID)
