"""How many points a community may issue in a time, and the fund that stands behind them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.points.budgets.errors import BudgetBelowChargedError, BudgetDaysInvalidError, BudgetNotBackedError
from services.points.funds.domain import PublicFund
from shared.kernel.values import Fen


@dataclass(frozen=True, slots=True)
class Budget:
    """Points that may be issued from one day to another, both included; `charged` of them are.

    `point_value_fen` is what the meeting reckons a point to be worth in goods, in fen; None for budgets set before that was asked.
    """

    id: UUID
    name: str
    fund_id: UUID
    point_value_fen: Fen | None
    amount: int
    charged: int
    starts_on: date
    ends_on: date
    decision: str
    revision: int
    created_at: datetime

    @property
    def left(self) -> int:
        """Points that may still be issued."""
        return self.amount - self.charged


def check_days(starts_on: date, ends_on: date, today: date) -> None:
    """Pass when the days are in order and not all over.

    Errors: BudgetDaysInvalidError.
    """
    if ends_on < starts_on or ends_on < today:
        raise BudgetDaysInvalidError


def check_amount(budget: Budget, amount: int) -> None:
    """Pass when a budget may become this large: what was issued stays covered.

    Errors: BudgetBelowChargedError.
    """
    if amount < budget.charged:
        raise BudgetBelowChargedError(charged=budget.charged)


def promised(budget: Budget, today: date) -> Fen:
    """Return the money a budget promises: for all its points while it runs, for those it issued when it is over."""
    points = budget.charged if budget.ends_on < today else budget.amount
    return Fen(points * (budget.point_value_fen or 0))


def check_backing(fund: PublicFund, needed: Fen, others: Fen) -> None:
    """Pass when all that ever came into a fund covers what its other budgets promise and what one more needs.

    What the fund spent is not taken off: it bought the goods the points are good for.

    Errors: BudgetNotBackedError.
    """
    free = max(0, fund.income_fen - others)
    if needed > free:
        raise BudgetNotBackedError(
            fund=fund.name, needed_fen=needed, income_fen=fund.income_fen, promised_fen=others, free_fen=free
        )
