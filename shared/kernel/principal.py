"""Who is asking: the account, its community and household, its roles and how far each reaches."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import ForbiddenError


class AccountKind(StrEnum):
    RESIDENT = "resident"
    STAFF = "staff"
    CLIENT = "client"


class Role(StrEnum):
    """The roles of the glossary; a staff member or resident may hold several."""

    RESIDENT = "resident"
    HOUSEHOLDER = "householder"
    BUILDING_HEAD = "building_head"
    GRID_WORKER = "grid_worker"
    PARTY_MEMBER = "party_member"
    BRANCH_SECRETARY = "branch_secretary"
    COMMITTEE_MEMBER = "committee_member"
    REPRESENTATIVE = "representative"
    ASSESSOR = "assessor"
    SUPERVISOR = "supervisor"
    STOREKEEPER = "storekeeper"
    PROPERTY_AGENT = "property_agent"
    PROPERTY_WORKER = "property_worker"
    DEPARTMENT_HEAD = "department_head"
    PROPERTY_MANAGER = "property_manager"
    INSPECTOR = "inspector"
    COMMUNITY_ADMIN = "community_admin"
    TOWNSHIP_OFFICER = "township_officer"
    DISTRICT_OFFICER = "district_officer"


class ScopeKind(StrEnum):
    COMMUNITY = "community"
    GRID = "grid"
    BUILDING = "building"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role and how far it reaches; `scope_id` is the community, grid, building or department code."""

    role: Role
    scope_kind: ScopeKind
    scope_id: str

    def covers(self, scope_kind: ScopeKind, scope_id: str) -> bool:
        """Tell whether this grant reaches the given place; a community-wide grant reaches everything in it."""
        return self.scope_kind is ScopeKind.COMMUNITY or (self.scope_kind is scope_kind and self.scope_id == scope_id)


@dataclass(frozen=True, slots=True)
class Principal:
    """The verified caller.

    `community_id` is the tenant every row is looked up in. `household_id` and `resident_id` are set for residents and for
    staff who also live here. `scopes` are the OAuth scopes of a client.
    """

    account_id: UUID
    kind: AccountKind
    community_id: UUID
    household_id: UUID | None = None
    resident_id: UUID | None = None
    name: str = ""
    roles: frozenset[RoleGrant] = frozenset()
    scopes: frozenset[str] = frozenset()

    def has(self, *roles: Role) -> bool:
        """Tell whether the caller holds any of the roles, whatever its scope."""
        return any(grant.role in roles for grant in self.roles)

    def has_over(self, roles: Iterable[Role], scope_kind: ScopeKind, scope_id: str) -> bool:
        """Tell whether the caller holds any of the roles over the given grid, building or department."""
        wanted = frozenset(roles)
        return any(grant.role in wanted and grant.covers(scope_kind, scope_id) for grant in self.roles)

    def reach_of(self, role: Role, scope_kind: ScopeKind) -> frozenset[str] | None:
        """Return the grids, buildings or departments a role is held over; None when it reaches the whole community."""
        grants = [grant for grant in self.roles if grant.role is role]
        if any(grant.scope_kind is ScopeKind.COMMUNITY for grant in grants):
            return None
        return frozenset(grant.scope_id for grant in grants if grant.scope_kind is scope_kind)

    def require(self, *roles: Role) -> None:
        """Pass when the caller holds any of the roles.

        Errors: ForbiddenError naming the roles that could do it.
        """
        if not self.has(*roles):
            raise ForbiddenError(required_roles=sorted(roles))

    def require_household(self) -> UUID:
        """Return the caller's household.

        Errors: NoHouseholdError for an account that is not bound to one.
        """
        if self.household_id is None:
            raise NoHouseholdError
        return self.household_id

    def require_scope(self, scope: str) -> None:
        """Pass for people, and for clients that were granted the OAuth scope.

        Errors: ScopeMissingError naming it.
        """
        if self.kind is AccountKind.CLIENT and scope not in self.scopes:
            raise ScopeMissingError(required_scope=scope)


class ScopeMissingError(ForbiddenError):
    code = "scope_missing"
    title = "没有开通这项权限"
    detail = "这个外部系统没有 {required_scope} 权限，请社区管理员为它开通后再来。"


class NoHouseholdError(ForbiddenError):
    code = "no_household"
    title = "还没有绑定家庭"
    detail = "您的账号还没有绑定到户，请先用户卡上的验证码绑定，或请网格员帮忙。"
