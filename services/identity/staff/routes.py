"""Staff over HTTP: sign in, be taken on, change and reset passwords.

Answers that hold secrets are not kept for replay under an Idempotency-Key: a secret is written down nowhere. The same request again
changes nothing and is told so; a lost answer is made good by a reset.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.identity.accounts.domain import AccountStatus
from services.identity.accounts.errors import AccountNotFoundError, AccountSuspendedError
from services.identity.bindings.errors import ResidentBoundError
from services.identity.dependencies import Cipher, CurrentEntrance, Signer
from services.identity.keys.errors import NoSigningKeyError
from services.identity.residents.errors import ResidentNotFoundError
from services.identity.roles.domain import WantedRole
from services.identity.roles.errors import (
    RoleHeldError,
    RoleNotGrantableError,
    RolePlaceUnknownError,
    RoleScopeError,
    SeparationOfDutiesError,
)
from services.identity.sessions.schemas import TokenPair
from services.identity.staff import usecases
from services.identity.staff.domain import NewColleague
from services.identity.staff.errors import (
    AccountLockedError,
    CommunityNeededError,
    PasswordChangeNeededError,
    PasswordTooWeakError,
    PasswordWrongError,
    SignInRefusedError,
    TooManyNewStaffError,
    TotpNeededError,
    TotpWrongError,
    UserNameTakenError,
)
from services.identity.staff.schemas import (
    IssuedSecretsRead,
    PasswordUpdate,
    ReasonCreate,
    StaffCreate,
    StaffRead,
    StaffSecretsRead,
    StaffSessionCreate,
    SuspensionUpdate,
)
from services.identity.staff.usecases import StaffMember
from services.identity.tokens import token_pair
from services.identity.unremembered import SHOWN_ONCE_ERRORS, UnrememberedUow
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["工作人员"], route_class=CommandRoute)

StatusQuery = Annotated[AccountStatus | None, Query(alias="status", description="Only accounts in this state.")]


@router.post(
    "/staff_sessions",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        SignInRefusedError,
        TotpNeededError,
        TotpWrongError,
        AccountLockedError,
        AccountSuspendedError,
        PasswordChangeNeededError,
        PasswordTooWeakError,
        CommunityNeededError,
        NoSigningKeyError,
    ),
)
async def sign_in_staff(body: StaffSessionCreate, entrance: CurrentEntrance, signer: Signer) -> TokenPair:
    """Sign in with user name, password and, for roles of weight, six digits.

    `identity.totp_needed` means that name and password are right and the digits are missing: ask for them and send everything again.
    `identity.password_change_needed` means that the password is still the one handed out: ask for one of his own and send everything
    again with it as `new_password`; it takes the old one's place, and all earlier log-ins end. Until then nobody is given a token.
    """
    signed_in = await usecases.sign_in_staff(
        entrance=entrance,
        user_name=body.user_name,
        password=body.password,
        totp_code=body.totp_code,
        new_password=body.new_password,
        community_id=body.community_id,
        device=body.device,
    )
    return await token_pair(signer, signed_in)


@router.post(
    "/staff",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *SHOWN_ONCE_ERRORS,
        ForbiddenError,
        TooManyNewStaffError,
        UserNameTakenError,
        PasswordTooWeakError,
        ResidentNotFoundError,
        ResidentBoundError,
        RoleNotGrantableError,
        RoleScopeError,
        RolePlaceUnknownError,
        RoleHeldError,
        SeparationOfDutiesError,
    ),
)
async def take_on_staff(
    body: StaffCreate, uow: UnrememberedUow, principal: CurrentPrincipal, cipher: Cipher
) -> StaffSecretsRead:
    """Take on colleagues, all of them or none. Community administrators only. The secrets are shown this once."""
    issued = await usecases.take_on_staff(
        uow=uow,
        principal=principal,
        cipher=cipher,
        colleagues=[
            NewColleague(
                user_name=one.user_name,
                name=one.name,
                password=one.password,
                resident_id=one.resident_id,
                roles=tuple(WantedRole(r.role, r.scope_kind, r.scope_id) for r in one.roles),
            )
            for one in body.items
        ],
    )
    return StaffSecretsRead(items=[IssuedSecretsRead.model_validate(one) for one in issued])


@router.get("/staff", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_staff(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    account_status: StatusQuery = None,
) -> Page[StaffRead]:
    """List the community's staff in the order they were taken on."""
    rows = await usecases.list_staff(uow=uow, principal=principal, status=account_status, page=page)
    return page_of(rows.map(_read), request, response)


@router.put(
    "/me/password",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*AUTH_ERRORS, PasswordWrongError, PasswordTooWeakError, AccountNotFoundError),
)
async def change_password(body: PasswordUpdate, uow: Uow, principal: CurrentPrincipal) -> None:
    """Give oneself a new password; every other log-in ends."""
    await usecases.change_password(
        uow=uow, principal=principal, present=body.present, new=body.new, keep_session_id=body.session_id
    )


@router.post(
    "/staff/{account_id}/password_resets",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *SHOWN_ONCE_ERRORS, ForbiddenError, AccountNotFoundError),
)
async def reset_password(
    account_id: UUID, body: ReasonCreate, uow: UnrememberedUow, principal: CurrentPrincipal, cipher: Cipher
) -> IssuedSecretsRead:
    """Give a colleague a new password and a new authenticator; every log-in ends. The secrets are shown this once."""
    issued = await usecases.reset_secrets(
        uow=uow, principal=principal, cipher=cipher, account_id=account_id, reason=body.reason
    )
    return IssuedSecretsRead.model_validate(issued)


@router.put(
    "/staff/{account_id}/suspension",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*AUTH_ERRORS, ForbiddenError, AccountNotFoundError),
)
async def set_suspended(account_id: UUID, body: SuspensionUpdate, uow: Uow, principal: CurrentPrincipal) -> None:
    """Close an account for sign-in, or open it again."""
    await usecases.set_suspended(
        uow=uow, principal=principal, account_id=account_id, is_suspended=body.is_suspended, reason=body.reason
    )


def _read(member: StaffMember) -> StaffRead:
    account = member.account
    return StaffRead.model_validate(
        {
            "id": account.id,
            "user_name": member.user_name,
            "name": account.name,
            "status": account.status,
            "resident_id": account.resident_id,
            "must_change_password": member.must_change_password,
            "created_at": account.created_at,
            "signed_in_at": account.signed_in_at,
        }
    )
