"""What shops, administrators and the other slices do with shops and offers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset
from services.points.merchants import repository
from services.points.merchants.domain import (
    OFFER_LIFE,
    Action,
    Merchant,
    Offer,
    OfferAction,
    OfferKind,
    OfferState,
    State,
    acting_as,
    allowed_actions,
    allowed_offer_actions,
    check_not_own,
    check_offer,
    check_open,
    decide,
    is_own_shop,
)
from services.points.merchants.errors import (
    MerchantNotFoundError,
    NotAShopError,
    OfferSoldOutError,
    ShopAccountNotFoundError,
)
from services.points.merchants.models import ShopAccountRow
from services.points.steps import usecases as steps
from shared.contracts.events import MerchantMoved
from shared.kernel.principal import AccountKind as PrincipalKind
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen, Points
from shared.pagination import WHOLE, PageRequest, Slice
from shared.uow import UnitOfWork

SHOP_SCOPE = "points:write"
"""What the OAuth client of a shop's till needs."""


async def apply_as_merchant(
    *, uow: UnitOfWork, principal: Principal, name: str, category: str, address: str, note: str
) -> Merchant:
    """Apply to join the alliance; the applying account stands for the shop.

    Errors: ForbiddenError for a client without the scope; ShopAccountTakenError.
    """
    principal.require_scope(SHOP_SCOPE)
    merchant = Merchant(
        id=uow.new_id(),
        name=name,
        category=category,
        address=address,
        note=note,
        account_id=principal.account_id,
        household_id=principal.household_id,
        state=State.APPLIED,
        reason="",
        created_at=uow.now,
    )
    await repository.add(uow.session, uow.community_id, merchant)
    await _bind(uow, merchant.id, principal.account_id, principal.household_id, principal.account_id)
    await _record(uow, merchant, "apply", State.APPLIED, principal.account_id, note)
    return merchant


async def list_merchants(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, state: State | None
) -> Slice[Merchant]:
    """Return the shops the caller may see, newest first."""
    own = await repository.find_own(uow.session, principal.account_id)
    return await repository.list_page(uow.session, principal, own, page, state=state)


async def list_for_export(*, uow: UnitOfWork, principal: Principal, state: State | None) -> Sequence[Merchant]:
    """Return every shop, newest first.

    Errors: ForbiddenError for anybody but those who run and watch the alliance.
    """
    principal.require(*repository.WATCHERS)
    return (await repository.list_page(uow.session, principal, None, WHOLE, state=state)).rows


async def get_merchant(*, uow: UnitOfWork, principal: Principal, merchant_id: UUID) -> Merchant:
    """Return a shop.

    Errors: MerchantNotFoundError, also for one the caller may not see.
    """
    own = await repository.find_own(uow.session, principal.account_id)
    return await repository.get(uow.session, principal, own, merchant_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, merchant_id: UUID) -> tuple[Merchant, list[Action]]:
    """Return a shop and what the caller could do with it now.

    Errors: MerchantNotFoundError.
    """
    own = await repository.find_own(uow.session, principal.account_id)
    merchant = await repository.get(uow.session, principal, own, merchant_id)
    return merchant, allowed_actions(merchant, principal, own)


async def move_merchant(
    *, uow: UnitOfWork, principal: Principal, merchant_id: UUID, action: Action, reason: str
) -> Merchant:
    """Approve, refuse, suspend, resume or close a shop; an approved shop gets its account in the ledger.

    Locks/IO: the shop's row, for which its counter waits.
    Errors: MerchantNotFoundError, ForbiddenError, WrongStateError, MerchantRecusedError.
    """
    own = await repository.find_own(uow.session, principal.account_id)
    merchant = await repository.get(uow.session, principal, own, merchant_id, for_update=True)
    state = decide(merchant, action, principal, own)
    if action is Action.APPROVE:
        await ledger.open_account(uow=uow, kind=AccountKind.MERCHANT, owner_id=merchant_id, asset=Asset.SPENDABLE)
    if action is Action.REFUSE:
        # Whoever was refused may apply again with a better application.
        await repository.remove_account(uow.session, merchant_id, merchant.account_id)
    await repository.save(uow.session, merchant_id, state=state, reason=reason)
    await _record(uow, merchant, action, state, principal.account_id, reason)
    return await repository.get(uow.session, principal, own, merchant_id)


