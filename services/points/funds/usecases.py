"""What happens to the money behind the store: given, spent on goods, put right, and shown to everybody."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.points.funds import repository
from services.points.funds.domain import (
    AccountKind,
    FundSource,
    FundTransferKind,
    PublicFund,
    require_past,
    require_same_source,
)
from services.points.funds.errors import FundTransferReversedError
from services.points.funds.models import FundAccount, FundTransfer
from services.points.histories.domain import check_days
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

TREASURERS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)


async def open_fund(*, uow: UnitOfWork, principal: Principal, name: str, source: FundSource) -> PublicFund:
    """Open a fund with accounts for what comes in and what goes out.

    Errors: ForbiddenError; FundNameTakenError.
    """
    principal.require(*TREASURERS)
    fund_id = uow.new_id()
    accounts = [
        FundAccount(
            community_id=uow.community_id,
            id=fund_id if kind is AccountKind.FUND else uow.new_id(),
            fund_id=fund_id,
            kind=kind,
            name=name,
            source=source,
            opened_at=uow.now,
        )
        for kind in AccountKind
    ]
    await repository.add_accounts(uow.session, accounts)
    return PublicFund(fund_id, name, source, Fen(0), Fen(0), Fen(0))


async def public_funds(*, uow: UnitOfWork) -> list[PublicFund]:
    """Return every fund of the community; anybody may see them. Source: domain.md, "Accounts are public"."""
    return await repository.list_funds(uow.session)


async def list_funds(*, uow: UnitOfWork, page: PageRequest) -> Slice[PublicFund]:
    """Return a page of the funds, oldest first; anybody may see them."""
    return await repository.list_page(uow.session, page)


async def get_fund(*, uow: UnitOfWork, fund_id: UUID) -> PublicFund:
    """Return a fund.

    Errors: FundNotFoundError.
    """
    await repository.get_accounts(uow.session, fund_id)
    return next(fund for fund in await repository.list_funds(uow.session) if fund.id == fund_id)


async def record_income(
    *,
    uow: UnitOfWork,
    principal: Principal,
    fund_id: UUID,
    amount_fen: Fen,
    donor: str,
    summary: str,
    happened_on: date,
) -> FundTransfer:
    """Book money that came in.

    Locks/IO: the fund's two accounts, lower id first.
    Errors: ForbiddenError; FundNotFoundError; FundDateError.
    """
    principal.require(*TREASURERS)
    require_past(happened_on, local_date(uow.now))
    accounts = await repository.get_accounts(uow.session, fund_id)
    return await _move(
        uow,
        fund_id,
        FundTransferKind.INCOME,
        amount_fen,
        accounts[AccountKind.INCOME].id,
        accounts[AccountKind.FUND].id,
        source_id=uow.new_id(),
        counterparty=donor,
        summary=summary,
        happened_on=happened_on,
        actor=principal.account_id,
    )


async def spend(
    *,
    uow: UnitOfWork,
    fund_id: UUID,
    source: FundSource,
    amount_fen: Fen,
    source_id: UUID,
    counterparty: str,
    summary: str,
    acting_account_id: UUID,
) -> FundTransfer | None:
    """Pay for goods; nothing is booked for goods that cost nothing.

    Locks/IO: the fund's two accounts, lower id first.
    Errors: FundNotFoundError; FundSourceError; FundExhaustedError.
    Idempotency: one spending per `source_id`.
    """
    accounts = await repository.get_accounts(uow.session, fund_id)
    require_same_source(FundSource(accounts[AccountKind.FUND].source), source)
    if amount_fen == 0:
        return None
    return await _move(
        uow,
        fund_id,
        FundTransferKind.SPENDING,
        amount_fen,
        accounts[AccountKind.FUND].id,
        accounts[AccountKind.SPENDING].id,
        source_id=source_id,
        counterparty=counterparty,
        summary=summary,
        happened_on=local_date(uow.now),
        actor=acting_account_id,
    )


async def reverse_transfer(*, uow: UnitOfWork, principal: Principal, transfer_id: UUID, reason: str) -> FundTransfer:
    """Put a wrong booking right by its opposite; both stay in the books.

    Locks/IO: the fund's two accounts, lower id first.
    Errors: ForbiddenError; FundTransferNotFoundError; FundTransferReversedError; FundExhaustedError when the money is spent already.
    """
    principal.require(*TREASURERS)
    original = await repository.get_transfer(uow.session, transfer_id)
    if original.kind == FundTransferKind.REVERSAL or await repository.is_reversed(uow.session, transfer_id):
        raise FundTransferReversedError
    return await _move(
        uow,
        original.fund_id,
        FundTransferKind.REVERSAL,
        Fen(original.amount_fen),
        original.to_account_id,
        original.from_account_id,
        source_id=original.id,
        counterparty=original.counterparty,
        summary=f"冲正：{reason}",
        happened_on=local_date(uow.now),
        actor=principal.account_id,
        reverses_id=original.id,
    )


async def list_transfers(
    *,
    uow: UnitOfWork,
    fund_id: UUID,
    page: PageRequest,
    kind: FundTransferKind | None,
    from_on: date | None,
    to_on: date | None,
) -> Slice[FundTransfer]:
    """Return a fund's income and spending, newest first; the days are those on the bank slips.

    Errors: FundNotFoundError; DaysReversedError.
    """
    check_days(from_on, to_on)
    await repository.get_accounts(uow.session, fund_id)
    return await repository.list_transfers(uow.session, fund_id, page, kind=kind, from_on=from_on, to_on=to_on)


async def list_all_transfers(*, uow: UnitOfWork, fund_id: UUID) -> Sequence[FundTransfer]:
    """Return a fund's whole book, oldest first, for the sheet.

    Errors: FundNotFoundError.
    """
    await repository.get_accounts(uow.session, fund_id)
    return await repository.list_all_transfers(uow.session, fund_id)


async def _move(
    uow: UnitOfWork,
    fund_id: UUID,
    kind: FundTransferKind,
    amount_fen: Fen,
    from_account_id: UUID,
    to_account_id: UUID,
    *,
    source_id: UUID,
    counterparty: str,
    summary: str,
    happened_on: date,
    actor: UUID,
    reverses_id: UUID | None = None,
) -> FundTransfer:
    transfer_id = uow.new_id()
    await repository.move_money(
        uow.session,
        community_id=uow.community_id,
        transfer_id=transfer_id,
        fund_id=fund_id,
        kind=kind,
        amount_fen=amount_fen,
        from_account_id=from_account_id,
        to_account_id=to_account_id,
        source_id=source_id,
        counterparty=counterparty,
        summary=summary,
        happened_on=happened_on,
        reverses_id=reverses_id,
        acting_account_id=actor,
        now=uow.now,
    )
    return await repository.get_transfer(uow.session, transfer_id)
