"""Log-ins over HTTP: refresh, list, end, and who am I."""

from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from services.identity.accounts.errors import AccountNotFoundError, AccountSuspendedError
from services.identity.dependencies import CurrentEntrance, Signer
from services.identity.keys.errors import NoSigningKeyError
from services.identity.sessions import usecases
from services.identity.sessions.errors import (
    RefreshRefusedError,
    RefreshReusedError,
    SecondProofNeededError,
    SessionNotFoundError,
)
from services.identity.sessions.schemas import MeRead, RefreshCreate, RoleRead, SessionRead, TokenPair
from services.identity.tokens import token_pair
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["登录"], route_class=CommandRoute)


@router.post(
    "/refreshes",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        RefreshRefusedError, RefreshReusedError, SecondProofNeededError, AccountSuspendedError, NoSigningKeyError
    ),
)
async def refresh_session(body: RefreshCreate, entrance: CurrentEntrance, signer: Signer) -> TokenPair:
    """Exchange a refresh token for new tokens.

    A refresh token is good once. Sent again within seconds it gives the same next token (a lost answer); sent later it was copied, and
    the whole log-in ends. `identity.second_proof_needed`: a role that asks for six digits was given meanwhile, sign in anew with them.
    """
    return await token_pair(signer, await usecases.refresh_session(entrance=entrance, token=body.refresh_token))


@router.get("/sessions", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_sessions(
    uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[SessionRead]:
    """List the caller's open log-ins, last used first."""
    rows = await usecases.list_sessions(uow=uow, principal=principal, page=page)
    return page_of(rows.map(SessionRead.model_validate), request, response)


@router.delete(
    "/sessions/{session_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*AUTH_ERRORS, SessionNotFoundError),
)
async def end_session(session_id: UUID, uow: Uow, principal: CurrentPrincipal) -> None:
    """End a log-in: sign out here, or on a device that was lost. Its access token runs out within fifteen minutes."""
    await usecases.end_own_session(uow=uow, principal=principal, session_id=session_id)


@router.get("/me", responses=problems(*AUTH_ERRORS, AccountNotFoundError))
async def get_me(uow: Uow, principal: CurrentPrincipal) -> MeRead:
    """Return who the caller is today: roles and household as they stand now."""
    me = await usecases.describe_me(uow=uow, principal=principal)
    grants = sorted(me.principal.roles, key=lambda g: (g.role, g.scope_kind, g.scope_id))
    return MeRead(
        account_id=me.principal.account_id,
        kind=me.principal.kind,
        name=me.principal.name,
        community_id=me.principal.community_id,
        household_id=me.principal.household_id,
        resident_id=me.principal.resident_id,
        roles=[RoleRead.model_validate(grant) for grant in grants],
        scopes=sorted(me.principal.scopes),
        missing_consents=[kind.value for kind in me.missing_consents],
    )
