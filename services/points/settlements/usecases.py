"""What the clock, shops, the committee and whoever pays do with monthly settlements."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, SystemAccount, TransferKind
from services.points.merchants import usecases as merchants
from services.points.merchants.domain import Merchant
from services.points.settlements import repository
from services.points.settlements.domain import (
    Action,
    Settlement,
    State,
    allowed_actions,
    check_books,
    check_month,
    decide,
    ends_at,
    previous_month,
)
from services.points.settlements.errors import (
    NothingToSettleError,
    SettlementExistsError,
    VoucherNotInSettlementError,
)
from services.points.steps import usecases as steps
from services.points.vouchers import usecases as vouchers
from services.points.vouchers.domain import Voucher
from shared.contracts.events import SettlementMoved
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def draft_settlement(*, uow: UnitOfWork, principal: Principal, merchant_id: UUID, month: date) -> Settlement:
    """Draft a shop's settlement of a month that is over; late vouchers of earlier months come along.

    Locks/IO: the shop's row, for which its counter waits, and the vouchers.
    Errors: ForbiddenError, MonthInvalidError, MerchantNotFoundError, SettlementExistsError, NothingToSettleError,
        SettlementMismatchError.
    """
    principal.require(Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)
    check_month(month, local_date(uow.now))
    merchant = await merchants.find_merchant(uow=uow, merchant_id=merchant_id, for_update=True)
    if await repository.exists_for(uow.session, merchant_id, month):
        raise SettlementExistsError
    return await _draft(uow, merchant, month, principal.account_id)


async def draft_last_month(*, uow: UnitOfWork, merchant_id: UUID) -> None:
    """Draft a shop's settlement of the last month, as the clock.

    Locks/IO: as `draft_settlement`.
    Errors: NothingToSettleError, SettlementMismatchError.
    Idempotency: without effect when the month is settled already.
    """
    month = previous_month(local_date(uow.now))
    merchant = await merchants.find_merchant(uow=uow, merchant_id=merchant_id, for_update=True)
    if not await repository.exists_for(uow.session, merchant_id, month):
        await _draft(uow, merchant, month, None)


async def list_settlements(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, merchant_id: UUID | None, state: State | None
) -> Slice[Settlement]:
    """Return the settlements the caller may see, newest first."""
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    return await repository.list_page(uow.session, principal, own, page, merchant_id=merchant_id, state=state)


async def get_settlement(*, uow: UnitOfWork, principal: Principal, settlement_id: UUID) -> Settlement:
    """Return a settlement.

    Errors: SettlementNotFoundError, also for one the caller may not see.
    """
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    return await repository.get(uow.session, principal, own, settlement_id)


async def list_lines(*, uow: UnitOfWork, principal: Principal, settlement_id: UUID) -> tuple[Settlement, list[Voucher]]:
    """Return a settlement with its vouchers.

    Errors: SettlementNotFoundError.
    """
    settlement = await get_settlement(uow=uow, principal=principal, settlement_id=settlement_id)
    return settlement, await vouchers.list_of_settlement(uow=uow, settlement_id=settlement_id)


async def list_actions(
    *, uow: UnitOfWork, principal: Principal, settlement_id: UUID
) -> tuple[Settlement, list[Action]]:
    """Return a settlement and what the caller could do with it now.

    Errors: SettlementNotFoundError.
    """
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    settlement = await repository.get(uow.session, principal, own, settlement_id)
    return settlement, allowed_actions(settlement, principal, own)


async def confirm_settlement(*, uow: UnitOfWork, principal: Principal, settlement_id: UUID) -> Settlement:
    """Confirm as the shop that the totals are right.

    Locks/IO: the settlement's row.
    Errors: SettlementNotFoundError, ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, settlement_id, Action.CONFIRM, "", confirmed_by=principal.account_id)


