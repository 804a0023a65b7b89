"""What households, shops, the clock and settlements do with vouchers."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.points.adoptions import usecases as adoptions
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, HoldOutcome, TransferKind
from services.points.merchants import usecases as merchants
from services.points.merchants.domain import voucher_expires_at
from services.points.vouchers import repository
from services.points.vouchers.domain import LIFE, WATCHERS, Action, Actor, State, Voucher, acting_as, decide
from services.points.vouchers.errors import (
    AdoptersOnlyError,
    CodesExhaustedError,
    OwnShopError,
    VoucherCodeUnknownError,
    VoucherLimitError,
)
from services.points.vouchers.repository import Totals
from shared.contracts.events import VoucherMoved
from shared.kernel.principal import Principal
from shared.kernel.values import Fen
from shared.pagination import WHOLE, PageRequest, Slice
from shared.uow import UnitOfWork


async def issue_voucher(*, uow: UnitOfWork, principal: Principal, offer_id: UUID, codes: Sequence[str]) -> Voucher:
    """Take a voucher for the caller's household; its points are held until it is used, given up or expired.

    `codes` are digits to choose from; the first that no open voucher of the shop has is taken.

    Locks/IO: the household's share of the offer, its account and lots, the offer's row last.
    Errors: NoHouseholdError, OfferNotFoundError, OfferNotOpenError, OwnShopError, AdoptersOnlyError, VoucherLimitError,
        AccountNotFoundError, HouseholdClosedError, InsufficientBalanceError, OfferSoldOutError, CodesExhaustedError.
    """
    household_id = principal.require_household()
    offer, merchant = await merchants.require_open_offer(uow=uow, principal=principal, offer_id=offer_id)
    if await merchants.has_hand_in(
        uow=uow, merchant_id=merchant.id, account_id=principal.account_id, household_id=household_id
    ):
        raise OwnShopError
    if offer.is_for_adopters and not await adoptions.is_adopter(uow=uow, household_id=household_id):
        raise AdoptersOnlyError
    await ledger.get_open_household(uow=uow, household_id=household_id)
    await repository.lock_limit(uow.session, offer_id, household_id)
    taken = await repository.count_towards_limit(uow.session, offer_id, household_id)
    if taken >= offer.household_limit:
        raise VoucherLimitError(limit=offer.household_limit, taken=taken)
    expires_at = voucher_expires_at(offer, uow.now)
    hold_id = None
    if offer.points:
        hold_id = await ledger.hold_points(
            uow=uow,
            household_id=household_id,
            amount=offer.points,
            purpose=f"商户券：{offer.title}",
            expires_at=expires_at,
        )
    voucher = Voucher(
        id=uow.new_id(),
        offer_id=offer.id,
        merchant_id=merchant.id,
        merchant_name=merchant.name,
        household_id=household_id,
        account_id=principal.account_id,
        title=offer.title,
        points=offer.points,
        value_fen=offer.value_fen,
        discount_percent=offer.discount_percent,
        code="",
        state=State.ISSUED,
        hold_id=hold_id,
        transfer_id=None,
        expires_at=expires_at,
        created_at=uow.now,
        used_at=None,
        used_by=None,
        bill_fen=None,
        ended_at=None,
        settlement_id=None,
        reason="",
    )
    voucher = await _with_free_code(uow, voucher, codes)
    await merchants.take_offer(uow=uow, offer=offer)
    _tell(uow, voucher, State.ISSUED)
    return voucher


async def list_vouchers(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, state: State | None, merchant_id: UUID | None
) -> Slice[Voucher]:
    """Return the vouchers the caller may see, newest first."""
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    return await repository.list_page(uow.session, principal, own, page, state=state, merchant_id=merchant_id)


async def list_for_export(
    *, uow: UnitOfWork, principal: Principal, state: State | None, merchant_id: UUID | None
) -> list[tuple[Voucher, str]]:
    """Return every voucher with the number of its household, newest first.

    Errors: ForbiddenError for anybody but those who run and watch the alliance.
    """
    principal.require(*WATCHERS)
    rows = await repository.list_page(uow.session, principal, None, WHOLE, state=state, merchant_id=merchant_id)
    numbers = {home.id: home.number for home in await ledger.list_households(uow=uow)}
    return [(voucher, numbers.get(voucher.household_id, "")) for voucher in rows.rows]


async def get_voucher(*, uow: UnitOfWork, principal: Principal, voucher_id: UUID) -> Voucher:
    """Return a voucher.

    Errors: VoucherNotFoundError, also for one the caller may not see.
    """
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    return await repository.get(uow.session, principal, own, voucher_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, voucher_id: UUID) -> tuple[Voucher, list[Action]]:
    """Return a voucher and what the caller could do with it now.

    Errors: VoucherNotFoundError.
    """
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    voucher = await repository.get(uow.session, principal, own, voucher_id)
    return voucher, LIFE.actions(voucher.state, acting_as(principal, voucher, own))


async def use_by_code(
    *, uow: UnitOfWork, principal: Principal, code: str, voucher_id: UUID | None, bill_fen: Fen | None
) -> Voucher:
    """Verify a voucher at the shop's counter: the held points go to the shop's account.

    `voucher_id` is what the QR code said; the digits alone do without. `bill_fen` is what the bill came to.

    Locks/IO: the shop's row (shared), the voucher's row, then both accounts.
    Errors: NotAShopError, ForbiddenError, VoucherCodeUnknownError, OwnShopError, VoucherExpiredError.
    Idempotency: a code opens its voucher once; a second use is VoucherCodeUnknownError.
    """
    shop = await merchants.require_own_shop(uow=uow, principal=principal)
    voucher = await repository.get_by_code_for_update(uow.session, shop.id, code)
    if voucher_id is not None and voucher.id != voucher_id:
        raise VoucherCodeUnknownError
    if await merchants.has_hand_in(
        uow=uow, merchant_id=shop.id, account_id=voucher.account_id, household_id=voucher.household_id
    ):
        raise OwnShopError
    state = decide(voucher, Action.USE, acting_as(principal, voucher, shop.id), uow.now)
    transfer_id = None
    if voucher.hold_id is not None:
        transfer_id = await ledger.capture_hold(
            uow=uow,
            hold_id=voucher.hold_id,
            to=await ledger.account_of(uow=uow, kind=AccountKind.MERCHANT, owner_id=shop.id, asset=Asset.SPENDABLE),
            kind=TransferKind.VOUCHER,
            source_id=voucher.id,
            summary=f"{shop.name}：{voucher.title}",
            acting_account_id=principal.account_id,
        )
    await repository.save(
        uow.session,
        voucher.id,
        state=state,
        transfer_id=transfer_id,
        used_at=uow.now,
        used_by=principal.account_id,
        bill_fen=bill_fen,
        ended_at=uow.now,
    )
    _tell(uow, voucher, state)
    return await repository.get(uow.session, principal, shop.id, voucher.id)


async def give_up_voucher(*, uow: UnitOfWork, principal: Principal, voucher_id: UUID) -> Voucher:
    """Give an unused voucher up; its points come back at once.

    Locks/IO: the voucher's row, the household's account and lots, the offer's row last.
    Errors: VoucherNotFoundError, ForbiddenError, WrongStateError.
    """
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    voucher = await repository.get(uow.session, principal, own, voucher_id, for_update=True)
    state = decide(voucher, Action.GIVE_UP, acting_as(principal, voucher, own), uow.now)
    await _release(uow, voucher, state, HoldOutcome.RELEASED)
    return await repository.get(uow.session, principal, own, voucher_id)


async def expire_voucher(*, uow: UnitOfWork, voucher_id: UUID) -> None:
    """End a voucher nobody used.

    Locks/IO: the voucher's row unless somebody is at it, then account, lots, offer.
    Idempotency: without effect when it is no longer due.
    """
    voucher = await repository.find_due_for_update(uow.session, voucher_id, uow.now)
    if voucher is not None:
        state = decide(voucher, Action.EXPIRE, frozenset({Actor.CLOCK}), uow.now)
        await _release(uow, voucher, state, HoldOutcome.EXPIRED)


async def take_back_voucher(*, uow: UnitOfWork, principal: Principal, voucher_id: UUID, reason: str) -> Voucher:
    """Undo a verification as the shop, before it is settled: the points go back to the lots they came from.

    Locks/IO: the shop's row (shared), the voucher's row, both accounts and the lots, the offer's row last.
    Errors: NotAShopError, VoucherNotFoundError, ForbiddenError, WrongStateError, OwnShopError, VoucherSettledError.
    """
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    seen = await repository.get(uow.session, principal, own, voucher_id)
    shop = await merchants.require_own_shop(uow=uow, principal=principal)
    voucher = await repository.get(uow.session, principal, shop.id, seen.id, for_update=True)
    state = decide(voucher, Action.TAKE_BACK, acting_as(principal, voucher, shop.id), uow.now)
    if voucher.transfer_id is not None:
        await ledger.reverse_transfer(
            uow=uow,
            transfer_id=voucher.transfer_id,
            source_id=voucher.id,
            summary=f"{shop.name}退回：{voucher.title}",
            acting_account_id=principal.account_id,
        )
    await repository.save(uow.session, voucher.id, state=state, ended_at=uow.now, reason=reason)
    await merchants.give_back_offer(uow=uow, offer_id=voucher.offer_id)
    _tell(uow, voucher, state)
    return await repository.get(uow.session, principal, shop.id, voucher.id)


async def settle_vouchers(*, uow: UnitOfWork, merchant_id: UUID, before: datetime, settlement_id: UUID) -> Totals:
    """Count a shop's vouchers used before a moment, and not counted yet, in a settlement; return what they come to.

    Locks/IO: those vouchers; the caller holds the shop's row, so that none is used or taken back meanwhile.
    """
    await repository.put_into_settlement(uow.session, merchant_id, before, settlement_id)
    return await repository.total_of_settlement(uow.session, settlement_id)


async def leave_out_of_settlement(
    *, uow: UnitOfWork, settlement_id: UUID, voucher_ids: Collection[UUID]
) -> tuple[int, Totals]:
    """Leave vouchers out of a settlement; return how many it held of them, and what is left.

    Locks/IO: those vouchers.
    """
    count = await repository.take_out_of_settlement(uow.session, settlement_id, voucher_ids)
    return count, await repository.total_of_settlement(uow.session, settlement_id)


async def pay_vouchers(*, uow: UnitOfWork, settlement_id: UUID) -> None:
    """Mark a settlement's vouchers as paid."""
    await repository.mark_paid(uow.session, settlement_id, uow.now)


