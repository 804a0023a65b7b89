"""Opening, refreshing, listing and ending log-ins."""

import secrets
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.identity.accounts import usecases as accounts
from services.identity.accounts.domain import Account
from services.identity.accounts.errors import AccountNotFoundError
from services.identity.consents import usecases as consents
from services.identity.consents.domain import ConsentKind
from services.identity.entrance import Entrance
from services.identity.residents import usecases as residents
from services.identity.roles import usecases as roles
from services.identity.roles.separation import needs_totp
from services.identity.sessions import repository
from services.identity.sessions.domain import (
    EndReason,
    Rotated,
    Session,
    TokenClaim,
    end_session,
    is_authentic,
    read_refresh_token,
    refresh,
    refresh_token,
    require_proof,
    start_session,
)
from services.identity.sessions.errors import RefreshRefusedError, RefreshReusedError, SessionNotFoundError
from shared.crypto import mask_name
from shared.kernel.errors import DomainError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who may now be given tokens."""

    principal: Principal
    session: Session
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Me:
    """The caller as the database knows him now."""

    principal: Principal
    missing_consents: list[ConsentKind]


async def open_session(
    *,
    uow: UnitOfWork,
    account: Account,
    device: str,
    refresh_key: bytes,
    has_totp: bool = False,
) -> SignedIn:
    """Start a log-in for somebody who has just proved who he is."""
    session = start_session(
        session_id=uow.new_id(),
        community_id=uow.community_id,
        account_id=account.id,
        kind=account.kind,
        salt=secrets.token_bytes(16),
        device=device,
        now=uow.now,
        has_totp=has_totp,
    )
    await repository.add_session(uow.session, session)
    await accounts.record_sign_in(uow=uow, account_id=account.id)
    principal = await read_principal(uow=uow, account=account)
    token = refresh_token(session, key=refresh_key)
    return SignedIn(principal, session, token)


async def read_principal(*, uow: UnitOfWork, account: Account) -> Principal:
    """Return who an account is today: its roles, and its place on the roster as it stands now.

    Somebody who has left the roster keeps the account but loses household and residents' roles. A resident's account has no
    authenticator, so no role of weight counts on it.
    """
    granted = await roles.roles_today(uow=uow, account_id=account.id)
    if account.kind is AccountKind.RESIDENT:
        granted = frozenset(grant for grant in granted if not needs_totp([grant.role]))
    principal = Principal(
        account_id=account.id,
        kind=account.kind,
        community_id=account.community_id,
        name=account.name,
        roles=granted,
    )
    if account.resident_id is None:
        return principal
    resident = await residents.find_resident(
        uow=uow, community_id=account.community_id, resident_id=account.resident_id
    )
    if resident is None:
        return principal
    derived = {
        Role.RESIDENT: True,
        Role.HOUSEHOLDER: resident.is_householder,
        Role.PARTY_MEMBER: resident.is_party_member,
    }
    derived[Role.REPRESENTATIVE] = resident.is_representative
    own = {RoleGrant(role, ScopeKind.COMMUNITY, str(account.community_id)) for role, holds in derived.items() if holds}
    return replace(
        principal,
        household_id=resident.household_id,
        resident_id=resident.resident_id,
        name=mask_name(resident.name) if account.kind is AccountKind.RESIDENT else account.name,
        roles=granted | own,
    )


async def refresh_session(*, entrance: Entrance, token: str) -> SignedIn:
    """Exchange a refresh token for the next one.

    Locks/IO: the session's row. A reused token ends the family, and that is committed although the answer is a refusal.
    Errors: RefreshRefusedError, RefreshReusedError, SecondProofNeededError, AccountSuspendedError.
    Idempotency: the same token again within seconds gives the same next token.
    """
    claim = read_refresh_token(token)
    async with entrance.work_in(claim.community_id) as uow:
        outcome = await _refresh(uow, claim, entrance.refresh_key)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


async def _refresh(uow: UnitOfWork, claim: TokenClaim, key: bytes) -> SignedIn | DomainError:
    session = await repository.find_session_for_update(uow.session, claim.session_id)
    if session is None or not is_authentic(claim, session, key=key):
        return RefreshRefusedError()
    try:
        decision = refresh(session, generation=claim.generation, now=uow.now)
        account = await accounts.get_account(uow=uow, account_id=session.account_id)
        account.require_active()
        principal = await read_principal(uow=uow, account=account)
        if isinstance(decision, Rotated):
            require_proof(decision.session, needs_totp=needs_totp(grant.role for grant in principal.roles))
    except AccountNotFoundError:
        return RefreshRefusedError()
    except DomainError as refusal:
        return refusal
    await repository.save_session(uow.session, decision.session)
    if not isinstance(decision, Rotated):
        return RefreshReusedError()
    return SignedIn(principal, decision.session, refresh_token(decision.session, key=key))


async def list_sessions(*, uow: UnitOfWork, principal: Principal, page: PageRequest) -> Slice[Session]:
    """List the caller's own log-ins, last used first."""
    return await repository.list_open(uow.session, principal.account_id, page)


async def end_own_session(*, uow: UnitOfWork, principal: Principal, session_id: UUID) -> None:
    """End one of the caller's log-ins: this device, or one that was lost.

    Locks/IO: the session's row.
    Errors: SessionNotFoundError, for somebody else's too.
    Idempotency: ending it again changes nothing.
    """
    session = await repository.find_session_for_update(uow.session, session_id)
    if session is None or session.account_id != principal.account_id:
        raise SessionNotFoundError
    await repository.save_session(uow.session, end_session(session, reason=EndReason.SIGNED_OUT, now=uow.now))


async def describe_me(*, uow: UnitOfWork, principal: Principal) -> Me:
    """Return who the caller is today and what he still has to agree to.

    Errors: AccountNotFoundError when the account was deleted since the token was signed.
    """
    if principal.kind is AccountKind.CLIENT:
        return Me(principal, [])
    account = await accounts.get_account(uow=uow, account_id=principal.account_id)
    missing = await consents.list_missing(uow=uow, account_id=account.id)
    return Me(await read_principal(uow=uow, account=account), missing)


async def end_all_sessions(*, uow: UnitOfWork, account_id: UUID, reason: EndReason, but: UUID | None = None) -> int:
    """End every log-in of an account and return how many there were."""
    return await repository.end_all(uow.session, account_id, reason=reason, now=uow.now, but=but)
