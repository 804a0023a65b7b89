"""Roles with a scope and a period: who may give which to whom, and when they count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.identity.roles.errors import (
    RoleHeldError,
    RoleNotGrantableError,
    RolePeriodError,
    RoleScopeError,
    SeparationOfDutiesError,
)
from services.identity.roles.separation import find_separation
from shared.kernel.principal import Role, RoleGrant, ScopeKind

DERIVED_ROLES = frozenset({Role.RESIDENT, Role.HOUSEHOLDER})
"""Read from the roster at every sign-in, never granted by hand."""

SCOPES: Mapping[Role, frozenset[ScopeKind]] = {
    role: frozenset({ScopeKind.COMMUNITY}) for role in Role if role not in DERIVED_ROLES
} | {
    Role.GRID_WORKER: frozenset({ScopeKind.GRID}),
    Role.BUILDING_HEAD: frozenset({ScopeKind.BUILDING}),
    Role.REPRESENTATIVE: frozenset({ScopeKind.COMMUNITY, ScopeKind.GRID, ScopeKind.BUILDING}),
    Role.PROPERTY_AGENT: frozenset({ScopeKind.COMMUNITY, ScopeKind.DEPARTMENT}),
    Role.PROPERTY_WORKER: frozenset({ScopeKind.DEPARTMENT}),
    Role.DEPARTMENT_HEAD: frozenset({ScopeKind.DEPARTMENT}),
}
"""How far each role may reach."""

_COMMUNITY_ROLES = frozenset(SCOPES) - {Role.COMMUNITY_ADMIN, Role.TOWNSHIP_OFFICER, Role.DISTRICT_OFFICER}

GRANTORS: Mapping[Role, frozenset[Role]] = {
    Role.COMMUNITY_ADMIN: _COMMUNITY_ROLES,
    Role.PROPERTY_MANAGER: frozenset({Role.PROPERTY_WORKER, Role.PROPERTY_AGENT, Role.DEPARTMENT_HEAD}),
    Role.TOWNSHIP_OFFICER: frozenset({Role.COMMUNITY_ADMIN}),
    Role.DISTRICT_OFFICER: frozenset({Role.COMMUNITY_ADMIN, Role.TOWNSHIP_OFFICER}),
}
"""Who may give and take which roles."""


@dataclass(frozen=True, slots=True)
class WantedRole:
    """A role to be given; the community needs no `scope_id`, and without `from_on` it begins today."""

    role: Role
    scope_kind: ScopeKind
    scope_id: str
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role an account holds over a scope from a day on, through `until_on` or without end."""

    id: UUID
    account_id: UUID
    role: Role
    scope_kind: ScopeKind
    scope_id: str
    from_on: date
    until_on: date | None
    granted_by: UUID
    granted_at: datetime
    revoked_by: UUID | None = None
    revoked_at: datetime | None = None
    revoke_reason: str = ""

    @property
    def reach(self) -> RoleGrant:
        """The grant as a principal carries it."""
        return RoleGrant(self.role, self.scope_kind, self.scope_id)

    def counts_on(self, day: date) -> bool:
        """Tell whether the role is held on this day; both ends belong to the period."""
        return self.revoked_at is None and self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def overlaps(self, from_on: date, until_on: date | None) -> bool:
        """Tell whether the role is held on any day of the given period."""
        if self.revoked_at is not None:
            return False
        begins_before_end = until_on is None or self.from_on <= until_on
        return begins_before_end and (self.until_on is None or from_on <= self.until_on)


def decide_grant(
    *,
    grant_id: UUID,
    account_id: UUID,
    role: Role,
    scope_kind: ScopeKind,
    scope_id: str,
    from_on: date,
    until_on: date | None,
    held: Iterable[Grant],
    granted_by: UUID,
    now: datetime,
) -> Grant:
    """Give a role, unless it contradicts one that the same person holds in the same days.

    `held` are all grants of the person, whichever of his accounts they hang on.

    Errors: RoleScopeError, RolePeriodError, RoleHeldError, SeparationOfDutiesError.
    """
    require_scope(role, scope_kind, scope_id)
    if until_on is not None and until_on < from_on:
        raise RolePeriodError
    meanwhile = [grant for grant in held if grant.overlaps(from_on, until_on)]
    if any(grant.reach == RoleGrant(role, scope_kind, scope_id) for grant in meanwhile):
        raise RoleHeldError(role=role.value)
    clash = find_separation((grant.role for grant in meanwhile), role)
    if clash is not None:
        raise SeparationOfDutiesError(held=clash[0].value, asked=role.value, reason=clash[1].reason)
    return Grant(
        id=grant_id,
        account_id=account_id,
        role=role,
        scope_kind=scope_kind,
        scope_id=scope_id,
        from_on=from_on,
        until_on=until_on,
        granted_by=granted_by,
        granted_at=now,
    )


def require_scope(role: Role, scope_kind: ScopeKind, scope_id: str) -> None:
    """Pass when the role may have such a scope.

    Errors: RoleScopeError naming the allowed ones.
    """
    allowed = SCOPES.get(role, frozenset())
    if scope_kind not in allowed or not scope_id:
        raise RoleScopeError(role=role.value, allowed=sorted(allowed))


def revoke_grant(grant: Grant, *, by: UUID, reason: str, now: datetime) -> Grant:
    """Take a role back; the grant stays as a record."""
    return replace(grant, revoked_by=by, revoked_at=now, revoke_reason=reason)


def require_grantor(holder_roles: Iterable[Role], *, role: Role, grantor: UUID, account_id: UUID) -> None:
    """Pass when someone with these roles may give or take this role; nobody does it for himself.

    Errors: RoleNotGrantableError.
    """
    may = any(role in GRANTORS.get(held, frozenset()) for held in holder_roles)
    if not may or grantor == account_id:
        raise RoleNotGrantableError(role=role.value)