async def bind_account(
    *, uow: UnitOfWork, principal: Principal, merchant_id: UUID, account_id: UUID, household_id: UUID | None
) -> None:
    """Let another account, of a person or of a till, stand for a shop.

    Errors: MerchantNotFoundError, ForbiddenError, MerchantRecusedError, ShopAccountTakenError.
    """
    merchant = await _for_admin(uow, principal, merchant_id)
    await _bind(uow, merchant_id, account_id, household_id, principal.account_id)
    await steps.record_step(
        uow=uow,
        subject_id=merchant_id,
        action="bind",
        state=merchant.state,
        account_id=principal.account_id,
        reason=str(account_id),
    )


async def unbind_account(*, uow: UnitOfWork, principal: Principal, merchant_id: UUID, account_id: UUID) -> None:
    """End that an account stands for a shop.

    Errors: MerchantNotFoundError, ForbiddenError, MerchantRecusedError, ShopAccountNotFoundError.
    """
    merchant = await _for_admin(uow, principal, merchant_id)
    if not await repository.remove_account(uow.session, merchant_id, account_id):
        raise ShopAccountNotFoundError
    await steps.record_step(
        uow=uow,
        subject_id=merchant_id,
        action="unbind",
        state=merchant.state,
        account_id=principal.account_id,
        reason=str(account_id),
    )


async def propose_offer(
    *,
    uow: UnitOfWork,
    principal: Principal,
    kind: OfferKind,
    title: str,
    terms: str,
    points: Points,
    value_fen: Fen,
    discount_percent: int | None,
    total_limit: int | None,
    household_limit: int,
    is_for_adopters: bool,
    valid_from: datetime,
    valid_until: datetime,
    voucher_days: int,
) -> Offer:
    """Propose an offer as a shop; an administrator opens it.

    Errors: NotAShopError, OfferTermsError, OfferPeriodError.
    """
    merchant = await require_own_shop(uow=uow, principal=principal)
    offer = Offer(
        id=uow.new_id(),
        merchant_id=merchant.id,
        kind=kind,
        title=title,
        terms=terms,
        points=points,
        value_fen=value_fen,
        discount_percent=discount_percent,
        total_limit=total_limit,
        household_limit=household_limit,
        is_for_adopters=is_for_adopters,
        valid_from=valid_from,
        valid_until=valid_until,
        voucher_days=voucher_days,
        issued=0,
        state=OfferState.PROPOSED,
        created_at=uow.now,
    )
    check_offer(offer, uow.now)
    await repository.add_offer(uow.session, uow.community_id, offer)
    await steps.record_step(
        uow=uow, subject_id=offer.id, action="propose", state=offer.state, account_id=principal.account_id
    )
    return offer


async def list_offers(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, merchant_id: UUID | None, state: OfferState | None
) -> Slice[Offer]:
    """Return the offers the caller may see, newest first."""
    own = await repository.find_own(uow.session, principal.account_id)
    return await repository.list_offers(uow.session, principal, own, page, merchant_id=merchant_id, state=state)


async def get_offer(*, uow: UnitOfWork, principal: Principal, offer_id: UUID) -> Offer:
    """Return an offer.

    Errors: OfferNotFoundError, also for one the caller may not see.
    """
    own = await repository.find_own(uow.session, principal.account_id)
    return await repository.get_offer(uow.session, principal, own, offer_id)


async def list_offer_actions(
    *, uow: UnitOfWork, principal: Principal, offer_id: UUID
) -> tuple[Offer, list[OfferAction]]:
    """Return an offer and what the caller could do with it now.

    Errors: OfferNotFoundError.
    """
    own = await repository.find_own(uow.session, principal.account_id)
    offer = await repository.get_offer(uow.session, principal, own, offer_id)
    merchant = await find_merchant(uow=uow, merchant_id=offer.merchant_id)
    return offer, allowed_offer_actions(offer, merchant, principal, own)


async def move_offer(
    *, uow: UnitOfWork, principal: Principal, offer_id: UUID, action: OfferAction, reason: str
) -> Offer:
    """Open, refuse or close an offer; vouchers already taken stay good.

    Locks/IO: the offer's row.
    Errors: OfferNotFoundError, ForbiddenError, WrongStateError, MerchantRecusedError for opening an offer of the own shop.
    """
    own = await repository.find_own(uow.session, principal.account_id)
    offer = await repository.get_offer(uow.session, principal, own, offer_id, for_update=True)
    state = OFFER_LIFE.perform(offer.state, action, acting_as(principal, offer.merchant_id, own))
    if action is not OfferAction.CLOSE:
        check_not_own(await find_merchant(uow=uow, merchant_id=offer.merchant_id), principal, own)
    await repository.save_offer(uow.session, offer_id, state=state)
    await steps.record_step(
        uow=uow, subject_id=offer_id, action=action, state=state, account_id=principal.account_id, reason=reason
    )
    return await repository.get_offer(uow.session, principal, own, offer_id)


