from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proposals.proposals import domain
from services.proposals.proposals.domain import EndorsementPolicy, Proposal, ProposalAction, ProposalState
from services.proposals.proposals.errors import (
    AlreadyEndorsedError,
    EndorsementsShortError,
    NoHouseholdsInScopeError,
    TextChangedError,
    TextUnchangedError,
)
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Ratio

RESIDENT = Principal(UUID(int=1), AccountKind.RESIDENT, UUID(int=9), household_id=UUID(int=3))
SECRETARY = Principal(
    UUID(int=2),
    AccountKind.STAFF,
    UUID(int=9),
    roles=frozenset({RoleGrant(Role.BRANCH_SECRETARY, ScopeKind.COMMUNITY, "9")}),
)
PROPOSAL = Proposal(UUID(int=5), RESIDENT.account_id, ProposalState.GATHERING, 1, "h1", 40, 2, 0, 0)


@pytest.mark.parametrize(("households", "needed"), [(1, 1), (2, 2), (25, 2), (41, 3), (1000, 50), (4152, 50)])
def test_the_threshold_is_a_bounded_share(households: int, needed: int) -> None:
    assert EndorsementPolicy(Ratio(1, 20), at_least=2, at_most=50).threshold(households) == needed


def test_nobody_in_scope_is_refused() -> None:
    with pytest.raises(NoHouseholdsInScopeError):
        EndorsementPolicy(Ratio(1, 20), 2, 50).threshold(0)


def test_endorsements_bind_to_the_text_and_reach_the_threshold() -> None:
    first = domain.endorse(PROPOSAL, RESIDENT, shown_hash="h1", has_endorsed=False)
    assert (first.state, first.endorsements) == (ProposalState.GATHERING, 1)
    second = domain.endorse(first, RESIDENT, shown_hash="h1", has_endorsed=False)
    assert second.state is ProposalState.ENDORSED
    with pytest.raises(TextChangedError) as refusal:
        domain.endorse(first, RESIDENT, shown_hash="h0", has_endorsed=False)
    assert refusal.value.facts["text_hash"] == "h1"
    with pytest.raises(AlreadyEndorsedError):
        domain.endorse(first, RESIDENT, shown_hash="h1", has_endorsed=True)
    with pytest.raises(ForbiddenError):
        domain.endorse(PROPOSAL, SECRETARY, shown_hash="h1", has_endorsed=False)


def test_a_new_text_resets_what_was_given_to_the_old_one() -> None:
    endorsed = replace(PROPOSAL, state=ProposalState.ENDORSED, endorsements=2, opinions=9)
    revised = domain.revise(endorsed, RESIDENT, new_hash="h2")
    assert (revised.state, revised.version_no, revised.endorsements, revised.opinions) == (
        ProposalState.GATHERING,
        2,
        0,
        0,
    )
    with pytest.raises(TextUnchangedError):
        domain.revise(endorsed, RESIDENT, new_hash="h1")
    with pytest.raises(WrongStateError):
        domain.revise(replace(endorsed, state=ProposalState.DELIBERATING), RESIDENT, new_hash="h2")


def test_a_process_needs_the_endorsements_first() -> None:
    with pytest.raises(EndorsementsShortError):
        domain.deliberate(PROPOSAL, SECRETARY)
    with pytest.raises(ForbiddenError):
        domain.deliberate(PROPOSAL, RESIDENT)
    endorsed = replace(PROPOSAL, state=ProposalState.ENDORSED)
    assert domain.deliberate(endorsed, SECRETARY).state is ProposalState.DELIBERATING


def test_only_the_system_tells_what_a_process_decided() -> None:
    running = replace(PROPOSAL, state=ProposalState.DELIBERATING)
    decided = domain.follow_process(running, ProposalAction.DECIDE)
    assert domain.follow_process(decided, ProposalAction.CARRY_OUT).state is ProposalState.CARRIED_OUT
    assert domain.follow_process(running, ProposalAction.RETURN).state is ProposalState.ENDORSED
    assert domain.follow_process(running, ProposalAction.REJECT).state is ProposalState.REJECTED
    with pytest.raises(ForbiddenError):
        domain.follow_process(replace(PROPOSAL, state=ProposalState.ENDORSED), ProposalAction.DELIBERATE)


@pytest.mark.parametrize(("heard", "enough"), [(19, False), (20, True)])
def test_opinions_are_counted_by_household(heard: int, enough: bool) -> None:
    assert domain.opinions_reach(replace(PROPOSAL, opinions=heard), Ratio(1, 2)) is enough


@given(st.text(), st.text(), st.text(), st.text())
def test_a_text_hash_tells_texts_apart(title: str, body: str, other_title: str, other_body: str) -> None:
    same = (title, body) == (other_title, other_body)
    assert (domain.text_hash(title, body) == domain.text_hash(other_title, other_body)) is same
