"""How many points a community may issue in a time, and the fund that stands behind them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.points.budgets.errors import BudgetBelowChargedError, BudgetDaysInvalidError


@dataclass(frozen=True, slots=True)
class Budget:
    """Points that may be issued from one day to another, both included; `charged` of them are."""

    id: UUID
    name: str
    fund_id: UUID
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
