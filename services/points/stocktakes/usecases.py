"""Counting the shelves: one person counts and explains, another approves, and the difference is posted as moves."""

from dataclasses import dataclass
from uuid import UUID

from services.points.histories.domain import Span
from services.points.steps import usecases as steps
from services.points.stock import usecases as stock
from services.points.stocktakes import repository
from services.points.stocktakes.domain import (
    APPROVERS,
    COUNTERS,
    LIFE,
    Action,
    Line,
    State,
    Stocktake,
    acting_as,
    decide,
    require_explained,
)
from services.points.stocktakes.models import Stocktake as Row
from shared.contracts.events import StocktakeMoved
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Sheet:
    """A stock-take and what was counted."""

    stocktake: Stocktake
    lines: list[Line]


async def start_stocktake(*, uow: UnitOfWork, principal: Principal, title: str) -> Sheet:
    """Begin to count.

    Errors: ForbiddenError.
    """
    principal.require(*COUNTERS)
    row = Row(
        community_id=uow.community_id,
        id=uow.new_id(),
        title=title,
        clerk_account_id=principal.account_id,
        clerk_name=principal.name,
        started_at=uow.now,
    )
    stocktake = await repository.add(uow.session, row)
    await _record(uow, principal, stocktake.id, "start", stocktake.state, "")
    return Sheet(stocktake, [])


async def _record(
    uow: UnitOfWork, principal: Principal, stocktake_id: UUID, action: str, state: State, reason: str
) -> None:
    by = principal.account_id
    await steps.record_step(uow=uow, subject_id=stocktake_id, action=action, state=state, account_id=by, reason=reason)


async def count_batch(
    *, uow: UnitOfWork, principal: Principal, stocktake_id: UUID, batch_id: UUID, counted: int, explanation: str
) -> Sheet:
    """Enter how many pieces of a batch lie in the room, those set aside included; the books' number is noted beside it at once.

    What is redeemed or brought back afterwards moves both numbers alike, so the difference stays true until it is posted.

    Locks/IO: the stock-take's row, then the batch's buckets.
    Errors: StocktakeNotFoundError, BatchNotFoundError; ForbiddenError, WrongStateError.
    """
    stocktake = await repository.get_for_update(uow.session, stocktake_id)
    decide(stocktake, Action.COUNT, principal)
    product_id, product_name, expected = await stock.count_batch(uow=uow, batch_id=batch_id)
    line = Line(batch_id, product_id, product_name, expected, counted, explanation, uow.now)
    await repository.save_line(uow.session, uow.community_id, stocktake_id, line)
    return Sheet(stocktake, await repository.list_lines(uow.session, stocktake_id))


async def submit_stocktake(*, uow: UnitOfWork, principal: Principal, stocktake_id: UUID) -> Sheet:
    """Hand the count in; every difference must be explained.

    Locks/IO: the stock-take's row.
    Errors: StocktakeNotFoundError; ForbiddenError, WrongStateError; NothingCountedError, DifferenceUnexplainedError.
    """
    return await _move(uow, principal, stocktake_id, Action.SUBMIT, "")


async def approve_stocktake(*, uow: UnitOfWork, principal: Principal, stocktake_id: UUID, remark: str) -> Sheet:
    """Approve a count: each difference is posted as a move between the shelf and the losses.

    Locks/IO: the stock-take's row, then buckets by product, batch and number.
    Errors: StocktakeNotFoundError; ForbiddenError, WrongStateError, OwnCountError; StockShortError.
    """
    return await _move(uow, principal, stocktake_id, Action.APPROVE, remark)


async def send_back_stocktake(*, uow: UnitOfWork, principal: Principal, stocktake_id: UUID, remark: str) -> Sheet:
    """Ask the clerk to count again.

    Locks/IO: the stock-take's row.
    Errors: StocktakeNotFoundError; ForbiddenError, WrongStateError, OwnCountError.
    """
    return await _move(uow, principal, stocktake_id, Action.SEND_BACK, remark)


async def cancel_stocktake(*, uow: UnitOfWork, principal: Principal, stocktake_id: UUID, remark: str) -> Sheet:
    """Give a count up; nothing is posted.

    Locks/IO: the stock-take's row.
    Errors: StocktakeNotFoundError; ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, stocktake_id, Action.CANCEL, remark)


async def _move(uow: UnitOfWork, principal: Principal, stocktake_id: UUID, action: Action, remark: str) -> Sheet:
    stocktake = await repository.get_for_update(uow.session, stocktake_id)
    state = decide(stocktake, action, principal)
    lines = await repository.list_lines(uow.session, stocktake_id)
    if action is Action.SUBMIT:
        require_explained(lines)
    if action is Action.APPROVE:
        for line in lines:
            if line.difference:
                await stock.adjust(
                    uow=uow,
                    product_id=line.product_id,
                    batch_id=line.batch_id,
                    difference=line.difference,
                    cause_id=stocktake_id,
                    reason=line.explanation,
                    actor=principal.account_id,
                )
    is_submitting = action is Action.SUBMIT
    await repository.save_state(
        uow.session,
        stocktake_id,
        state,
        submitted_at=uow.now if is_submitting else stocktake.submitted_at,
        decided_by=None if is_submitting else principal.account_id,
        decided_at=None if is_submitting else uow.now,
        remark=remark,
    )
    await _record(uow, principal, stocktake_id, action, state, remark)
    differences = [line.difference for line in lines if line.difference]
    uow.announce(
        stocktake_id,
        StocktakeMoved(
            stocktake_id=stocktake_id,
            title=stocktake.title,
            account_id=stocktake.clerk_account_id,
            state=state,
            differences=len(differences),
            missing=-sum(difference for difference in differences if difference < 0),
            extra=sum(difference for difference in differences if difference > 0),
            reason=remark,
            moved_at=uow.now,
        ),
    )
    return Sheet(await repository.get(uow.session, stocktake_id), lines)


async def get_sheet(*, uow: UnitOfWork, principal: Principal, stocktake_id: UUID) -> Sheet:
    """Return a stock-take with what was counted.

    Errors: ForbiddenError; StocktakeNotFoundError.
    """
    principal.require(*COUNTERS, *APPROVERS)
    stocktake = await repository.get(uow.session, stocktake_id)
    return Sheet(stocktake, await repository.list_lines(uow.session, stocktake_id))


async def list_actions(*, uow: UnitOfWork, principal: Principal, stocktake_id: UUID) -> tuple[State, list[Action]]:
    """Return what the caller could do with a count now.

    Errors: ForbiddenError; StocktakeNotFoundError.
    """
    principal.require(*COUNTERS, *APPROVERS)
    stocktake = await repository.get(uow.session, stocktake_id)
    actions = LIFE.actions(stocktake.state, acting_as(principal, stocktake))
    if principal.account_id == stocktake.clerk_account_id:
        actions = [action for action in actions if action not in {Action.APPROVE, Action.SEND_BACK}]
    return stocktake.state, actions


async def list_stocktakes(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: State | None,
    product_id: UUID | None,
    span: Span,
) -> Slice[Stocktake]:
    """Return stock-takes, newest first.

    Errors: ForbiddenError.
    """
    principal.require(*COUNTERS, *APPROVERS)
    return await repository.list_page(uow.session, page, state=state, product_id=product_id, span=span)
