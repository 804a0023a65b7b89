"""Staff: signing in, being taken on, changing and resetting passwords, being suspended."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.identity.accounts import usecases as accounts
from services.identity.accounts.domain import Account, AccountStatus, Newcomer
from services.identity.audits import usecases as audits
from services.identity.entrance import Entrance
from services.identity.hashing import hash_password, matches
from services.identity.residents import usecases as residents
from services.identity.residents.errors import ResidentNotFoundError
from services.identity.roles import usecases as roles
from services.identity.roles.separation import needs_totp
from services.identity.sessions import usecases as sessions
from services.identity.sessions.domain import EndReason
from services.identity.sessions.usecases import SignedIn
from services.identity.staff import repository, totp
from services.identity.staff.domain import (
    MOST_AT_ONCE,
    Credential,
    NewColleague,
    fold_user_name,
    judge_attempt,
    require_unlocked,
)
from services.identity.staff.errors import (
    CommunityNeededError,
    PasswordWrongError,
    SignInRefusedError,
    TooManyNewStaffError,
    UserNameTakenError,
)
from services.identity.staff.lockout import Attempts, LockoutPolicy
from services.identity.staff.passwords import initial_password, normalise, require_strong
from shared.crypto import FieldCipher
from shared.kernel.errors import DomainError, ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

ISSUER = "缔园"


@dataclass(frozen=True, slots=True)
class IssuedSecrets:
    """A colleague's first or new secrets, told once and never again."""

    account_id: UUID
    user_name: str
    name: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    totp_uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A password of one's own in place of the present one, and its hash."""

    present: str = field(repr=False)
    new: str = field(repr=False)
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff as lists show them."""

    account: Account
    user_name: str
    must_change_password: bool


STAFF_READERS = (Role.COMMUNITY_ADMIN, Role.BRANCH_SECRETARY, Role.SUPERVISOR, Role.PROPERTY_MANAGER)


async def sign_in_staff(
    *,
    entrance: Entrance,
    user_name: str,
    password: str,
    totp_code: str | None,
    community_id: UUID | None,
    device: str,
    new_password: str | None = None,
    policy: LockoutPolicy | None = None,
) -> SignedIn:
    """Let a member of staff in; `new_password` takes the place of the one he proves to know, and every earlier log-in ends.

    Locks/IO: no transaction is open while passwords are hashed; the credential's row is locked while the attempt is judged.
    A mistake is counted and committed although the answer is a refusal; a new password that is too weak leaves all as it was.
    Errors: SignInRefusedError, TotpNeededError, TotpWrongError, AccountLockedError, AccountSuspendedError, CommunityNeededError,
    PasswordChangeNeededError, PasswordTooWeakError.
    """
    async with entrance.look_across() as uow:
        found = await repository.find_by_user_name(uow.session, fold_user_name(user_name))
    candidates = [one for one in found if community_id in {None, one.community_id}]
    if len(candidates) > 1:
        raise CommunityNeededError
    candidate = candidates[0] if candidates else None
    if candidate is not None:
        require_unlocked(candidate.attempts, entrance.clock.now())
    is_right = await matches(candidate.password_hash if candidate else None, normalise(password))
    if candidate is None:
        raise SignInRefusedError
    choice = None
    if is_right and new_password is not None:
        choice = _Choice(password, new_password, await hash_password(normalise(new_password)))
    async with entrance.work_in(candidate.community_id) as uow:
        outcome = await _judge(uow, entrance, candidate, is_right, totp_code, choice, device, policy or LockoutPolicy())
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


async def _judge(
    uow: UnitOfWork,
    entrance: Entrance,
    seen: Credential,
    is_right: bool,
    totp_code: str | None,
    choice: _Choice | None,
    device: str,
    policy: LockoutPolicy,
) -> SignedIn | DomainError:
    credential = await repository.get_for_update(uow.session, seen.account_id)
    account = await accounts.get_account(uow=uow, account_id=seen.account_id)
    held = await roles.roles_today(uow=uow, account_id=account.id)
    secret = totp.from_base32(entrance.cipher.decrypt(credential.totp_secret, _context_of(account.id)))
    step = (
        None
        if totp_code is None
        else totp.matching_step(secret, totp_code, at=uow.now, used_step=credential.totp_used_step)
    )
    is_weighty = needs_totp(grant.role for grant in held)
    verdict = judge_attempt(
        credential,
        status=account.status,
        # A password changed while this one was being checked makes the check worthless.
        is_right=is_right and credential.password_hash == seen.password_hash,
        needs_totp=is_weighty,
        has_code=totp_code is not None,
        step=step,
        has_new_password=choice is not None,
        now=uow.now,
        policy=policy,
    )
    await repository.save_attempt(uow.session, verdict.credential)
    if verdict.refusal is not None:
        return verdict.refusal
    if choice is not None:
        require_strong(choice.new, user_name=credential.user_name, present=choice.present)
        await _choose_password(uow, verdict.credential, choice.password_hash)
    return await sessions.open_session(
        uow=uow,
        account=account,
        device=device,
        refresh_key=entrance.refresh_key,
        # Asked for and right: otherwise the verdict would have been a refusal.
        has_totp=is_weighty,
    )


async def take_on_staff(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, colleagues: Sequence[NewColleague]
) -> list[IssuedSecrets]:
    """Take on members of staff, all of them or none, each with first roles; their secrets are in the answer and nowhere else.

    Errors: ForbiddenError, TooManyNewStaffError, UserNameTakenError, PasswordTooWeakError, ResidentNotFoundError, and those of
    granting a role.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    if len(colleagues) > MOST_AT_ONCE:
        raise TooManyNewStaffError(most=MOST_AT_ONCE)
    names = [fold_user_name(colleague.user_name) for colleague in colleagues]
    taken = [*await repository.list_taken(uow.session, names), *(n for i, n in enumerate(names) if n in names[:i])]
    if taken:
        raise UserNameTakenError(user_name=taken[0])
    enrolled = await enrol(uow=uow, cipher=cipher, colleagues=colleagues)
    await roles.grant_roles(
        uow=uow,
        principal=principal,
        wanted=[
            (account, want)
            for colleague, (account, _) in zip(colleagues, enrolled, strict=True)
            for want in colleague.roles
        ],
    )
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="take_on_staff",
        subject_kind="community",
        subject_id=uow.community_id,
        facts={"count": str(len(enrolled)), "user_names": " ".join(names)[:2000]},
    )
    return [told for _, told in enrolled]


