"""Households and the people in them: one file per household (一户一档), and a journal of everybody who comes and goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.identity.residents.domain import Member
from shared.kernel.principal import AccountKind, Principal, Role, ScopeKind


class Tenure(StrEnum):
    OWNER = "owner"
    TENANT = "tenant"


class HouseholdStatus(StrEnum):
    ACTIVE = "active"
    MOVED_OUT = "moved_out"


class Happening(StrEnum):
    """What the journal of a household records."""

    REGISTERED = "registered"
    CHANGED = "changed"
    MOVED_OUT = "moved_out"
    RETURNED = "returned"
    MEMBER_JOINED = "member_joined"
    MEMBER_CHANGED = "member_changed"
    MEMBER_LEFT = "member_left"


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """What a roster says of a household; places and other households by their codes."""

    code: str
    unit_codes: tuple[str, ...]
    tenure: Tenure = Tenure.OWNER
    moved_in_on: date | None = None
    liaison_code: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose households a caller may see."""

    is_everything: bool = False
    household_ids: frozenset[UUID] = frozenset()
    grid_ids: frozenset[UUID] = frozenset()
    building_ids: frozenset[UUID] = frozenset()


SEES_EVERYTHING = frozenset(
    {
        Role.COMMUNITY_ADMIN,
        Role.BRANCH_SECRETARY,
        Role.COMMITTEE_MEMBER,
        Role.SUPERVISOR,
        Role.ASSESSOR,
        Role.STOREKEEPER,
        Role.PROPERTY_AGENT,
        Role.PROPERTY_MANAGER,
        Role.TOWNSHIP_OFFICER,
        Role.DISTRICT_OFFICER,
    }
)


def reach_of(principal: Principal) -> Reach:
    """Tell how far a caller sees: staff by role and scope, residents their own household, clients by OAuth scope."""
    if principal.kind is AccountKind.CLIENT:
        return Reach(is_everything="identity:read" in principal.scopes)
    community_wide = {grant.role for grant in principal.roles if grant.scope_kind is ScopeKind.COMMUNITY}
    if principal.has(*SEES_EVERYTHING) or Role.GRID_WORKER in community_wide or Role.BUILDING_HEAD in community_wide:
        return Reach(is_everything=True)
    return Reach(
        household_ids=frozenset({principal.household_id} if principal.household_id else ()),
        grid_ids=_scopes(principal, Role.GRID_WORKER, ScopeKind.GRID),
        building_ids=_scopes(principal, Role.BUILDING_HEAD, ScopeKind.BUILDING),
    )


def _scopes(principal: Principal, role: Role, kind: ScopeKind) -> frozenset[UUID]:
    return frozenset(UUID(g.scope_id) for g in principal.roles if g.role is role and g.scope_kind is kind)


@dataclass(frozen=True, slots=True)
class HouseholdSummary:
    """A household as the other services are told of it."""

    id: UUID
    number: str
    status: HouseholdStatus
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    address: str
    householder_name: str
    area_cm2e2: int
    resident_count: int


@dataclass(frozen=True, slots=True)
class RollChanges:
    """A new state of the roll, as differences.

    `moved_households` are those whose place, its name or its area changed without a change of their own. `changed_members` and
    `gone_members` name the code of the household each belonged to.
    """

    added_households: Sequence[HouseholdFacts] = ()
    changed_households: Sequence[HouseholdFacts] = ()
    moved_households: Sequence[HouseholdFacts] = ()
    gone_households: Sequence[str] = ()
    added_members: Sequence[Member] = ()
    changed_members: Mapping[UUID, tuple[Member, str]] = field(default_factory=dict)
    gone_members: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A household taken out to be changed."""

    id: UUID
    grid_id: UUID
    facts: HouseholdFacts
