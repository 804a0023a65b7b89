"""Facts told by identity."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.events.registry import Named, event


@event("identity.community_named")
@dataclass(frozen=True, kw_only=True)
class CommunityNamed(Named):
    """A community is called this from now on: told when it is registered and whenever it is renamed.

    Names are public, so this fact stands above the communities: the tenant it comes under is that of whoever gave the name, or none.
    """

    community_id: UUID
    code: str
    name: str


@event("identity.household_registered")
@dataclass(frozen=True, kw_only=True)
class HouseholdRegistered(Named):
    """A household was entered on the roster. `householder_name` is masked (`王**`).

    `formed_from_id` is set when people of another household founded it, who moved over or had left it before: that one's id.
    """

    household_id: UUID
    household_number: str
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    householder_name: str
    area_cm2e2: int
    resident_count: int
    address: str = ""
    formed_from_id: UUID | None = None


@event("identity.household_changed")
@dataclass(frozen=True, kw_only=True)
class HouseholdChanged(Named):
    """A household's place, householder, area or status is not what it was; the fields hold the new values."""

    household_id: UUID
    household_number: str
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    householder_name: str
    area_cm2e2: int
    resident_count: int
    status: str
    address: str = ""


@event("identity.resident_joined")
@dataclass(frozen=True, kw_only=True)
class ResidentJoined(Named):
    """A person became a member of a household. `name` is masked; birth date is not told, only whether an adult by law."""

    resident_id: UUID
    household_id: UUID
    name: str
    is_householder: bool
    is_adult: bool
    is_party_member: bool = False
    is_representative: bool = False


@event("identity.resident_left")
@dataclass(frozen=True, kw_only=True)
class ResidentLeft(Named):
    """A person is no longer a member of the household."""

    resident_id: UUID
    household_id: UUID
    reason: str


@event("identity.account_bound")
@dataclass(frozen=True, kw_only=True)
class AccountBound(Named):
    """An account now belongs to a person on the roster (residents) or to a staff member (`resident_id` may be None).

    `wechat_openid` is set when WeChat messages can reach the account.
    """

    account_id: UUID
    kind: str
    resident_id: UUID | None
    household_id: UUID | None
    name: str
    wechat_openid: str | None = None


@event("identity.account_deleted")
@dataclass(frozen=True, kw_only=True)
class AccountDeleted(Named):
    """An account was deleted at its owner's wish; ledgers stay, the name goes."""

    account_id: UUID
    resident_id: UUID | None
    household_id: UUID | None


@event("identity.role_granted")
@dataclass(frozen=True, kw_only=True)
class RoleGranted(Named):
    """An account holds a role over a scope from a day on, until a day or without end."""

    account_id: UUID
    role: str
    scope_kind: str
    scope_id: str
    from_on: date
    until_on: date | None
    name: str = ""
    grant_id: UUID | None = None


@event("identity.role_revoked")
@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Named):
    """An account no longer holds a role over a scope, for a `reason` it may hear."""

    account_id: UUID
    role: str
    scope_kind: str
    scope_id: str
    reason: str = ""
    grant_id: UUID | None = None
