"""Giving roles, taking them back, and saying which count today."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.identity.accounts import usecases as accounts
from services.identity.audits import usecases as audits
from services.identity.places import usecases as places
from services.identity.roles import repository
from services.identity.roles.domain import Grant, decide_grant, require_grantor, require_scope, revoke_grant
from services.identity.roles.errors import RolePlaceUnknownError
from shared.contracts.events import RoleGranted, RoleRevoked
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role, RoleGrant, ScopeKind
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def grant_role(
    *,
    uow: UnitOfWork,
    principal: Principal,
    account_id: UUID,
    role: Role,
    scope_kind: ScopeKind,
    scope_id: str,
    from_on: date | None = None,
    until_on: date | None = None,
) -> Grant:
    """Give an account a role over a scope for a period, beginning today unless said otherwise.

    Locks/IO: the account's row, so that two grants of one person are decided one after the other.
    Errors: RoleNotGrantableError, AccountNotFoundError, RoleScopeError, RolePlaceUnknownError, RolePeriodError, RoleHeldError,
    SeparationOfDutiesError.
    """
    require_grantor(
        (held.role for held in principal.roles), role=role, grantor=principal.account_id, account_id=account_id
    )
    scope_id = str(uow.community_id) if scope_kind is ScopeKind.COMMUNITY else scope_id
    require_scope(role, scope_kind, scope_id)
    await _require_place(uow, scope_kind, scope_id)
    account = await accounts.get_account(uow=uow, account_id=account_id, for_update=True)
    person = await accounts.list_accounts_of(uow=uow, account=account)
    grant = decide_grant(
        grant_id=uow.new_id(),
        account_id=account_id,
        role=role,
        scope_kind=scope_kind,
        scope_id=scope_id,
        from_on=from_on or local_date(uow.now),
        until_on=until_on,
        held=await repository.list_held(uow.session, [one.id for one in person]),
        granted_by=principal.account_id,
        now=uow.now,
    )
    await repository.add_grant(uow.session, uow.community_id, grant)
    _announce_grant(uow, grant, account.name)
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="grant_role",
        subject_kind="account",
        subject_id=account_id,
        facts={"role": role.value, "scope": f"{scope_kind}:{grant.scope_id}", "grant_id": str(grant.id)},
    )
    return grant


async def install_role(*, uow: UnitOfWork, account_id: UUID, name: str, role: Role) -> Grant:
    """Give a community-wide role at the launcher's word, before there is anybody who could grant it.

    Errors: RoleHeldError (by constraint), RoleScopeError.
    """
    grant = decide_grant(
        grant_id=uow.new_id(),
        account_id=account_id,
        role=role,
        scope_kind=ScopeKind.COMMUNITY,
        scope_id=str(uow.community_id),
        from_on=local_date(uow.now),
        until_on=None,
        held=await repository.list_held(uow.session, [account_id]),
        granted_by=account_id,
        now=uow.now,
    )
    await repository.add_grant(uow.session, uow.community_id, grant)
    _announce_grant(uow, grant, name)
    return grant


async def revoke_role(*, uow: UnitOfWork, principal: Principal, grant_id: UUID, reason: str) -> Grant:
    """Take a role back; tokens that carry it run out within a quarter of an hour.

    Locks/IO: the grant's row.
    Errors: RoleGrantNotFoundError, RoleNotGrantableError.
    """
    grant = await repository.get_grant_for_update(uow.session, grant_id)
    require_grantor(
        (held.role for held in principal.roles),
        role=grant.role,
        grantor=principal.account_id,
        account_id=grant.account_id,
    )
    revoked = revoke_grant(grant, by=principal.account_id, reason=reason, now=uow.now)
    await repository.save_revocation(uow.session, revoked)
    uow.announce(
        grant.account_id,
        RoleRevoked(
            account_id=grant.account_id,
            role=grant.role.value,
            scope_kind=grant.scope_kind.value,
            scope_id=grant.scope_id,
        ),
    )
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="revoke_role",
        subject_kind="account",
        subject_id=grant.account_id,
        reason=reason,
        facts={"role": grant.role.value, "grant_id": str(grant.id)},
    )
    return revoked


async def list_role_grants(
    *,
    uow: UnitOfWork,
    principal: Principal,
    account_id: UUID | None,
    role: Role | None,
    is_standing: bool | None,
    page: PageRequest,
) -> Slice[Grant]:
    """List grants the caller may see."""
    return await repository.list_grants(
        uow.session, principal, account_id=account_id, role=role, is_standing=is_standing, page=page
    )


async def roles_today(*, uow: UnitOfWork, account_id: UUID) -> frozenset[RoleGrant]:
    """Return the roles an account holds today, as a token carries them."""
    held: Sequence[Grant] = await repository.list_held(uow.session, [account_id], on=local_date(uow.now))
    return frozenset(grant.reach for grant in held)


async def _require_place(uow: UnitOfWork, scope_kind: ScopeKind, scope_id: str) -> None:
    if scope_kind not in {ScopeKind.GRID, ScopeKind.BUILDING}:
        return
    try:
        place_id = UUID(scope_id)
    except ValueError:
        raise RolePlaceUnknownError from None
    is_grid = scope_kind is ScopeKind.GRID
    if not await places.has_place(
        uow=uow, grid_id=place_id if is_grid else None, building_id=None if is_grid else place_id
    ):
        raise RolePlaceUnknownError


def _announce_grant(uow: UnitOfWork, grant: Grant, name: str) -> None:
    uow.announce(
        grant.account_id,
        RoleGranted(
            account_id=grant.account_id,
            role=grant.role.value,
            scope_kind=grant.scope_kind.value,
            scope_id=grant.scope_id,
            from_on=grant.from_on,
            until_on=grant.until_on,
            name=name,
        ),
    )
