"""Letting other systems in, giving them tokens and new secrets, shutting them out."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.identity.audits import usecases as audits
from services.identity.clients import repository
from services.identity.clients.domain import (
    Client,
    digest_of,
    granted_scopes,
    read_client_id,
    require_known_scopes,
    require_secret,
    rotate_secret,
    spell_client_id,
    spell_secret,
)
from services.identity.clients.errors import ClientRefusedError, GrantTypeError
from services.identity.entrance import Entrance
from shared.kernel.principal import AccountKind, Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A client and a secret told once; `old_until` says how long the one before still works."""

    client: Client
    client_id: str
    client_secret: str = field(repr=False)
    old_until: datetime | None = None


async def authenticate_client(
    *, entrance: Entrance, grant_type: str, client_id: str, client_secret: str, scope: str
) -> Principal:
    """Return who a system is, with the scopes it asked for.

    Errors: GrantTypeError, ClientRefusedError, ScopeRefusedError.
    Source: RFC 6749 §4.4.
    """
    if grant_type != "client_credentials":
        raise GrantTypeError(error="unsupported_grant_type")
    community_id, id_ = read_client_id(client_id)
    async with entrance.work_in(community_id) as uow:
        client = await repository.find_client(uow.session, id_)
        if client is None:
            raise ClientRefusedError(error="invalid_client")
        require_secret(await repository.list_secrets(uow.session, id_), client_secret, now=uow.now)
    return Principal(
        account_id=client.id,
        kind=AccountKind.CLIENT,
        community_id=community_id,
        name=client.name,
        scopes=granted_scopes(client, scope),
    )


async def register_client(*, uow: UnitOfWork, principal: Principal, name: str, scopes: Sequence[str]) -> IssuedSecret:
    """Let a system in with some rights, and make its first secret.

    Errors: ForbiddenError, ScopeUnknownError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    client = Client(uow.new_id(), uow.community_id, name, require_known_scopes(scopes), uow.now)
    await repository.add_client(uow.session, client, principal.account_id)
    issued = await _rotate(uow, client)
    await _record(uow, principal, "register_client", client, facts={"scopes": " ".join(sorted(client.scopes))})
    return issued


async def rotate_client_secret(*, uow: UnitOfWork, principal: Principal, client_id: UUID) -> IssuedSecret:
    """Make a new secret; the one before works for the overlap.

    Locks/IO: the client's row.
    Errors: ForbiddenError, ClientNotFoundError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    client = await repository.get_client_for_update(uow.session, client_id)
    issued = await _rotate(uow, client)
    await _record(uow, principal, "rotate_client_secret", client)
    return issued


async def disable_client(*, uow: UnitOfWork, principal: Principal, client_id: UUID) -> None:
    """Shut a system out; tokens it holds run out within fifteen minutes.

    Locks/IO: the client's row.
    Errors: ForbiddenError, ClientNotFoundError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    client = await repository.get_client_for_update(uow.session, client_id)
    await repository.disable_client(uow.session, replace(client, disabled_at=uow.now))
    await _record(uow, principal, "disable_client", client)


async def list_clients(*, uow: UnitOfWork, principal: Principal, page: PageRequest) -> Slice[Client]:
    """List the community's clients in the order they were let in.

    Errors: ForbiddenError.
    """
    principal.require(Role.COMMUNITY_ADMIN, Role.SUPERVISOR)
    return await repository.list_clients(uow.session, page)


async def _rotate(uow: UnitOfWork, client: Client) -> IssuedSecret:
    secret = spell_secret(secrets.token_bytes(32))
    before = await repository.list_secrets(uow.session, client.id)
    after = rotate_secret(before, secret_id=uow.new_id(), digest=digest_of(secret), now=uow.now)
    await repository.save_secrets(uow.session, client.community_id, client.id, after)
    still = [one.expires_at for one in after[1:] if one.works(uow.now) and one.expires_at is not None]
    return IssuedSecret(
        client, spell_client_id(client.community_id, client.id), secret, old_until=max(still, default=None)
    )


async def _record(
    uow: UnitOfWork, principal: Principal, act: str, client: Client, facts: dict[str, str] | None = None
) -> None:
    await audits.record_act(
        uow=uow,
        principal=principal,
        act=act,
        subject_kind="client",
        subject_id=client.id,
        facts={"name": client.name, **(facts or {})},
    )
