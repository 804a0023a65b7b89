"""Residents over HTTP: sign in by WeChat, be tied to the roster, be untied.

Codes and tokens are not kept for replay under an Idempotency-Key: a secret is written down nowhere. A card code may be sent again by
the WeChat user it bound.
"""

from typing import assert_never
from uuid import UUID

from fastapi import APIRouter, status

from services.identity.accounts.errors import AccountNotFoundError, AccountSuspendedError
from services.identity.bindings import usecases
from services.identity.bindings.errors import (
    BindingTokenInvalidError,
    CardCodeMistypedError,
    CardCodeSpentError,
    CardCodeUnknownError,
    MemberUnknownError,
    PhoneSharedError,
    PhoneUnknownError,
    ResidentBoundError,
    WechatBoundError,
)
from services.identity.bindings.schemas import (
    BindingCreate,
    CodeCreate,
    CodeRead,
    UnbindingCreate,
    WechatSessionCreate,
    WechatSessionRead,
)
from services.identity.bindings.usecases import Unbound
from services.identity.dependencies import Cipher, CurrentEntrance, Signer, Wechat
from services.identity.households.errors import HouseholdNotFoundError
from services.identity.keys.errors import NoSigningKeyError
from services.identity.sessions.schemas import TokenPair
from services.identity.sessions.usecases import SignedIn
from services.identity.tokens import token_pair
from services.identity.unremembered import SHOWN_ONCE_ERRORS, UnrememberedUow
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems
from shared.wechat_errors import (
    WechatAddressError,
    WechatAppError,
    WechatBusyError,
    WechatCodeInvalidError,
    WechatCodeUsedError,
    WechatError,
    WechatForeignPhoneError,
    WechatPermissionError,
    WechatQuotaError,
    WechatRiskyUserError,
    WechatTokenError,
    WechatUnreachableError,
)

router = APIRouter(prefix="/api/v1/identity", tags=["居民登录"], route_class=CommandRoute)

_WECHAT = (
    WechatError,
    WechatUnreachableError,
    WechatBusyError,
    WechatQuotaError,
    WechatAppError,
    WechatAddressError,
    WechatPermissionError,
    WechatCodeInvalidError,
    WechatCodeUsedError,
    WechatRiskyUserError,
)
_ENTERING = (AccountNotFoundError, AccountSuspendedError, NoSigningKeyError)


@router.post("/wechat_sessions", status_code=status.HTTP_201_CREATED, responses=problems(*_WECHAT, *_ENTERING))
async def sign_in_wechat(
    body: WechatSessionCreate, entrance: CurrentEntrance, wechat: Wechat, signer: Signer
) -> WechatSessionRead:
    """Sign in with the code of `wx.login`. Somebody not yet bound gets a binding token instead of tokens."""
    outcome = await usecases.sign_in_wechat(
        entrance=entrance, wechat=wechat, code=body.code, community_id=body.community_id, device=body.device
    )
    match outcome:
        case SignedIn():
            tokens = await token_pair(signer, outcome)
            return WechatSessionRead(state="signed_in", tokens=tokens, binding_token=None, expires_in=None)
        case Unbound():
            return WechatSessionRead(
                state="unbound",
                tokens=None,
                binding_token=outcome.binding_token,
                expires_in=outcome.expires_in_seconds,
            )
        case _:
            assert_never(outcome)


@router.post(
    "/bindings",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *_WECHAT,
        *_ENTERING,
        WechatTokenError,
        WechatForeignPhoneError,
        BindingTokenInvalidError,
        CardCodeMistypedError,
        CardCodeUnknownError,
        CardCodeSpentError,
        MemberUnknownError,
        PhoneUnknownError,
        PhoneSharedError,
        ResidentBoundError,
        WechatBoundError,
    ),
)
async def bind_wechat(body: BindingCreate, entrance: CurrentEntrance, wechat: Wechat, signer: Signer) -> TokenPair:
    """Tie the WeChat user to a person on the roster, by the code on the household's card or by telephone number, and sign in."""
    signed_in = await usecases.bind(
        entrance=entrance,
        wechat=wechat,
        binding_token=body.binding_token,
        card_code=body.card_code,
        phone_code=body.phone_code,
        name=body.name,
        device=body.device,
    )
    return await token_pair(signer, signed_in)


@router.post(
    "/households/{household_id}/card_codes",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *SHOWN_ONCE_ERRORS,
        ForbiddenError,
        HouseholdNotFoundError,
        MemberUnknownError,
    ),
)
async def issue_card_code(
    household_id: UUID, body: CodeCreate, uow: UnrememberedUow, principal: CurrentPrincipal, cipher: Cipher
) -> CodeRead:
    """Make a code: for one member at the desk, or a new card for the household.

    Grid worker of the household's grid, community administrator; a householder for members of the own household. Shown this once.
    """
    issued = await usecases.issue_code(
        uow=uow, principal=principal, cipher=cipher, household_id=household_id, resident_id=body.resident_id
    )
    return CodeRead(
        household_id=issued.household_id,
        resident_id=issued.resident_id,
        code=issued.code,
        expires_in=int(issued.lifetime.total_seconds()),
    )


@router.post(
    "/residents/{resident_id}/unbindings",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, AccountNotFoundError),
)
async def unbind_resident(resident_id: UUID, body: UnbindingCreate, uow: Uow, principal: CurrentPrincipal) -> None:
    """Untie a resident's WeChat at the desk, so that a new one can be bound. Grid worker or community administrator."""
    await usecases.unbind_resident(uow=uow, principal=principal, resident_id=resident_id, reason=body.reason)


@router.delete(
    "/me",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*AUTH_ERRORS, ForbiddenError, AccountNotFoundError),
)
async def delete_own_account(uow: Uow, principal: CurrentPrincipal) -> None:
    """Delete the caller's account as a resident. Points and votes of the household stay; the name goes."""
    await usecases.delete_own_account(uow=uow, principal=principal)
