"""How residents come in: by WeChat, once they are tied to a person on the roster."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.identity.accounts import usecases as accounts
from services.identity.accounts.domain import Account
from services.identity.accounts.errors import AccountNotFoundError
from services.identity.audits import usecases as audits
from services.identity.bindings import repository
from services.identity.bindings.card_codes import card_code as spell_card_code
from services.identity.bindings.card_codes import print_card_code, read_card_code
from services.identity.bindings.domain import (
    CARD_LIFETIME,
    DESK_LIFETIME,
    TICKET_LIFETIME,
    WechatUser,
    choose_by_phone,
    choose_member,
    read_ticket,
    write_ticket,
)
from services.identity.bindings.errors import (
    BindingTokenInvalidError,
    CardCodeUnknownError,
    MemberUnknownError,
    ResidentBoundError,
    WechatBoundError,
)
from services.identity.entrance import Entrance
from services.identity.households.errors import HouseholdNotFoundError
from services.identity.residents import usecases as residents
from services.identity.residents.domain import ResidentMatch
from services.identity.sessions import usecases as sessions
from services.identity.sessions.domain import EndReason
from services.identity.sessions.usecases import SignedIn
from shared.crypto import CipherError, FieldCipher, mask_name
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role, ScopeKind
from shared.uow import UnitOfWork
from shared.wechat import WechatClient

_CODE_PURPOSE = "identity.card_code"
_TICKET = "identity.binding_ticket"


@dataclass(frozen=True, slots=True)
class Unbound:
    """A WeChat user nobody knows yet, and the ticket with which the binding goes on."""

    binding_token: str = field(repr=False)
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as it is printed or read out, told once."""

    household_id: UUID
    resident_id: UUID | None
    code: str = field(repr=False)
    lifetime: timedelta


async def sign_in_wechat(
    *, entrance: Entrance, wechat: WechatClient, code: str, community_id: UUID | None, device: str
) -> SignedIn | Unbound:
    """Let a resident in, or hand out a ticket to somebody not yet bound.

    Locks/IO: WeChat is asked before any transaction opens.
    Errors: those of WeChat; AccountSuspendedError.
    Idempotency: none, WeChat's code is good once.
    """
    identity = await wechat.sign_in(code)
    user = WechatUser(identity.app_id, identity.openid)
    async with entrance.look_across() as uow:
        bound = await repository.find_bound(uow.session, user)
    for community, account_id in bound:
        if community_id in {None, community}:
            async with entrance.work_in(community) as uow:
                account = await accounts.get_account(uow=uow, account_id=account_id)
                return await _enter(uow, entrance, user, account, device)
    ticket = entrance.cipher.encrypt(write_ticket(user, now=entrance.clock.now()), _TICKET)
    return Unbound(ticket, int(TICKET_LIFETIME.total_seconds()))


async def bind(
    *,
    entrance: Entrance,
    wechat: WechatClient,
    binding_token: str,
    card_code: str | None,
    phone_code: str | None,
    name: str | None,
    device: str,
) -> SignedIn:
    """Bind a WeChat user by whichever proof he brings, the card before the telephone.

    Errors: those of `bind_by_card` or `bind_by_phone`; CardCodeMistypedError without any proof.
    """
    if phone_code is not None and card_code is None:
        return await bind_by_phone(
            entrance=entrance,
            wechat=wechat,
            binding_token=binding_token,
            phone_code=phone_code,
            name=name,
            device=device,
        )
    return await bind_by_card(
        entrance=entrance, binding_token=binding_token, code=card_code or "", name=name, device=device
    )


async def bind_by_card(*, entrance: Entrance, binding_token: str, code: str, name: str | None, device: str) -> SignedIn:
    """Bind a WeChat user to a member of the household whose code he has.

    Locks/IO: the code's row.
    Errors: BindingTokenInvalidError, CardCodeMistypedError, CardCodeUnknownError, CardCodeSpentError, MemberUnknownError,
    ResidentBoundError, WechatBoundError.
    Idempotency: the same WeChat user may use his code again and is simply let in.
    """
    user = _read_ticket(entrance, binding_token)
    index = entrance.cipher.blind_index(read_card_code(code), _CODE_PURPOSE)
    async with entrance.look_across() as uow:
        found = await repository.find_codes(uow.session, index)
    if not found:
        raise CardCodeUnknownError
    async with entrance.work_in(found[0].community_id) as uow:
        card = await repository.get_code_for_update(uow.session, found[0].id)
        if card.used_by is not None and (uow.community_id, card.used_by) in await repository.find_bound(
            uow.session, user
        ):
            account = await accounts.get_account(uow=uow, account_id=card.used_by)
            return await _enter(uow, entrance, user, account, device)
        card.require_open(uow.now)
        members = await residents.find_household_members(
            uow=uow, community_id=uow.community_id, household_id=card.household_id
        )
        resident = choose_member(members, resident_id=card.resident_id, name=name)
        account = await _bind(uow, user, resident)
        await repository.mark_used(uow.session, card.id, account.id, uow.now)
        return await _enter(uow, entrance, user, account, device)