async def total_unpaid(*, uow: UnitOfWork, merchant_id: UUID) -> Totals:
    """Return what a shop's used and unpaid vouchers come to: exactly what its account in the ledger must hold."""
    return await repository.total_unpaid(uow.session, merchant_id)


async def list_of_settlement(*, uow: UnitOfWork, settlement_id: UUID) -> list[Voucher]:
    """Return a settlement's vouchers in the order they were used."""
    return await repository.list_of_settlement(uow.session, settlement_id)


async def _with_free_code(uow: UnitOfWork, voucher: Voucher, codes: Sequence[str]) -> Voucher:
    for code in codes:
        coded = replace(voucher, code=code)
        if await repository.add(uow.session, uow.community_id, coded):
            return coded
    raise CodesExhaustedError


async def _release(uow: UnitOfWork, voucher: Voucher, state: State, outcome: HoldOutcome) -> None:
    if voucher.hold_id is not None:
        await ledger.release_hold(uow=uow, hold_id=voucher.hold_id, outcome=outcome)
    await repository.save(uow.session, voucher.id, state=state, ended_at=uow.now)
    await merchants.give_back_offer(uow=uow, offer_id=voucher.offer_id)
    _tell(uow, voucher, state)


def _tell(uow: UnitOfWork, voucher: Voucher, state: State) -> None:
    uow.announce(
        voucher.id,
        VoucherMoved(
            voucher_id=voucher.id,
            merchant_id=voucher.merchant_id,
            merchant_name=voucher.merchant_name,
            household_id=voucher.household_id,
            account_id=voucher.account_id,
            title=voucher.title,
            points=voucher.points,
            state=state,
            expires_at=voucher.expires_at,
        ),
    )
