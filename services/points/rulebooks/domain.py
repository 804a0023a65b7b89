"""The list of what earns and what costs points, in versions that are adopted and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.points.rulebooks.errors import ItemCodeRepeatedError, PeriodInvalidError
from shared.kernel.values import Points


class ItemGroup(StrEnum):
    """加分项, 扣分项."""

    PLUS = "plus"
    MINUS = "minus"


@dataclass(frozen=True, slots=True)
class RuleItem:
    """One line of the list.

    `points` are what one unit earns or, in the minus group, costs; `cap_count` units a household in `cap_days` days are the most.
    """

    code: str
    name: str
    group: ItemGroup
    points: Points
    unit: str
    cap_count: int
    cap_days: int
    photos_required: int


@dataclass(frozen=True, slots=True)
class Policy:
    """How claims are judged under a version: votes needed, and days a result hangs out. Source: domain.md, [YY], [JY]."""

    panel_quorum: int = 3
    notice_days: int = 3


def check(items: Sequence[RuleItem], effective_on: date, today: date) -> None:
    """Pass when the list may be adopted.

    Errors: ItemCodeRepeatedError; PeriodInvalidError for a day that is already over: no claim is judged by a rule made afterwards.
    """
    codes = [item.code for item in items]
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    if repeated:
        raise ItemCodeRepeatedError(codes=repeated)
    if effective_on < today:
        raise PeriodInvalidError