async def bind_by_phone(
    *, entrance: Entrance, wechat: WechatClient, binding_token: str, phone_code: str, name: str | None, device: str
) -> SignedIn:
    """Bind a WeChat user to the person whose telephone number WeChat vouches for.

    Locks/IO: WeChat is asked before any transaction opens.
    Errors: BindingTokenInvalidError, those of WeChat, PhoneUnknownError, PhoneSharedError, ResidentBoundError, WechatBoundError.
    Idempotency: none, WeChat's code is good once.
    """
    user = _read_ticket(entrance, binding_token)
    phone = await wechat.phone_number(phone_code)
    async with entrance.look_across() as uow:
        matches = await residents.find_residents_by_phone(uow=uow, cipher=entrance.cipher, phone=phone)
    resident = choose_by_phone(matches, name=name)
    async with entrance.work_in(resident.community_id) as uow:
        account = await _bind(uow, user, resident)
        return await _enter(uow, entrance, user, account, device)


async def issue_card_codes(
    *, uow: UnitOfWork, cipher: FieldCipher, household_ids: Sequence[UUID], issued_by: UUID
) -> dict[UUID, str]:
    """Make a new code for each household's card and let the old ones run out; who may do this is the caller's business.

    Units/shapes: household → twelve digits.
    Locks/IO: three statements, whatever the number of households.
    """
    await repository.expire_cards(uow.session, household_ids, uow.now)
    return await _add_codes(uow, cipher, dict.fromkeys(household_ids), CARD_LIFETIME, issued_by)


async def issue_code(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, household_id: UUID, resident_id: UUID | None
) -> IssuedCode:
    """Make a code at the desk: for one member and half an hour, or a new card for the whole household.

    Errors: HouseholdNotFoundError, MemberUnknownError, ForbiddenError for anybody but the grid worker, the administrator and,
    for members of his own household, the householder.
    """
    members = await residents.find_household_members(uow=uow, community_id=uow.community_id, household_id=household_id)
    if not members:
        raise HouseholdNotFoundError
    _require_desk(principal, members[0], may_householder=resident_id is not None)
    if resident_id is None:
        codes = await issue_card_codes(
            uow=uow, cipher=cipher, household_ids=[household_id], issued_by=principal.account_id
        )
        lifetime = CARD_LIFETIME
    else:
        if all(one.resident_id != resident_id for one in members):
            raise MemberUnknownError
        lifetime = DESK_LIFETIME
        codes = await _add_codes(uow, cipher, {household_id: resident_id}, lifetime, principal.account_id)
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="issue_code",
        subject_kind="household",
        subject_id=household_id,
        facts={} if resident_id is None else {"resident_id": str(resident_id)},
    )
    return IssuedCode(household_id, resident_id, print_card_code(codes[household_id]), lifetime)


async def unbind_resident(*, uow: UnitOfWork, principal: Principal, resident_id: UUID, reason: str) -> None:
    """Untie a resident's WeChat user at the desk, because the telephone or the WeChat account changed; log-ins end.

    Errors: AccountNotFoundError when there is nothing to untie; ForbiddenError.
    """
    resident = await residents.find_resident(uow=uow, community_id=uow.community_id, resident_id=resident_id)
    if resident is None:
        raise AccountNotFoundError
    _require_desk(principal, resident, may_householder=False)
    account = await _account_of(uow, resident_id)
    if account is None:
        raise AccountNotFoundError
    await repository.remove_users(uow.session, account.id)
    await sessions.end_all_sessions(uow=uow, account_id=account.id, reason=EndReason.REVOKED)
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="unbind_resident",
        subject_kind="account",
        subject_id=account.id,
        reason=reason,
    )