async def enrol(
    *, uow: UnitOfWork, cipher: FieldCipher, colleagues: Sequence[NewColleague]
) -> list[tuple[Account, IssuedSecrets]]:
    """Open staff accounts with passwords and authenticators; who may do this is the caller's business.

    Locks/IO: passwords are hashed before the first row is written.
    Errors: PasswordTooWeakError, ResidentNotFoundError, UserNameTakenError, ResidentBoundError (by constraint).
    """
    for colleague in colleagues:
        if colleague.password is not None:
            require_strong(colleague.password, user_name=fold_user_name(colleague.user_name))
    newcomers = [
        Newcomer(colleague.name, colleague.resident_id, await _household_of(uow, colleague.resident_id))
        for colleague in colleagues
    ]
    passwords = [colleague.password or initial_password(secrets.token_bytes(24)) for colleague in colleagues]
    hashes = await asyncio.gather(*(hash_password(normalise(password)) for password in passwords))
    opened = await accounts.open_accounts(uow=uow, kind=AccountKind.STAFF, newcomers=newcomers)
    enrolled, credentials = [], []
    for account, colleague, password, password_hash in zip(opened, colleagues, passwords, hashes, strict=True):
        user_name = fold_user_name(colleague.user_name)
        blank = Credential(uow.community_id, account.id, user_name, password_hash, True, "", 0, Attempts())
        credential, told = _new_authenticator(blank, account.name, cipher, password)
        credentials.append(credential)
        enrolled.append((account, told))
    await repository.add_credentials(uow.session, credentials, uow.now)
    return enrolled


async def install_colleague(
    *, uow: UnitOfWork, cipher: FieldCipher, colleague: NewColleague, role: Role
) -> IssuedSecrets | None:
    """Take on a community's first administrator or township officer at the launcher's word, before anybody could grant the role.

    Who may do this is decided by who can run the launcher.

    Idempotency: by user name; None when the colleague is there already.
    """
    if await repository.list_taken(uow.session, [fold_user_name(colleague.user_name)]):
        return None
    ((account, told),) = await enrol(uow=uow, cipher=cipher, colleagues=[colleague])
    await roles.install_role(uow=uow, account_id=account.id, name=account.name, role=role)
    return told


async def keep_passwords(*, uow: UnitOfWork) -> None:
    """Let everybody in the community keep the password that was handed out, as if it were of his own choice.

    Who may do this is decided by who can run the launcher: in a community of invented people, whose passwords are printed.
    """
    await repository.save_as_chosen(uow.session)


