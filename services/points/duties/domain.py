"""What an adopter has done, what an inspector found, and what the rulebook pays for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.adoptions.domain import CARING, Adoption, Asset
from services.points.claims.caps import Taken, fits
from services.points.duties.errors import (
    AdoptionNotActiveError,
    DutyAlreadyJudgedError,
    DutyDateError,
    InspectionReasonMissingError,
    InspectionRecusedError,
)
from services.points.kinships.domain import steps_aside
from services.points.rulebooks.domain import ItemGroup, Policy, RuleItem
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Points

DAYS_TO_LOG = 7
"""How many days afterwards care can still be logged."""


class Result(Worded):
    """Where a day of care stands."""

    LOGGED = "logged", "等待查看"
    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"


class Action(Worded):
    PASS = "pass", "认定合格"
    FAIL = "fail", "认定不合格"


class Actor(StrEnum):
    INSPECTOR = "inspector"


LIFE = StateMachine[Result, Action, Actor](
    transitions={
        (Result.LOGGED, Action.PASS): Result.PASSED,
        (Result.LOGGED, Action.FAIL): Result.FAILED,
    },
    actors={Action.PASS: frozenset({Actor.INSPECTOR}), Action.FAIL: frozenset({Actor.INSPECTOR})},
)


@dataclass(frozen=True, slots=True)
class Duty:
    """One day of care in the log of an adoption, and what the inspection made of it."""

    id: UUID
    adoption_id: UUID
    asset_id: UUID
    household_id: UUID | None
    account_id: UUID
    done_on: date
    note: str
    photo_ids: tuple[UUID, ...]
    result: Result
    item_code: str
    points: Points
    rulebook_version: int | None
    finding: str
    inspected_by: UUID | None
    inspected_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Pay:
    """Points for a day of care, and why fewer or none."""

    points: Points
    reason: str


NO_HOUSEHOLD = Pay(Points(0), "单位和社团认领不计积分，只挂牌表彰")
NO_RULE = Pay(Points(0), "现行积分细则没有这一项")
CAP_REACHED = Pay(Points(0), "这一项在期限内已达细则上限")


def check_loggable(adoption: Adoption, done_on: date, today: date) -> None:
    """Pass when care of that day may be logged now.

    Errors: AdoptionNotActiveError, DutyDateError.
    """
    if adoption.state not in CARING or adoption.starts_on is None:
        raise AdoptionNotActiveError
    if not max(adoption.starts_on, today - timedelta(days=DAYS_TO_LOG)) <= done_on <= today:
        raise DutyDateError(days=DAYS_TO_LOG)


def acting_as(principal: Principal, adoption: Adoption, asset: Asset, kin: frozenset[UUID]) -> frozenset[Actor]:
    """Return what the caller, whose kin live in those households, is to a day of care; nobody inspects the own one or kin's."""
    may_inspect = _is_inspector(principal, asset) and not _is_concerned(principal, adoption, kin)
    return frozenset({Actor.INSPECTOR}) if may_inspect else frozenset()


def judge(
    result: Result, principal: Principal, adoption: Adoption, asset: Asset, kin: frozenset[UUID], *, is_passed: bool
) -> Result:
    """Return what a day of care becomes: by a grid worker of the thing's grid, the committee or a supervisor, none of them concerned.

    Errors: ForbiddenError, InspectionRecusedError, DutyAlreadyJudgedError.
    Source: points.md I15 (approver ≠ applicant's household).
    """
    if not _is_inspector(principal, asset):
        raise ForbiddenError(required_roles=[Role.GRID_WORKER])
    if _is_concerned(principal, adoption, kin):
        raise InspectionRecusedError
    if LIFE.is_final(result):
        raise DutyAlreadyJudgedError
    action = Action.PASS if is_passed else Action.FAIL
    return LIFE.perform(result, action, acting_as(principal, adoption, asset, kin))


def _is_inspector(principal: Principal, asset: Asset) -> bool:
    inspectors = (Role.GRID_WORKER,)
    is_of_grid = asset.grid_id is not None and principal.has_over(inspectors, ScopeKind.GRID, str(asset.grid_id))
    is_anywhere = asset.grid_id is None and principal.has(*inspectors)
    return is_of_grid or is_anywhere or principal.has(Role.COMMITTEE_MEMBER, Role.SUPERVISOR)


def _is_concerned(principal: Principal, adoption: Adoption, kin: frozenset[UUID]) -> bool:
    return principal.account_id == adoption.account_id or steps_aside(principal, kin, adoption.household_id)


def check_finding(*, is_passed: bool, finding: str) -> None:
    """Pass when a failed inspection says what was wrong.

    Errors: InspectionReasonMissingError.
    """
    if not is_passed and not finding:
        raise InspectionReasonMissingError


def find_item(items: Iterable[RuleItem], code: str) -> RuleItem | None:
    """Return the plus item of a code, or None."""
    return next((item for item in items if item.code == code and item.group is ItemGroup.PLUS), None)


def pay_for(household_id: UUID | None, item: RuleItem | None, on: date, taken: Taken, policy: Policy | None) -> Pay:
    """Return what a day of care that passed is worth: the item's points, within the same caps that claims have.

    `taken` is what claims and care used up around that day. No `policy` goes with no rule.
    """
    if household_id is None:
        return NO_HOUSEHOLD
    if item is None or policy is None:
        return NO_RULE
    caps = (
        (taken.by_household, 1, item.cap_count, item.cap_days),
        (taken.by_everybody, 1, item.community_cap_count, item.cap_days),
        (taken.earned, int(item.points), policy.household_cap_points, policy.household_cap_days),
    )
    if not all(cap is None or fits(so_far, on, more, cap=cap, days=days) for so_far, more, cap, days in caps):
        return CAP_REACHED
    return Pay(item.points, "")
