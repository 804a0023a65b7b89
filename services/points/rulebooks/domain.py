"""The list of what earns and what costs points, in versions that are adopted and never changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.points.rulebooks.errors import (
    ClaimantInvalidError,
    ItemCodeRepeatedError,
    MinutesMissingError,
    PeriodInvalidError,
    QuantityCapInvalidError,
)
from shared.kernel.principal import Role
from shared.kernel.values import Points


class ItemGroup(StrEnum):
    """加分项, 扣分项, 评议项: what the panel alone gives after it has looked."""

    PLUS = "plus"
    MINUS = "minus"
    PANEL = "panel"


class Claimant(StrEnum):
    """Who may enter an item."""

    HOUSEHOLD = "household"
    GRID_WORKER = "grid_worker"
    ASSESSOR = "assessor"


class Verifier(StrEnum):
    """Who looks whether it happened."""

    GRID_WORKER = "grid_worker"
    BUILDING_HEAD = "building_head"
    ASSESSOR = "assessor"


VERIFYING_ROLE: Mapping[Verifier, Role] = {
    Verifier.GRID_WORKER: Role.GRID_WORKER,
    Verifier.BUILDING_HEAD: Role.BUILDING_HEAD,
    Verifier.ASSESSOR: Role.ASSESSOR,
}

DEFAULT_CLAIMANTS: Mapping[ItemGroup, frozenset[Claimant]] = {
    ItemGroup.PLUS: frozenset(Claimant),
    ItemGroup.MINUS: frozenset({Claimant.GRID_WORKER, Claimant.ASSESSOR}),
    ItemGroup.PANEL: frozenset({Claimant.ASSESSOR}),
}


@dataclass(frozen=True, slots=True)
class RuleItem:
    """One line of the list.

    `points` are what one unit earns or, in the minus group, costs; a household gets at most `cap_count` units in `cap_days` days, and all
    households together at most `community_cap_count`. One claim names at most `max_quantity` units.
    """

    code: str
    name: str
    group: ItemGroup
    points: Points
    unit: str
    cap_count: int
    cap_days: int
    photos_required: int
    max_quantity: int = 1
    community_cap_count: int | None = None
    claimants: frozenset[Claimant] = frozenset(Claimant)
    verifier: Verifier = Verifier.GRID_WORKER


@dataclass(frozen=True, slots=True)
class Policy:
    """How claims are judged under a version.

    Votes needed; days a result hangs out; days after posting in which somebody may appeal; most points a household earns by claims and
    care in so many days, None for no limit. Source: domain.md, [YY], [JY].
    """

    panel_quorum: int = 3
    notice_days: int = 3
    appeal_days: int = 30
    household_cap_points: int | None = None
    household_cap_days: int = 61


@dataclass(frozen=True, slots=True)
class RuleList:
    """A list with its policy, adopted or not."""

    policy: Policy
    items: Sequence[RuleItem]


@dataclass(frozen=True, slots=True)
class RulebookVersion:
    """A version as it was adopted."""

    version: int
    decision: str
    decision_id: UUID | None
    minutes_asset_id: UUID | None
    effective_on: date
    adopted_at: datetime
    policy: Policy
    items: Sequence[RuleItem]

    def rules(self) -> RuleList:
        """Return the list itself."""
        return RuleList(self.policy, self.items)


def check_items(items: Sequence[RuleItem]) -> None:
    """Pass when the list does not contradict itself.

    Errors: ItemCodeRepeatedError; ClaimantInvalidError when households could deduct or judge themselves, or nobody may enter an item;
        QuantityCapInvalidError when one claim could name more than the cap lets through.
    """
    codes = [item.code for item in items]
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    if repeated:
        raise ItemCodeRepeatedError(codes=repeated)
    for item in items:
        if not item.claimants or not item.claimants <= DEFAULT_CLAIMANTS[item.group]:
            raise ClaimantInvalidError(item=item.name)
        if item.max_quantity > min(item.cap_count, item.community_cap_count or item.cap_count):
            raise QuantityCapInvalidError(item=item.name)


def check(items: Sequence[RuleItem], effective_on: date, today: date) -> None:
    """Pass when the list may be adopted.

    Errors: those of `check_items`; PeriodInvalidError for a day that is already over: no claim is judged by a rule made afterwards.
    """
    check_items(items)
    if effective_on < today:
        raise PeriodInvalidError


def check_evidence(*, has_decision: bool, has_minutes: bool) -> None:
    """Pass when somebody can look up that it was decided: a decision of proposals, or the minutes of the meeting.

    Errors: MinutesMissingError.
    """
    if not has_decision and not has_minutes:
        raise MinutesMissingError


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """One item in two lists, side by side; `fields` names what is not the same."""

    code: str
    change: Change
    before: RuleItem | None
    after: RuleItem | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyDifference:
    """One number of the policy that is not the same."""

    field: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two lists side by side: every item of either, in the order of the newer and then what it left out."""

    items: tuple[ItemDifference, ...]
    policy: tuple[PolicyDifference, ...]

    def only_changes(self) -> "Comparison":
        """Return it without what stayed as it was."""
        return Comparison(tuple(item for item in self.items if item.change is not Change.SAME), self.policy)


def compare(before: RuleList | None, after: RuleList) -> Comparison:
    """Lay two lists side by side; without an earlier one everything is new."""
    old = {item.code: item for item in before.items} if before else {}
    new = {item.code: item for item in after.items}
    rows = tuple(_difference(code, old.get(code), new.get(code)) for code in _in_order(new, old))
    policy = tuple(
        PolicyDifference(field.name, getattr(before.policy, field.name) if before else None, value)
        for field in fields(Policy)
        if (value := getattr(after.policy, field.name)) != (getattr(before.policy, field.name) if before else None)
    )
    return Comparison(rows, policy)


def _in_order(new: Iterable[str], old: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*new, *old]))


def _difference(code: str, before: RuleItem | None, after: RuleItem | None) -> ItemDifference:
    if before is None or after is None:
        return ItemDifference(code, Change.ADDED if before is None else Change.REMOVED, before, after, ())
    changed = tuple(f.name for f in fields(RuleItem) if getattr(before, f.name) != getattr(after, f.name))
    return ItemDifference(code, Change.CHANGED if changed else Change.SAME, before, after, changed)