async def change_password(
    *, uow: UnitOfWork, principal: Principal, present: str, new: str, keep_session_id: UUID | None
) -> None:
    """Give oneself a new password; every other log-in of the account ends.

    Locks/IO: the credential's row, while the password is hashed.
    Errors: PasswordWrongError, PasswordTooWeakError, AccountNotFoundError for residents, who have none.
    """
    credential = await repository.get_for_update(uow.session, principal.account_id)
    if not await matches(credential.password_hash, normalise(present)):
        raise PasswordWrongError
    require_strong(new, user_name=credential.user_name, present=present)
    await _choose_password(uow, credential, await hash_password(normalise(new)), keep_session_id=keep_session_id)


async def _choose_password(
    uow: UnitOfWork, credential: Credential, password_hash: str, *, keep_session_id: UUID | None = None
) -> None:
    chosen = replace(credential, password_hash=password_hash, must_change_password=False)
    await repository.save_secrets(uow.session, chosen, uow.now)
    await sessions.end_all_sessions(
        uow=uow, account_id=credential.account_id, reason=EndReason.PASSWORD_CHANGED, but=keep_session_id
    )


async def reset_secrets(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, account_id: UUID, reason: str
) -> IssuedSecrets:
    """Give a colleague who lost password or telephone new ones; every log-in of the account ends.

    Locks/IO: the credential's row.
    Errors: ForbiddenError, AccountNotFoundError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    credential = await repository.get_for_update(uow.session, account_id)
    account = await accounts.get_account(uow=uow, account_id=account_id)
    password = initial_password(secrets.token_bytes(24))
    renewed = replace(credential, password_hash=await hash_password(normalise(password)), must_change_password=True)
    changed, told = _new_authenticator(renewed, account.name, cipher, password)
    await repository.save_secrets(uow.session, changed, uow.now)
    await sessions.end_all_sessions(uow=uow, account_id=account_id, reason=EndReason.PASSWORD_CHANGED)
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="reset_secrets",
        subject_kind="account",
        subject_id=account_id,
        reason=reason,
    )
    return told


async def set_suspended(
    *, uow: UnitOfWork, principal: Principal, account_id: UUID, is_suspended: bool, reason: str
) -> None:
    """Close an account for sign-in, or open it again; closing ends every log-in.

    Errors: ForbiddenError, also for one's own account; AccountNotFoundError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    if account_id == principal.account_id:
        raise ForbiddenError
    await accounts.get_account(uow=uow, account_id=account_id, for_update=True)
    status = AccountStatus.SUSPENDED if is_suspended else AccountStatus.ACTIVE
    await accounts.set_status(uow=uow, account_id=account_id, status=status)
    if is_suspended:
        await sessions.end_all_sessions(uow=uow, account_id=account_id, reason=EndReason.ACCOUNT_CLOSED)
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="suspend_account" if is_suspended else "reopen_account",
        subject_kind="account",
        subject_id=account_id,
        reason=reason,
    )


async def list_staff(
    *, uow: UnitOfWork, principal: Principal, status: AccountStatus | None, page: PageRequest
) -> Slice[StaffMember]:
    """List the community's staff.

    Errors: ForbiddenError.
    """
    principal.require(*STAFF_READERS)
    found = await accounts.list_accounts(uow=uow, kind=AccountKind.STAFF, status=status, page=page)
    names = await repository.read_user_names(uow.session, [account.id for account in found.rows])
    return found.map(lambda account: StaffMember(account, *names.get(account.id, ("", False))))


def _new_authenticator(
    credential: Credential, name: str, cipher: FieldCipher, password: str
) -> tuple[Credential, IssuedSecrets]:
    secret = secrets.token_bytes(totp.SECRET_BYTES)
    sealed = cipher.encrypt(totp.to_base32(secret), _context_of(credential.account_id))
    told = IssuedSecrets(
        account_id=credential.account_id,
        user_name=credential.user_name,
        name=name,
        password=password,
        totp_secret=totp.to_base32(secret),
        totp_uri=totp.provisioning_uri(secret, issuer=ISSUER, label=credential.user_name),
    )
    return replace(credential, totp_secret=sealed, totp_used_step=0), told


async def _household_of(uow: UnitOfWork, resident_id: UUID | None) -> UUID | None:
    if resident_id is None:
        return None
    resident = await residents.find_resident(uow=uow, community_id=uow.community_id, resident_id=resident_id)
    if resident is None:
        raise ResidentNotFoundError
    return resident.household_id


def _context_of(account_id: UUID) -> str:
    return f"identity.staff_credential:{account_id}"
