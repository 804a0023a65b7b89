"""Setting how many points may be issued, and charging what is."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.points.budgets import repository
from services.points.budgets.domain import Budget, check_amount, check_backing, check_days, promised
from services.points.budgets.errors import BudgetExhaustedError, BudgetOverlapsError
from services.points.budgets.models import BudgetRow
from services.points.funds import usecases as funds
from services.points.histories.domain import check_days as check_span
from services.points.steps import usecases as steps
from shared.etags import require_match
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

SETTERS = (Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)


async def set_budget(
    *,
    uow: UnitOfWork,
    principal: Principal,
    name: str,
    fund_id: UUID,
    point_value_fen: Fen,
    amount: int,
    starts_on: date,
    ends_on: date,
    decision: str,
) -> Budget:
    """Say how many points may be issued from one day to another, and which fund stands behind them.

    Locks/IO: the community's budgets.
    Errors: ForbiddenError, BudgetDaysInvalidError, BudgetOverlapsError, FundNotFoundError, BudgetNotBackedError.
    """
    principal.require(*SETTERS)
    check_days(starts_on, ends_on, local_date(uow.now))
    await repository.lock_budgets(uow.session, uow.community_id)
    other = await repository.find_overlapping(uow.session, starts_on, ends_on)
    if other is not None:
        raise BudgetOverlapsError(
            name=other.name, starts_on=other.starts_on.isoformat(), ends_on=other.ends_on.isoformat()
        )
    await _require_backing(uow, fund_id, Fen(amount * point_value_fen))
    budget_id = uow.new_id()
    await repository.add(
        uow.session,
        BudgetRow(
            community_id=uow.community_id,
            id=budget_id,
            name=name,
            fund_id=fund_id,
            point_value_fen=point_value_fen,
            amount=amount,
            charged=0,
            starts_on=starts_on,
            ends_on=ends_on,
            decision=decision,
            revision=1,
            created_by=principal.account_id,
            created_at=uow.now,
            changed_by=principal.account_id,
            changed_at=uow.now,
        ),
    )
    await _record(uow, principal, budget_id, "set", amount, decision)
    return await repository.get(uow.session, budget_id)


async def change_budget(
    *, uow: UnitOfWork, principal: Principal, budget_id: UUID, seen: str, amount: int, decision: str
) -> Budget:
    """Make a budget larger or smaller, never below what was issued, and never larger than its fund can back.

    Locks/IO: the community's budgets; then the budget's row, for which issuing waits.
    Errors: ForbiddenError, BudgetNotFoundError, PreconditionError, BudgetBelowChargedError, BudgetNotBackedError.
    """
    principal.require(*SETTERS)
    await repository.lock_budgets(uow.session, uow.community_id)
    budget = await repository.get(uow.session, budget_id, for_update=True)
    require_match(seen, budget.revision)
    check_amount(budget, amount)
    if amount > budget.amount and budget.point_value_fen is not None:
        needed = Fen(amount * budget.point_value_fen)
        await _require_backing(uow, budget.fund_id, needed, besides=budget_id)
    await repository.save_amount(
        uow.session, budget, amount, decision=decision, changed_by=principal.account_id, now=uow.now
    )
    await _record(uow, principal, budget_id, "change", amount, decision)
    return await repository.get(uow.session, budget_id)


async def _record(
    uow: UnitOfWork, principal: Principal, budget_id: UUID, action: str, amount: int, decision: str
) -> None:
    by = principal.account_id
    await steps.record_step(
        uow=uow, subject_id=budget_id, action=action, state=f"{amount} 分", account_id=by, reason=decision
    )


async def _require_backing(uow: UnitOfWork, fund_id: UUID, needed: Fen, *, besides: UUID | None = None) -> None:
    fund = await funds.get_fund(uow=uow, fund_id=fund_id)
    others = [budget for budget in await repository.list_of_fund(uow.session, fund_id) if budget.id != besides]
    today = local_date(uow.now)
    check_backing(fund, needed, Fen(sum(promised(budget, today) for budget in others)))


async def list_budgets(
    *, uow: UnitOfWork, page: PageRequest, fund_id: UUID | None, from_on: date | None, to_on: date | None
) -> Slice[Budget]:
    """Return the budgets that hold on one of these days, newest first; money matters are open to everybody who lives here.

    Errors: DaysReversedError.
    """
    check_span(from_on, to_on)
    return await repository.list_page(uow.session, page, fund_id=fund_id, from_on=from_on, to_on=to_on)


async def list_all_budgets(*, uow: UnitOfWork) -> list[tuple[Budget, str]]:
    """Return every budget with the name of its fund, first day first, for the sheet."""
    names = {fund.id: fund.name for fund in await funds.public_funds(uow=uow)}
    return [(budget, names.get(budget.fund_id, "")) for budget in await repository.list_all(uow.session)]


async def get_budget(*, uow: UnitOfWork, budget_id: UUID) -> Budget:
    """Return a budget.

    Errors: BudgetNotFoundError.
    """
    return await repository.get(uow.session, budget_id)


async def charge_budget(*, uow: UnitOfWork, amount: int, source_id: UUID) -> None:
    """Charge points about to be issued to today's budget. Call it before any account is locked; no budget means no limit.

    Locks/IO: the budget's row, until the transaction ends.
    Errors: BudgetExhaustedError.
    Idempotency: a cause is charged once.
    """
    charged = await charge_budgets(uow=uow, amounts=[(source_id, amount)])
    if source_id not in charged:
        budget = await repository.find_of_day(uow.session, local_date(uow.now))
        raise BudgetExhaustedError(needed=amount, left=0 if budget is None else budget.left)


async def charge_budgets(*, uow: UnitOfWork, amounts: Sequence[tuple[UUID, int]]) -> set[UUID]:
    """Charge many causes, (cause, points), one after the other, and return those the budget covers.

    Locks/IO: the budget's row, until the transaction ends.
    Idempotency: a cause is charged once.
    """
    return await repository.charge(uow.session, uow.community_id, local_date(uow.now), amounts, uow.now)


async def refund_budget(*, uow: UnitOfWork, source_id: UUID, amount: int | None = None) -> None:
    """Give back what was charged for a cause, because it was reversed; with an `amount` the part that is not issued after all.

    Call it before any account is locked.

    Locks/IO: the budget's row.
    Idempotency: never more is given back than is left of the charge; a part is given back as often as it is asked for.
    """
    await repository.refund(uow.session, uow.community_id, source_id, amount, uow.now)
