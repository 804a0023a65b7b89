"""议题: immutable text versions with a content hash, endorsements and opinions bound to the text that was shown.

A new version resets what was given to the old one: endorsements and opinions count only when their hash is the current one.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.proposals.ballots.merkle import content_hash
from services.proposals.proposals.errors import (
    AlreadyEndorsedError,
    EndorsementsShortError,
    NoHouseholdsInScopeError,
    TextChangedError,
    TextUnchangedError,
)
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Ratio

TAG_TEXT = "diyuan.proposal_text.v1"


class ProposalState(Worded):
    GATHERING = "gathering", "征集附议"
    ENDORSED = "endorsed", "附议已够"
    DELIBERATING = "deliberating", "议事中"
    DECIDED = "decided", "已通过"
    CARRIED_OUT = "carried_out", "已落实"
    REJECTED = "rejected", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"


class ProposalAction(Worded):
    REVISE = "revise", "修改"
    ENDORSE = "endorse", "附议"
    REACH_THRESHOLD = "reach_threshold", "附议达标"
    DELIBERATE = "deliberate", "提交议事"
    DECIDE = "decide", "通过"
    REJECT = "reject", "否决"
    RETURN = "return", "退回"
    CARRY_OUT = "carry_out", "登记落实"
    WITHDRAW = "withdraw", "撤回"


class ProposalActor(StrEnum):
    AUTHOR = "author"
    HOUSEHOLD = "household"
    STAFF = "staff"
    SYSTEM = "system"


class Stance(StrEnum):
    FOR = "for"
    AGAINST = "against"
    SUGGESTION = "suggestion"


STAFF_ROLES = (Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
COLLECTOR_ROLES = (*STAFF_ROLES, Role.GRID_WORKER)

_S, _A, _W = ProposalState, ProposalAction, ProposalActor
LIFE = StateMachine[ProposalState, ProposalAction, ProposalActor](
    transitions={
        (_S.GATHERING, _A.ENDORSE): _S.GATHERING,
        (_S.GATHERING, _A.REVISE): _S.GATHERING,
        (_S.GATHERING, _A.REACH_THRESHOLD): _S.ENDORSED,
        (_S.GATHERING, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.ENDORSED, _A.ENDORSE): _S.ENDORSED,
        (_S.ENDORSED, _A.REVISE): _S.GATHERING,
        (_S.ENDORSED, _A.DELIBERATE): _S.DELIBERATING,
        (_S.ENDORSED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.DELIBERATING, _A.DECIDE): _S.DECIDED,
        (_S.DELIBERATING, _A.REJECT): _S.REJECTED,
        (_S.DELIBERATING, _A.RETURN): _S.ENDORSED,
        (_S.DECIDED, _A.CARRY_OUT): _S.CARRIED_OUT,
    },
    actors={
        _A.ENDORSE: frozenset({_W.HOUSEHOLD}),
        _A.REVISE: frozenset({_W.AUTHOR, _W.STAFF}),
        _A.WITHDRAW: frozenset({_W.AUTHOR, _W.STAFF}),
        _A.DELIBERATE: frozenset({_W.STAFF}),
        _A.REACH_THRESHOLD: frozenset({_W.SYSTEM}),
        _A.DECIDE: frozenset({_W.SYSTEM}),
        _A.REJECT: frozenset({_W.SYSTEM}),
        _A.RETURN: frozenset({_W.SYSTEM}),
        _A.CARRY_OUT: frozenset({_W.SYSTEM}),
    },
)


@dataclass(frozen=True, slots=True)
class EndorsementPolicy:
    """How many households must endorse: a share of the households in scope, within bounds."""

    share: Ratio
    at_least: int
    at_most: int

    def threshold(self, households: int) -> int:
        """Return the number needed among this many households, never more than there are.

        Errors: NoHouseholdsInScopeError.
        """
        if households <= 0:
            raise NoHouseholdsInScopeError
        wanted = max(self.at_least, min(self.at_most, self.share.least_reaching(households)))
        return min(wanted, households)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal and what was given to its current text. `households_in_scope` was counted once, at the opening."""

    proposal_id: UUID
    author_account_id: UUID
    state: ProposalState
    version_no: int
    text_hash: str
    households_in_scope: int
    endorsements_needed: int
    endorsements: int
    opinions: int


