"""Who is to be told: an audience named by what they are, resolved to accounts when something happens."""

from dataclasses import dataclass
from uuid import UUID

from shared.kernel.principal import Role, ScopeKind


@dataclass(frozen=True, slots=True)
class Household:
    """Every account of a household."""

    household_id: UUID


@dataclass(frozen=True, slots=True)
class People:
    """The accounts of persons of the roster, as long as they live here."""

    resident_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts known by id; None among them is nobody."""

    account_ids: tuple[UUID | None, ...]


@dataclass(frozen=True, slots=True)
class Holders:
    """Whoever holds one of the roles today over the scope, or over the whole community."""

    roles: tuple[Role, ...]
    scope_kind: ScopeKind | None = None
    scope_id: str | None = None


@dataclass(frozen=True, slots=True)
class Residents:
    """Every account of a resident who lives in the community, or in one of its grids or buildings."""

    scope_kind: ScopeKind = ScopeKind.COMMUNITY
    scope_id: UUID | None = None


Audience = Household | People | Accounts | Holders | Residents


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account and whom it belongs to, as identity told it last. Staff have no household unless they live here."""

    account_id: UUID
    kind: str
    household_id: UUID | None
    resident_id: UUID | None
    wechat_openid: str | None
