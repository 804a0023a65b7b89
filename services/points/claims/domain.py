"""The life of a claim: written, submitted, verified, judged by neighbours, published, posted; refused, withdrawn, or reversed on appeal."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.points.claims.errors import (
    ClerkError,
    HappenedOnInvalidError,
    ItemNotClaimableError,
    PhotosMissingError,
    QuantityTooLargeError,
    ReasonMissingError,
    RecusedError,
)
from services.points.kinships.domain import steps_aside
from services.points.rulebooks.domain import VERIFYING_ROLE, Claimant, ItemGroup, RuleItem, Verifier
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Points

OLDEST_DAYS = 60
"""How long after the deed a claim may still come: one two-month period. Source: domain.md, 双月考评."""


class State(Worded):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待核实"
    VERIFIED = "verified", "待评议"
    VOTED = "voted", "有异议待答复"
    PUBLICISED = "publicised", "公示中"
    POSTED = "posted", "已入账"
    REVERSED = "reversed", "已更正"
    REJECTED = "rejected", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"


COUNTING = (State.SUBMITTED, State.VERIFIED, State.VOTED, State.PUBLICISED, State.POSTED)
"""States in which a claim uses up what the caps allow."""

PUBLIC = (State.PUBLICISED, State.VOTED)
"""States in which neighbours see a claim: what hangs out and what is objected to. They also see what was posted while it may be appealed against."""

WATCHING = (Role.ASSESSOR, Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
"""Who sees every claim and judges any; grid workers and building heads those of their place."""


class Action(Worded):
    CHANGE = "change", "修改"
    SUBMIT = "submit", "提交"
    VERIFY = "verify", "核实"
    REFUSE = "refuse", "核实不通过"
    APPROVE = "approve", "评议通过"
    REJECT = "reject", "评议不通过"
    PUBLICISE = "publicise", "公示"
    OBJECT = "object", "提出异议"
    UPHOLD = "uphold", "支持异议"
    POST = "post", "入账"
    APPEAL = "appeal", "申诉"
    REVERSE = "reverse", "更正"
    WITHDRAW = "withdraw", "撤回"


class Actor(StrEnum):
    APPLICANT = "applicant"
    """The household the claim is about."""
    CLERK = "clerk"
    """Who entered it."""
    VERIFIER = "verifier"
    PANEL = "panel"
    NEIGHBOUR = "neighbour"
    SUPERVISOR = "supervisor"
    CLOCK = "clock"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.DRAFT, Action.CHANGE): State.DRAFT,
        (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
        (State.DRAFT, Action.WITHDRAW): State.WITHDRAWN,
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
        (State.POSTED, Action.APPEAL): State.POSTED,
        (State.POSTED, Action.REVERSE): State.REVERSED,
    },
    actors={
        Action.CHANGE: frozenset({Actor.CLERK}),
        Action.SUBMIT: frozenset({Actor.CLERK}),
        Action.WITHDRAW: frozenset({Actor.APPLICANT, Actor.CLERK}),
        Action.VERIFY: frozenset({Actor.VERIFIER}),
        Action.REFUSE: frozenset({Actor.VERIFIER}),
        Action.APPROVE: frozenset({Actor.PANEL}),
        Action.REJECT: frozenset({Actor.PANEL}),
        Action.PUBLICISE: frozenset({Actor.CLOCK, Actor.SUPERVISOR}),
        Action.UPHOLD: frozenset({Actor.SUPERVISOR}),
        Action.OBJECT: frozenset({Actor.NEIGHBOUR, Actor.APPLICANT}),
        Action.POST: frozenset({Actor.CLOCK}),
        Action.APPEAL: frozenset({Actor.NEIGHBOUR, Actor.APPLICANT}),
        Action.REVERSE: frozenset({Actor.SUPERVISOR}),
    },
)

JUDGING = frozenset(
    {
        Action.VERIFY,
        Action.REFUSE,
        Action.APPROVE,
        Action.REJECT,
        Action.PUBLICISE,
        Action.UPHOLD,
        Action.REVERSE,
    }
)
"""Acts nobody may do for their own household, for kin, or for what they entered themselves."""

ANSWERING = frozenset({Action.PUBLICISE, Action.UPHOLD})
"""Acts nobody may do for a household whose objection they answer, either."""

NEEDS_REASON = frozenset(
    {
        Action.REFUSE,
        Action.REJECT,
        Action.OBJECT,
        Action.PUBLICISE,
        Action.UPHOLD,
        Action.APPEAL,
        Action.REVERSE,
    }
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a household says it did, or an official saw, and how far the neighbours have judged it.

    `points` count for all `quantity` units and are positive; in the minus group they are taken away.
    """

    id: UUID
    household_id: UUID
    grid_id: UUID
    building_id: UUID
    account_id: UUID
    is_on_behalf: bool
    member_ids: tuple[UUID, ...]
    rulebook_version: int
    item_code: str
    item_name: str
    group: ItemGroup
    verifier: Verifier
    quantity: int
    points: Points
    happened_on: date
    place: str
    note: str
    photo_ids: tuple[UUID, ...]
    state: State
    panel_quorum: int
    notice_days: int
    appeal_days: int
    notice_ends_at: datetime | None
    post_after: datetime | None
    reason: str
    resubmits_id: UUID | None
    sheet_id: UUID | None
    created_at: datetime
    posted_at: datetime | None
    reversed_at: datetime | None

    @property
    def issued(self) -> int:
        """Points it issues; a deduction issues none."""
        return 0 if self.group is ItemGroup.MINUS else self.points