def text_hash(title: str, body: str) -> str:
    """Return the hash people see, endorse and vote on."""
    content: dict[str, Any] = {"title": title, "body": body}
    return content_hash(TAG_TEXT, content)


def acting_as(proposal: Proposal, principal: Principal) -> frozenset[ProposalActor]:
    """Return what the caller is to this proposal."""
    actors = set[ProposalActor]()
    if principal.account_id == proposal.author_account_id:
        actors.add(ProposalActor.AUTHOR)
    if principal.household_id is not None:
        actors.add(ProposalActor.HOUSEHOLD)
    if principal.has(*STAFF_ROLES):
        actors.add(ProposalActor.STAFF)
    return frozenset(actors)


def require_shown(proposal: Proposal, shown_hash: str) -> None:
    """Pass when the caller saw the current text.

    Errors: TextChangedError with the current version.
    """
    if shown_hash != proposal.text_hash:
        raise TextChangedError(version_no=proposal.version_no, text_hash=proposal.text_hash)


def revise(proposal: Proposal, principal: Principal, *, new_hash: str) -> Proposal:
    """Put a new version on the table; endorsements and opinions of the old text no longer count.

    Errors: ForbiddenError, WrongStateError, TextUnchangedError.
    """
    state = LIFE.perform(proposal.state, ProposalAction.REVISE, acting_as(proposal, principal))
    if new_hash == proposal.text_hash:
        raise TextUnchangedError
    return replace(
        proposal, state=state, version_no=proposal.version_no + 1, text_hash=new_hash, endorsements=0, opinions=0
    )


def endorse(proposal: Proposal, principal: Principal, *, shown_hash: str, has_endorsed: bool) -> Proposal:
    """Count one household's support; reaching the threshold moves the proposal on.

    Errors: ForbiddenError, WrongStateError, TextChangedError, AlreadyEndorsedError.
    """
    state = LIFE.perform(proposal.state, ProposalAction.ENDORSE, acting_as(proposal, principal))
    require_shown(proposal, shown_hash)
    if has_endorsed:
        raise AlreadyEndorsedError
    after = replace(proposal, state=state, endorsements=proposal.endorsements + 1)
    if after.state is ProposalState.GATHERING and after.endorsements >= after.endorsements_needed:
        return replace(after, state=LIFE.next_state(after.state, ProposalAction.REACH_THRESHOLD))
    return after


def deliberate(proposal: Proposal, principal: Principal) -> Proposal:
    """Take an endorsed proposal into a process.

    Errors: ForbiddenError, EndorsementsShortError, WrongStateError.
    """
    if proposal.state is ProposalState.GATHERING and principal.has(*STAFF_ROLES):
        raise EndorsementsShortError(needed=proposal.endorsements_needed, have=proposal.endorsements)
    state = LIFE.perform(proposal.state, ProposalAction.DELIBERATE, acting_as(proposal, principal))
    return replace(proposal, state=state)


def follow_process(proposal: Proposal, action: ProposalAction) -> Proposal:
    """Apply what the process decided (decide, reject, return, carry_out); only the system does this.

    Errors: WrongStateError.
    """
    return replace(proposal, state=LIFE.perform(proposal.state, action, frozenset({ProposalActor.SYSTEM})))


def opinions_reach(proposal: Proposal, share: Ratio) -> bool:
    """Tell whether enough households were heard on the current text."""
    return share.is_reached_by(proposal.opinions, proposal.households_in_scope)
