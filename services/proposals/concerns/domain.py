"""诉求 and 三事分流: what a neighbour asks for, who sorts it, and the answer the author sees.

Triage sorts into major (becomes a proposal), minor (一事一议) and private (mediation or help). Each level has its own answer
due date, counted from the triage; the days are policy of the community.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.proposals.concerns.errors import (
    ConcernMergedError,
    ConcernNotMajorError,
    MergeIntoItselfError,
    ReasonMissingError,
)
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded


class ConcernState(Worded):
    FILED = "filed", "已提交"
    TRIAGED = "triaged", "已分类"
    ANSWERED = "answered", "已答复"
    PROPOSED = "proposed", "已转为提案"
    CLOSED = "closed", "已办结"
    MERGED = "merged", "已并入另一件"


class ConcernAction(Worded):
    TRIAGE = "triage", "分类"
    ANSWER = "answer", "答复"
    PROPOSE = "propose", "转为提案"
    CLOSE = "close", "办结"
    REOPEN = "reopen", "重新办理"
    MERGE = "merge", "合并"


class ConcernActor(StrEnum):
    AUTHOR = "author"
    STAFF = "staff"


class Level(StrEnum):
    """大事 major, 小事 minor, 私事 private."""

    MAJOR = "major"
    MINOR = "minor"
    PRIVATE = "private"


class Channel(StrEnum):
    """Where a concern came from; everything but `own` is entered by staff for somebody."""

    OWN = "own"
    MEETING = "meeting"
    MAILBOX = "mailbox"
    HOTLINE = "hotline"
    HOME_VISIT = "home_visit"
    GRID_GROUP = "grid_group"


LEVEL_NAMES = {Level.MAJOR: "大事", Level.MINOR: "小事", Level.PRIVATE: "私事"}
TRIAGE_ROLES = (Role.GRID_WORKER, Role.COMMITTEE_MEMBER, Role.BRANCH_SECRETARY, Role.COMMUNITY_ADMIN)

_S, _A = ConcernState, ConcernAction
LIFE = StateMachine[ConcernState, ConcernAction, ConcernActor](
    transitions={
        (_S.FILED, _A.TRIAGE): _S.TRIAGED,
        (_S.FILED, _A.MERGE): _S.MERGED,
        (_S.TRIAGED, _A.TRIAGE): _S.TRIAGED,
        (_S.TRIAGED, _A.ANSWER): _S.ANSWERED,
        (_S.TRIAGED, _A.PROPOSE): _S.PROPOSED,
        (_S.TRIAGED, _A.MERGE): _S.MERGED,
        (_S.PROPOSED, _A.ANSWER): _S.ANSWERED,
        (_S.ANSWERED, _A.CLOSE): _S.CLOSED,
        (_S.ANSWERED, _A.REOPEN): _S.TRIAGED,
    },
    actors={
        _A.TRIAGE: frozenset({ConcernActor.STAFF}),
        _A.ANSWER: frozenset({ConcernActor.STAFF}),
        _A.PROPOSE: frozenset({ConcernActor.STAFF}),
        _A.MERGE: frozenset({ConcernActor.STAFF}),
        _A.CLOSE: frozenset({ConcernActor.AUTHOR, ConcernActor.STAFF}),
        _A.REOPEN: frozenset({ConcernActor.AUTHOR}),
    },
)


@dataclass(frozen=True, slots=True)
class TriagePolicy:
    """Days until the author must have an answer, per level."""

    answer_days: dict[Level, int]


DEFAULT_POLICY = TriagePolicy(answer_days={Level.MAJOR: 15, Level.MINOR: 7, Level.PRIVATE: 3})


@dataclass(frozen=True, slots=True)
class Concern:
    concern_id: UUID
    author_account_id: UUID | None
    household_id: UUID | None
    state: ConcernState
    level: Level | None = None
    triage_reason: str = ""
    triaged_by: UUID | None = None
    answer_due_at: datetime | None = None
    answer: str = ""
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    merged_into: UUID | None = None


def acting_as(concern: Concern, principal: Principal) -> frozenset[ConcernActor]:
    """Return what the caller is to this concern: its author, a household member of the author, staff, or nothing."""
    actors = set[ConcernActor]()
    is_own_household = concern.household_id is not None and concern.household_id == principal.household_id
    if principal.account_id == concern.author_account_id or is_own_household:
        actors.add(ConcernActor.AUTHOR)
    if principal.has(*TRIAGE_ROLES):
        actors.add(ConcernActor.STAFF)
    return frozenset(actors)


def triage(
    concern: Concern, principal: Principal, *, level: Level, reason: str, now: datetime, policy: TriagePolicy
) -> Concern:
    """Sort a concern, or re-route it; the answer clock starts anew with the level's days.

    Errors: ForbiddenError, WrongStateError, ReasonMissingError.
    """
    state = LIFE.perform(concern.state, ConcernAction.TRIAGE, acting_as(concern, principal))
    if not reason.strip():
        raise ReasonMissingError(level=LEVEL_NAMES[level])
    return replace(
        concern,
        state=state,
        level=level,
        triage_reason=reason.strip(),
        triaged_by=principal.account_id,
        answer_due_at=now + timedelta(days=policy.answer_days[level]),
    )


def propose(concern: Concern, principal: Principal) -> Concern:
    """Turn a major concern into a proposal.

    Errors: ForbiddenError, WrongStateError, ConcernNotMajorError.
    """
    state = LIFE.perform(concern.state, ConcernAction.PROPOSE, acting_as(concern, principal))
    if concern.level is not Level.MAJOR:
        raise ConcernNotMajorError
    return replace(concern, state=state)


def answer(concern: Concern, principal: Principal, *, text: str, now: datetime) -> Concern:
    """Give the author an answer.

    Errors: ForbiddenError, WrongStateError.
    """
    state = LIFE.perform(concern.state, ConcernAction.ANSWER, acting_as(concern, principal))
    return replace(concern, state=state, answer=text, answered_by=principal.account_id, answered_at=now)


def close(concern: Concern, principal: Principal) -> Concern:
    """End an answered concern.

    Errors: ForbiddenError, WrongStateError.
    """
    return replace(concern, state=LIFE.perform(concern.state, ConcernAction.CLOSE, acting_as(concern, principal)))


def reopen(concern: Concern, principal: Principal, *, now: datetime, policy: TriagePolicy) -> Concern:
    """Let the author refuse the answer: it goes back to whoever triaged it, with a fresh clock.

    Errors: ForbiddenError, WrongStateError.
    """
    state = LIFE.perform(concern.state, ConcernAction.REOPEN, acting_as(concern, principal))
    days = policy.answer_days[concern.level or Level.MINOR]
    return replace(concern, state=state, answer_due_at=now + timedelta(days=days))


def merge(concern: Concern, into: Concern, principal: Principal) -> Concern:
    """Merge a concern into another that says the same.

    Errors: ForbiddenError, WrongStateError, MergeIntoItselfError.
    """
    state = LIFE.perform(concern.state, ConcernAction.MERGE, acting_as(concern, principal))
    if into.concern_id == concern.concern_id or into.state is ConcernState.MERGED:
        raise MergeIntoItselfError
    return replace(concern, state=state, merged_into=into.concern_id)


def require_not_merged(concern: Concern) -> None:
    """Pass a concern that stands on its own.

    Errors: ConcernMergedError.
    """
    if concern.state is ConcernState.MERGED:
        raise ConcernMergedError