async def dispute_settlement(*, uow: UnitOfWork, principal: Principal, settlement_id: UUID, reason: str) -> Settlement:
    """Say that something is wrong, as the shop or the committee; nothing is paid until it is answered.

    Locks/IO: the settlement's row.
    Errors: SettlementNotFoundError, ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, settlement_id, Action.DISPUTE, reason, confirmed_by=None)


async def answer_dispute(
    *, uow: UnitOfWork, principal: Principal, settlement_id: UUID, answer: str, without: Collection[UUID]
) -> Settlement:
    """Answer a dispute and draft again, leaving out the vouchers that were wrong; the shop can then take those back.

    Locks/IO: the shop's row, the settlement's row, the vouchers left out.
    Errors: SettlementNotFoundError, ForbiddenError, WrongStateError, SettlementRecusedError, VoucherNotInSettlementError.
    """
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    settlement = await repository.get(uow.session, principal, own, settlement_id)
    await merchants.find_merchant(uow=uow, merchant_id=settlement.merchant_id, for_update=True)
    settlement = await repository.get(uow.session, principal, own, settlement_id, for_update=True)
    state = decide(settlement, Action.ANSWER, principal, own)
    wanted = frozenset(without)
    count, totals = await vouchers.leave_out_of_settlement(uow=uow, settlement_id=settlement_id, voucher_ids=wanted)
    if count != len(wanted):
        raise VoucherNotInSettlementError
    await repository.save(
        uow.session,
        settlement_id,
        state=state,
        vouchers=totals.vouchers,
        points=totals.points,
        value_fen=totals.value_fen,
        reason=answer,
    )
    return await _told(uow, principal, own, settlement_id, Action.ANSWER, answer)


async def countersign_settlement(*, uow: UnitOfWork, principal: Principal, settlement_id: UUID) -> Settlement:
    """Confirm as the community what the shop has confirmed.

    Locks/IO: the settlement's row.
    Errors: SettlementNotFoundError, ForbiddenError, WrongStateError, SettlementRecusedError.
    """
    return await _move(uow, principal, settlement_id, Action.COUNTERSIGN, "", countersigned_by=principal.account_id)


async def pay_settlement(*, uow: UnitOfWork, principal: Principal, settlement_id: UUID, reference: str) -> Settlement:
    """Write down that the shop was paid: its points leave its account, and the books are compared once more.

    Locks/IO: the shop's row, the settlement's row, the shop's account.
    Errors: SettlementNotFoundError, ForbiddenError, WrongStateError, SettlementRecusedError, SettlementMismatchError.
    Idempotency: a settlement is paid once: by its state, and by one transfer per settlement.
    """
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    settlement = await repository.get(uow.session, principal, own, settlement_id)
    await merchants.find_merchant(uow=uow, merchant_id=settlement.merchant_id, for_update=True)
    settlement = await repository.get(uow.session, principal, own, settlement_id, for_update=True)
    state = decide(settlement, Action.PAY, principal, own)
    account_id = await _compare_books(uow, settlement.merchant_id)
    transfer_id = None
    if settlement.points:
        transfer_id = await ledger.post(
            uow=uow,
            asset=Asset.SPENDABLE,
            amount=settlement.points,
            from_account_id=account_id,
            to_account_id=await ledger.system_account(uow=uow, name=SystemAccount.SETTLED, asset=Asset.SPENDABLE),
            kind=TransferKind.SETTLEMENT,
            source_id=settlement.id,
            summary=f"{settlement.merchant_name} {settlement.month:%Y-%m} 结算",
            acting_account_id=principal.account_id,
        )
    await vouchers.pay_vouchers(uow=uow, settlement_id=settlement_id)
    await repository.save(
        uow.session,
        settlement_id,
        state=state,
        paid_by=principal.account_id,
        paid_at=uow.now,
        payment_reference=reference,
        transfer_id=transfer_id,
    )
    return await _told(uow, principal, own, settlement_id, Action.PAY, reference)


async def _draft(uow: UnitOfWork, merchant: Merchant, month: date, drafted_by: UUID | None) -> Settlement:
    settlement_id = uow.new_id()
    totals = await vouchers.settle_vouchers(
        uow=uow, merchant_id=merchant.id, before=ends_at(month), settlement_id=settlement_id
    )
    if not totals.vouchers:
        raise NothingToSettleError
    await _compare_books(uow, merchant.id)
    settlement = Settlement(
        id=settlement_id,
        merchant_id=merchant.id,
        merchant_name=merchant.name,
        month=month,
        vouchers=totals.vouchers,
        points=totals.points,
        value_fen=totals.value_fen,
        state=State.DRAFTED,
        drafted_by=drafted_by,
        confirmed_by=None,
        countersigned_by=None,
        paid_by=None,
        payment_reference="",
        transfer_id=None,
        reason="",
        created_at=uow.now,
        paid_at=None,
    )
    await repository.add(uow.session, uow.community_id, settlement)
    await _record(uow, settlement, merchant.account_id, "draft", drafted_by, "")
    return settlement


async def _compare_books(uow: UnitOfWork, merchant_id: UUID) -> UUID:
    """Return the shop's account once its balance is what its unpaid vouchers come to."""
    account_id = await ledger.account_of(
        uow=uow, kind=AccountKind.MERCHANT, owner_id=merchant_id, asset=Asset.SPENDABLE
    )
    available, held = await ledger.balance_of(uow=uow, account_id=account_id)
    check_books((await vouchers.total_unpaid(uow=uow, merchant_id=merchant_id)).points, available + held)
    return account_id


async def _move(
    uow: UnitOfWork, principal: Principal, settlement_id: UUID, action: Action, reason: str, **changed: Any
) -> Settlement:
    own = await merchants.find_own_shop(uow=uow, principal=principal)
    settlement = await repository.get(uow.session, principal, own, settlement_id, for_update=True)
    state = decide(settlement, action, principal, own)
    await repository.save(uow.session, settlement_id, state=state, reason=reason, **changed)
    return await _told(uow, principal, own, settlement_id, action, reason)


async def _told(
    uow: UnitOfWork, principal: Principal, own: UUID | None, settlement_id: UUID, action: Action, reason: str
) -> Settlement:
    settlement = await repository.get(uow.session, principal, own, settlement_id)
    merchant = await merchants.find_merchant(uow=uow, merchant_id=settlement.merchant_id)
    await _record(uow, settlement, merchant.account_id, action, principal.account_id, reason)
    return settlement


async def _record(
    uow: UnitOfWork, settlement: Settlement, shop_account: UUID, action: str, account_id: UUID | None, reason: str
) -> None:
    await steps.record_step(
        uow=uow, subject_id=settlement.id, action=action, state=settlement.state, account_id=account_id, reason=reason
    )
    uow.announce(
        settlement.id,
        SettlementMoved(
            settlement_id=settlement.id,
            merchant_id=settlement.merchant_id,
            account_id=shop_account,
            month=settlement.month,
            vouchers=settlement.vouchers,
            points=settlement.points,
            value_fen=settlement.value_fen,
            state=settlement.state,
            reason=reason,
            moved_at=uow.now,
        ),
    )
