"""Giving roles, taking them back, and saying which count today."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.identity.accounts import usecases as accounts
from services.identity.accounts.domain import Account
from services.identity.audits import usecases as audits
from services.identity.audits.domain import Act
from services.identity.places import usecases as places
from services.identity.roles import repository
from services.identity.roles.domain import Grant, WantedRole, decide_grant, require_grantor, require_scope, revoke_grant
from services.identity.roles.errors import RolePlaceUnknownError, TotpRequiredError
from services.identity.roles.separation import needs_totp
from shared.contracts.events import RoleGranted, RoleRevoked
from shared.kernel.clock import local_date
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
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

    Locks/IO: the account's row, then those of `grant_roles`.
    Errors: RoleNotGrantableError, AccountNotFoundError and the other ones of `grant_roles`.
    """
    held = [grant.role for grant in principal.roles]
    require_grantor(held, role=role, grantor=principal.account_id, account_id=account_id)
    account = await accounts.get_account(uow=uow, account_id=account_id, for_update=True)
    wanted = WantedRole(role, scope_kind, scope_id, from_on, until_on)
    (grant,) = await grant_roles(uow=uow, principal=principal, wanted=[(account, wanted)])
    return grant


async def grant_roles(
    *, uow: UnitOfWork, principal: Principal, wanted: Sequence[tuple[Account, WantedRole]]
) -> list[Grant]:
    """Give roles to accounts that are locked or new, all of them or none.

    Locks/IO: the community's grants, then the audit chain; a handful of statements, whatever the number of roles.
    Errors: RoleNotGrantableError, RoleScopeError, RolePlaceUnknownError, RolePeriodError, RoleHeldError, SeparationOfDutiesError,
    TotpRequiredError.
    """
    await repository.lock_grants(uow.session, uow.community_id)
    people = {account.id: await accounts.list_accounts_of(uow=uow, account=account) for account, _ in wanted}
    everybody = {one.id for person in people.values() for one in person}
    held = list(await repository.list_held(uow.session, everybody))
    places_seen: set[tuple[ScopeKind, str]] = set()
    grants = []
    for account, want in wanted:
        require_grantor(
            (grant.role for grant in principal.roles),
            role=want.role,
            grantor=principal.account_id,
            account_id=account.id,
        )
        if account.kind is not AccountKind.STAFF and needs_totp([want.role]):
            raise TotpRequiredError(role=want.role.value)
        scope_id = str(uow.community_id) if want.scope_kind is ScopeKind.COMMUNITY else want.scope_id
        require_scope(want.role, want.scope_kind, scope_id)
        if (want.scope_kind, scope_id) not in places_seen:
            await _require_place(uow, want.scope_kind, scope_id)
            places_seen.add((want.scope_kind, scope_id))
        person = {one.id for one in people[account.id]}
        grant = decide_grant(
            grant_id=uow.new_id(),
            account_id=account.id,
            role=want.role,
            scope_kind=want.scope_kind,
            scope_id=scope_id,
            from_on=want.from_on or local_date(uow.now),
            until_on=want.until_on,
            held=[one for one in held if one.account_id in person],
            granted_by=principal.account_id,
            now=uow.now,
        )
        held.append(grant)
        grants.append(grant)
        _announce_grant(uow, grant, account.name)
    await repository.add_grants(uow.session, uow.community_id, grants)
    await audits.record_acts(uow=uow, principal=principal, acts=[_act_of(grant) for grant in grants])
    return grants


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
    await repository.add_grants(uow.session, uow.community_id, [grant])
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
            reason=reason,
            grant_id=grant.id,
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


def _act_of(grant: Grant) -> Act:
    facts = {"role": grant.role.value, "scope": f"{grant.scope_kind}:{grant.scope_id}", "grant_id": str(grant.id)}
    return Act("grant_role", "account", str(grant.account_id), "", facts)


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
            grant_id=grant.id,
        ),
    )
