"""A list while it is discussed: changed as often as needed, put to the vote, adopted by the decision, or dropped."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.points.rulebooks.domain import Claimant, ItemGroup, Policy, RuleItem, RuleList, Verifier
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Points


class State(Worded):
    DRAFT = "draft", "草稿"
    ADOPTED = "adopted", "已通过"
    DISCARDED = "discarded", "已作废"


class Action(Worded):
    CHANGE = "change", "修改"
    PROPOSE = "propose", "提请议定"
    ADOPT = "adopt", "通过"
    DISCARD = "discard", "作废"


class Actor(StrEnum):
    EDITOR = "editor"
    DECISION = "decision"


LIFE = StateMachine[State, Action, Actor](
    transitions={
        (State.DRAFT, Action.CHANGE): State.DRAFT,
        (State.DRAFT, Action.PROPOSE): State.DRAFT,
        (State.DRAFT, Action.ADOPT): State.ADOPTED,
        (State.DRAFT, Action.DISCARD): State.DISCARDED,
    },
    actors={
        Action.CHANGE: frozenset({Actor.EDITOR}),
        Action.PROPOSE: frozenset({Actor.EDITOR}),
        Action.ADOPT: frozenset({Actor.EDITOR, Actor.DECISION}),
        Action.DISCARD: frozenset({Actor.EDITOR}),
    },
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A list being discussed; `revision` counts its changes."""

    id: UUID
    title: str
    note: str
    effective_on: date
    rules: RuleList
    proposal_id: UUID | None
    state: State
    revision: int
    adopted_version: int | None
    created_by: UUID
    created_at: datetime
    changed_by: UUID
    changed_at: datetime


def acting_as(principal: Principal) -> frozenset[Actor]:
    """Return what the caller is to a draft."""
    is_editor = principal.has(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    return frozenset({Actor.EDITOR}) if is_editor else frozenset()


def first_day(wanted: date, today: date) -> date:
    """Return when a list takes effect that was decided today: as wanted, but not before the decision."""
    return max(wanted, today)


def plain_policy(policy: Policy) -> dict[str, Any]:
    """Return a policy as it is kept."""
    return asdict(policy)


def plain_item(item: RuleItem) -> dict[str, Any]:
    """Return an item as it is kept."""
    return asdict(item) | {"claimants": sorted(item.claimants)}


def read_rules(policy: Mapping[str, Any], items: list[dict[str, Any]]) -> RuleList:
    """Return a list from how it is kept."""
    return RuleList(Policy(**policy), [_item(item) for item in items])


def _item(kept: Mapping[str, Any]) -> RuleItem:
    return RuleItem(
        **dict(kept)
        | {
            "group": ItemGroup(kept["group"]),
            "points": Points(kept["points"]),
            "claimants": frozenset(Claimant(value) for value in kept["claimants"]),
            "verifier": Verifier(kept["verifier"]),
        }
    )