@dataclass(frozen=True, slots=True)
class Filters:
    """Which claims a list is about; None does not restrict."""

    state: State | None = None
    household_id: UUID | None = None
    grid_id: UUID | None = None
    item_code: str | None = None
    group: ItemGroup | None = None
    sheet_id: UUID | None = None
    happened_from: date | None = None
    happened_to: date | None = None


@dataclass(frozen=True, slots=True)
class PanelVote:
    """What one assessor thinks."""

    account_id: UUID
    is_approved: bool
    reason: str
    cast_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does with a claim, and why."""

    action: Action
    by: Principal
    reason: str = ""

    @property
    def told(self) -> str:
        """What stands at the claim afterwards; an objection's reason stands with the objection."""
        return "" if self.action is Action.OBJECT else self.reason

    def step(self) -> dict[str, Any]:
        """Return it as the book of steps keeps it."""
        return {"action": self.action.value, "account_id": self.by.account_id, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A picture of a claim that looks like one of another claim."""

    photo_id: UUID
    other_photo_id: UUID
    bits: int
    other: Claim


def claimant_of(principal: Principal, household_id: UUID, grid_id: UUID) -> frozenset[Claimant]:
    """Return as what the caller may enter claims for a household; a grid worker only in the grids in charge.

    Errors: ForbiddenError for somebody else's household.
    """
    if principal.household_id == household_id:
        return frozenset({Claimant.HOUSEHOLD})
    found = set()
    if principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(grid_id)):
        found.add(Claimant.GRID_WORKER)
    if principal.has(Role.ASSESSOR):
        found.add(Claimant.ASSESSOR)
    if not found:
        raise ForbiddenError(required_roles=[Role.ASSESSOR, Role.GRID_WORKER])
    return frozenset(found)


def check_new(
    item: RuleItem, claimants: frozenset[Claimant], happened_on: date, quantity: int, photos: int, today: date
) -> None:
    """Pass when this item may be claimed by these for this day, in this quantity and with this many photos.

    What an official saw with own eyes needs no photo.

    Errors: ItemNotClaimableError, HappenedOnInvalidError, QuantityTooLargeError, PhotosMissingError.
    """
    if not item.claimants & claimants:
        raise ItemNotClaimableError
    if not today - timedelta(days=OLDEST_DAYS) <= happened_on <= today:
        raise HappenedOnInvalidError(days=OLDEST_DAYS)
    if quantity > item.max_quantity:
        raise QuantityTooLargeError(item=item.name, most=item.max_quantity, unit=item.unit)
    if Claimant.HOUSEHOLD in claimants and photos < item.photos_required:
        raise PhotosMissingError(required=item.photos_required)


def acting_as(principal: Principal, claim: Claim) -> frozenset[Actor]:
    """Return what the caller is to this claim; officials with a place only there."""
    actors = set()
    if principal.household_id is not None:
        actors.add(Actor.APPLICANT if principal.household_id == claim.household_id else Actor.NEIGHBOUR)
    if principal.account_id == claim.account_id:
        actors.add(Actor.CLERK)
    if _verifies(principal, claim):
        actors.add(Actor.VERIFIER)
    if principal.has(Role.ASSESSOR):
        actors.add(Actor.PANEL)
    if principal.has(Role.SUPERVISOR):
        actors.add(Actor.SUPERVISOR)
    return frozenset(actors)


def _verifies(principal: Principal, claim: Claim) -> bool:
    role = VERIFYING_ROLE[claim.verifier]
    places = ((ScopeKind.GRID, claim.grid_id), (ScopeKind.BUILDING, claim.building_id))
    if any(principal.has_over([role], kind, str(place)) for kind, place in places):
        return True
    # What the only grid worker of a grid entered must still be looked at by somebody else.
    return claim.is_on_behalf and principal.has(Role.ASSESSOR)


def require_judge_of(claim: Claim, principal: Principal) -> None:
    """Pass for those who judge all claims, and for the grid worker or building head of this one.

    Errors: ForbiddenError.
    """
    roles = frozenset(VERIFYING_ROLE.values())
    places = ((ScopeKind.GRID, claim.grid_id), (ScopeKind.BUILDING, claim.building_id))
    if not any(principal.has_over(roles, kind, str(place)) for kind, place in places):
        principal.require(*WATCHING)


def readable_votes(claim: Claim, principal: Principal, votes: Sequence[PanelVote]) -> list[PanelVote]:
    """Return the votes this principal may read: who may still vote reads the own one only, so that nobody votes after others.

    Supervisors and administrators watch the whole way. Source: domain.md, 监督小组 sees registration and review end to end.
    """
    is_open = claim.state is State.VERIFIED and not principal.has(Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    return [vote for vote in votes if not is_open or vote.account_id == principal.account_id]


def allowed_actions(
    claim: Claim, principal: Principal, kin: frozenset[UUID], objectors: Collection[UUID] = ()
) -> list[Action]:
    """Return what the caller could do with a claim now."""
    found = LIFE.actions(claim.state, acting_as(principal, claim))
    is_clerk = principal.account_id == claim.account_id
    return [
        action
        for action in found
        if not (action in JUDGING and (is_clerk or _is_recused(action, claim, principal, kin, objectors)))
        and not _is_own_matter(action, claim, principal)
    ]


def _is_recused(
    action: Action, claim: Claim, principal: Principal, kin: frozenset[UUID], objectors: Collection[UUID]
) -> bool:
    return steps_aside(principal, kin, claim.household_id, *(objectors if action in ANSWERING else ()))


def _is_own_matter(action: Action, claim: Claim, principal: Principal) -> bool:
    """Tell whether a household would do to its own claim what only others may: object to what it earns, or take back a deduction."""
    if principal.household_id != claim.household_id:
        return False
    is_deduction = claim.group is ItemGroup.MINUS
    if action is Action.WITHDRAW:
        return claim.is_on_behalf and principal.account_id != claim.account_id
    return action in {Action.OBJECT, Action.APPEAL} and not is_deduction


def decide(
    claim: Claim,
    action: Action,
    principal: Principal,
    kin: frozenset[UUID],
    reason: str,
    objectors: Collection[UUID] = (),
) -> State:
    """Return the state the action leads to; `kin` are the households in which the caller has kin, `objectors` those that wait for an answer.

    Errors: ForbiddenError, WrongStateError, RecusedError, ClerkError, ReasonMissingError.
    Source: points.md I15 (approver ≠ applicant's household; clerk ≠ approver).
    """
    if _is_own_matter(action, claim, principal):
        raise ForbiddenError(action=action.value)
    state = LIFE.perform(claim.state, action, acting_as(principal, claim))
    if action in JUDGING:
        if _is_recused(action, claim, principal, kin, objectors):
            raise RecusedError
        if principal.account_id == claim.account_id:
            raise ClerkError
    if action in NEEDS_REASON and not reason.strip():
        raise ReasonMissingError
    return state


def count_panel(votes: Sequence[PanelVote], quorum: int) -> Action | None:
    """Return what the panel decided, or None while votes are missing: more than half of those who voted approve it."""
    if len(votes) < quorum:
        return None
    approvals = sum(vote.is_approved for vote in votes)
    return Action.APPROVE if 2 * approvals > len(votes) else Action.REJECT


def notice_ends_at(begins_at: datetime, days: int) -> datetime:
    """Return when the notice of a passed claim has hung out long enough."""
    return begins_at + timedelta(days=days)


def appeal_ends_at(claim: Claim) -> datetime | None:
    """Return until when a posted claim may be appealed against; None for one that is not posted."""
    return None if claim.posted_at is None else claim.posted_at + timedelta(days=claim.appeal_days)


def transfer_id_of(claim_id: UUID, asset: str) -> UUID:
    """Return the id under which a claim is posted in an asset; `posting.sql` derives the same."""
    return UUID(bytes=hashlib.sha256(claim_id.bytes + f"claim {asset}".encode()).digest()[:16])