async def find_own_shop(*, uow: UnitOfWork, principal: Principal) -> UUID | None:
    """Return the shop the caller's account stands for, or None."""
    return await repository.find_own(uow.session, principal.account_id)


async def require_own_shop(*, uow: UnitOfWork, principal: Principal) -> Merchant:
    """Return the open shop the caller stands for and keep it open until the transaction ends.

    Locks/IO: the shop's row, shared: many at its counter at once, but nobody settles or suspends it meanwhile.
    Errors: NotAShopError; ForbiddenError for a till without the scope.
    """
    if principal.kind is PrincipalKind.CLIENT:
        principal.require_scope(SHOP_SCOPE)
    own = await repository.find_own(uow.session, principal.account_id)
    merchant = None if own is None else await repository.find(uow.session, own, for_share=True)
    if merchant is None or merchant.state is not State.ACTIVE:
        raise NotAShopError
    return merchant


async def find_merchant(
    *, uow: UnitOfWork, merchant_id: UUID, for_share: bool = False, for_update: bool = False
) -> Merchant:
    """Return a shop, for other slices; `for_share` and `for_update` lock its row.

    Errors: MerchantNotFoundError.
    """
    merchant = await repository.find(uow.session, merchant_id, for_share=for_share, for_update=for_update)
    if merchant is None:
        raise MerchantNotFoundError
    return merchant


async def require_open_offer(*, uow: UnitOfWork, principal: Principal, offer_id: UUID) -> tuple[Offer, Merchant]:
    """Return an offer that can be taken now, with its shop.

    Errors: OfferNotFoundError, OfferNotOpenError.
    """
    offer = await get_offer(uow=uow, principal=principal, offer_id=offer_id)
    merchant = await find_merchant(uow=uow, merchant_id=offer.merchant_id)
    check_open(offer, merchant, uow.now)
    return offer, merchant


async def has_hand_in(*, uow: UnitOfWork, merchant_id: UUID, account_id: UUID, household_id: UUID) -> bool:
    """Tell whether a household has a hand in a shop."""
    return is_own_shop(account_id, household_id, await repository.list_accounts(uow.session, merchant_id))


async def take_offer(*, uow: UnitOfWork, offer: Offer) -> None:
    """Count one more voucher of an offer.

    Locks/IO: the offer's row, to be taken last.
    Errors: OfferSoldOutError.
    """
    if not await repository.take_one(uow.session, offer.id):
        raise OfferSoldOutError(total_limit=offer.total_limit)


async def give_back_offer(*, uow: UnitOfWork, offer_id: UUID) -> None:
    """Count one voucher of an offer less.

    Locks/IO: the offer's row, to be taken last.
    """
    await repository.give_one_back(uow.session, offer_id)


async def _for_admin(uow: UnitOfWork, principal: Principal, merchant_id: UUID) -> Merchant:
    own = await repository.find_own(uow.session, principal.account_id)
    merchant = await repository.get(uow.session, principal, own, merchant_id)
    principal.require(Role.COMMUNITY_ADMIN)
    check_not_own(merchant, principal, own)
    return merchant


async def _bind(
    uow: UnitOfWork, merchant_id: UUID, account_id: UUID, household_id: UUID | None, bound_by: UUID
) -> None:
    await repository.add_account(
        uow.session,
        ShopAccountRow(
            community_id=uow.community_id,
            account_id=account_id,
            merchant_id=merchant_id,
            household_id=household_id,
            bound_by=bound_by,
            bound_at=uow.now,
        ),
    )


async def _record(
    uow: UnitOfWork, merchant: Merchant, action: str, state: State, account_id: UUID, reason: str
) -> None:
    await steps.record_step(
        uow=uow, subject_id=merchant.id, action=action, state=state, account_id=account_id, reason=reason
    )
    uow.announce(
        merchant.id,
        MerchantMoved(
            merchant_id=merchant.id,
            name=merchant.name,
            account_id=merchant.account_id,
            action=action,
            state=state,
            reason=reason,
            moved_at=uow.now,
        ),
    )