async def delete_own_account(*, uow: UnitOfWork, principal: Principal) -> None:
    """Delete the caller's account as a resident: untie WeChat, end log-ins, anonymise; ledgers and ballots stay.

    Errors: ForbiddenError for staff, whose accounts the community closes.
    """
    if principal.kind is not AccountKind.RESIDENT:
        raise ForbiddenError
    account = await accounts.get_account(uow=uow, account_id=principal.account_id, for_update=True)
    await repository.remove_users(uow.session, account.id)
    await sessions.end_all_sessions(uow=uow, account_id=account.id, reason=EndReason.ACCOUNT_CLOSED)
    await accounts.delete_account(uow=uow, account=account)
    await audits.record_act(
        uow=uow, principal=principal, act="delete_account", subject_kind="account", subject_id=account.id
    )


async def _add_codes(
    uow: UnitOfWork,
    cipher: FieldCipher,
    wanted: dict[UUID, UUID | None],
    lifetime: timedelta,
    issued_by: UUID,
) -> dict[UUID, str]:
    drawn: dict[bytes, str] = {}
    while len(drawn) < len(wanted):
        # A code that was ever printed here is not printed again, so that an old card never opens another household.
        fresh = {cipher.blind_index(code, _CODE_PURPOSE): code for code in _draw(len(wanted) - len(drawn))}
        known = await repository.list_known_indexes(uow.session, fresh.keys())
        drawn |= {index: code for index, code in fresh.items() if index not in known}
    rows = [
        {
            "community_id": uow.community_id,
            "id": uow.new_id(),
            "code_index": index,
            "household_id": household_id,
            "resident_id": resident_id,
            "issued_by": issued_by,
            "issued_at": uow.now,
            "expires_at": uow.now + lifetime,
        }
        for (household_id, resident_id), index in zip(wanted.items(), drawn, strict=True)
    ]
    await repository.add_codes(uow.session, rows)
    return dict(zip(wanted, drawn.values(), strict=True))


def _draw(count: int) -> list[str]:
    return [spell_card_code(secrets.token_bytes(16)) for _ in range(count)]


def _read_ticket(entrance: Entrance, token: str) -> WechatUser:
    try:
        text = entrance.cipher.decrypt(token, _TICKET)
    except (CipherError, ValueError) as error:
        raise BindingTokenInvalidError from error
    return read_ticket(text, now=entrance.clock.now())


async def _account_of(uow: UnitOfWork, resident_id: UUID) -> Account | None:
    for account in await accounts.list_accounts_of_resident(uow=uow, resident_id=resident_id):
        if account.kind is AccountKind.RESIDENT:
            return account
    return None


async def _bind(uow: UnitOfWork, user: WechatUser, resident: ResidentMatch) -> Account:
    account = await _account_of(uow, resident.resident_id)
    for _, bound_id in await repository.find_bound(uow.session, user):
        if account is not None and bound_id == account.id:
            return account
        raise WechatBoundError
    if account is None:
        account = await accounts.open_account(
            uow=uow,
            kind=AccountKind.RESIDENT,
            name=mask_name(resident.name),
            resident_id=resident.resident_id,
            household_id=resident.household_id,
            wechat_openid=user.openid,
        )
    elif await repository.is_bound(uow.session, account.id, user.app_id):
        raise ResidentBoundError
    else:
        accounts.announce_binding(uow, account, wechat_openid=user.openid)
    await repository.add_user(uow.session, uow.community_id, user, account.id, uow.now)
    return account


async def _enter(uow: UnitOfWork, entrance: Entrance, user: WechatUser, account: Account, device: str) -> SignedIn:
    account.require_active()
    await repository.touch_user(uow.session, user, uow.now)
    return await sessions.open_session(uow=uow, account=account, device=device, refresh_key=entrance.refresh_key)


def _require_desk(principal: Principal, household: ResidentMatch, *, may_householder: bool) -> None:
    is_own = principal.household_id == household.household_id
    if may_householder and is_own and principal.has(Role.HOUSEHOLDER):
        return
    if principal.has(Role.COMMUNITY_ADMIN):
        return
    if principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(household.grid_id)):
        return
    raise ForbiddenError(required_roles=[Role.COMMUNITY_ADMIN.value, Role.GRID_WORKER.value])
