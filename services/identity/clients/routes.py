"""Other systems over HTTP: tokens for them, and their keeping.

Answers that hold secrets are not kept for replay under an Idempotency-Key: a secret is written down nowhere.
"""

import base64
import binascii
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Header, Request, Response, status

from services.identity.clients import usecases
from services.identity.clients.domain import TOKEN_LIFETIME, Client, spell_client_id
from services.identity.clients.errors import (
    ClientNotFoundError,
    ClientRefusedError,
    GrantTypeError,
    ScopeRefusedError,
    ScopeUnknownError,
)
from services.identity.clients.schemas import ClientCreate, ClientRead, ClientSecretRead, TokenForm, TokenRead
from services.identity.clients.usecases import IssuedSecret
from services.identity.dependencies import CurrentEntrance, Signer
from services.identity.keys.errors import NoSigningKeyError
from services.identity.unremembered import SHOWN_ONCE_ERRORS, UnrememberedUow
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["接入系统"], route_class=CommandRoute)


def _credentials(form: TokenForm, authorization: str | None) -> tuple[str, str]:
    """Return id and secret from HTTP Basic or from the form (RFC 6749 §2.3.1)."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return form.client_id, form.client_secret
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ClientRefusedError(error="invalid_client") from error
    return client_id, secret


@router.post(
    "/oauth/token", responses=problems(ClientRefusedError, GrantTypeError, ScopeRefusedError, NoSigningKeyError)
)
async def issue_client_token(
    form: Annotated[TokenForm, Form()],
    entrance: CurrentEntrance,
    signer: Signer,
    response: Response,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> TokenRead:
    """Give a system a token for its client credentials (OAuth 2, RFC 6749 §4.4).

    Refusals are problem documents that also carry `error` as RFC 6749 names it.
    """
    client_id, client_secret = _credentials(form, authorization)
    principal = await usecases.authenticate_client(
        entrance=entrance,
        grant_type=form.grant_type,
        client_id=client_id,
        client_secret=client_secret,
        scope=form.scope,
    )
    access = await signer.sign(principal, lifetime=TOKEN_LIFETIME)
    response.headers["Cache-Control"] = "no-store"
    return TokenRead(
        access_token=access.value,
        token_type="Bearer",  # noqa: S106 - the word of RFC 6750.
        expires_in=access.expires_in_seconds,
        scope=" ".join(sorted(principal.scopes)),
    )


@router.post(
    "/clients",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *SHOWN_ONCE_ERRORS, ForbiddenError, ScopeUnknownError),
)
async def register_client(body: ClientCreate, uow: UnrememberedUow, principal: CurrentPrincipal) -> ClientSecretRead:
    """Let a system in. Community administrators only. The secret is shown this once."""
    issued = await usecases.register_client(uow=uow, principal=principal, name=body.name, scopes=body.scopes)
    return _with_secret(issued)


@router.get("/clients", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_clients(
    uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[ClientRead]:
    """List the systems that were let in, those shut out included."""
    rows = await usecases.list_clients(uow=uow, principal=principal, page=page)
    return page_of(rows.map(lambda client: ClientRead.model_validate(_members(client))), request, response)


@router.post(
    "/clients/{client_id}/secrets",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *SHOWN_ONCE_ERRORS, ForbiddenError, ClientNotFoundError),
)
async def rotate_client_secret(client_id: UUID, uow: UnrememberedUow, principal: CurrentPrincipal) -> ClientSecretRead:
    """Make a new secret; the one before works for another seven days. The secret is shown this once."""
    return _with_secret(await usecases.rotate_client_secret(uow=uow, principal=principal, client_id=client_id))


@router.delete(
    "/clients/{client_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*AUTH_ERRORS, ForbiddenError, ClientNotFoundError),
)
async def disable_client(client_id: UUID, uow: Uow, principal: CurrentPrincipal) -> None:
    """Shut a system out; tokens it holds run out within fifteen minutes."""
    await usecases.disable_client(uow=uow, principal=principal, client_id=client_id)


def _members(client: Client) -> dict[str, object]:
    return {
        "id": client.id,
        "client_id": spell_client_id(client.community_id, client.id),
        "name": client.name,
        "scopes": sorted(client.scopes),
        "created_at": client.created_at,
        "disabled_at": client.disabled_at,
    }


def _with_secret(issued: IssuedSecret) -> ClientSecretRead:
    return ClientSecretRead.model_validate(
        _members(issued.client) | {"client_secret": issued.client_secret, "old_secret_until": issued.old_until}
    )
