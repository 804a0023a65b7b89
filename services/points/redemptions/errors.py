"""Refusals of redemptions.

```
DomainError
├── NotFoundError
│   ├── RedemptionNotFoundError
│   └── PickupCodeUnknownError
├── ConflictError
│   ├── NotOnSaleError
│   ├── PriceChangedError
│   ├── HouseholdLimitError
│   ├── SoldOutError
│   ├── OwnCounterError
│   ├── CashDueError
│   └── RedemptionExpiredError
└── InvalidError
    ├── PickupTokenInvalidError
    └── ExportSpanError
```
"""

from collections.abc import Mapping
from typing import Any, Final

from services.points.ledger.errors import AccountNotFoundError, HouseholdClosedError, InsufficientBalanceError
from services.points.store.domain import price_in_words
from shared.kernel.errors import ConflictError, DomainError, InvalidError, NotFoundError


class RedemptionNotFoundError(NotFoundError):
    code = "points.redemption_not_found"
    title = "没有这次兑换"
    detail = "没有找到这次兑换。"


class PickupCodeUnknownError(NotFoundError):
    code = "points.pickup_code_unknown"
    title = "取货码不对"
    detail = "没有找到这个取货码；请核对六位数字，用过的和过期的取货码不能再用。"


class PickupTokenInvalidError(InvalidError):
    code = "points.pickup_token_invalid"
    title = "二维码无效"
    detail = "这个二维码不是本系统的取货码，请让居民重新打开取货页面。"


class ExportSpanError(InvalidError):
    code = "points.export_span"
    title = "日期范围不对"
    detail = "起止日期颠倒了，或者超过 {most_days} 天，请缩短后再导出。"


class NotOnSaleError(ConflictError):
    code = "points.not_on_sale"
    title = "商品已下架"
    detail = "这件商品没有上架或已经下架，请看看别的商品。"


class PriceChangedError(ConflictError):
    code = "points.price_changed"
    title = "价格已变"
    detail = "这件商品现在是 {price}，和您看到的 {seen}不一样，请确认后再兑换。"

    def __init__(self, **facts: Any) -> None:
        cash = facts.get("cash_fen", 0)
        price = price_in_words(facts["price_points"], cash)
        seen = price_in_words(facts["expected"], facts.get("expected_cash_fen", cash))
        super().__init__(**facts | {"price": price, "seen": seen})


class HouseholdLimitError(ConflictError):
    code = "points.household_limit"
    title = "超过限兑数量"
    detail = "这件商品每 {window_days} 天为一期，每户每期限兑 {limit} 件。本期到 {window_ends_on} 为止，您家已兑 {taken} 件，过了这天可以再兑。"


class SoldOutError(ConflictError):
    code = "points.sold_out"
    title = "已经兑完"
    detail = "这件商品已经兑完，请留意下次到货。"


class OwnCounterError(ConflictError):
    code = "points.own_counter"
    title = "不能给自家核销"
    detail = "管理员不能核销自己家的兑换，请换一位管理员办理。"


class CancelReasonMissingError(InvalidError):
    code = "points.cancel_reason_missing"
    title = "请写明原因"
    detail = "替住户取消兑换，请写明原因，让住户知道为什么。"


class CashDueError(ConflictError):
    code = "points.cash_due"
    title = "请核对现金"
    detail = (
        "这次兑换除积分外还应收现金 {cash_yuan} 元，和填写的实收金额不一样；请当面收好现金，按实收金额填写，再交货。"
    )


class RedemptionExpiredError(ConflictError):
    code = "points.redemption_expired"
    title = "取货已过期"
    detail = "这次兑换已过取货时间，积分已退回，请重新兑换。"


REFUSALS: Final[Mapping[str, type[DomainError]]] = {
    "DP001": InsufficientBalanceError,
    "DP003": AccountNotFoundError,
    "DP008": HouseholdClosedError,
    "DP010": NotOnSaleError,
    "DP011": HouseholdLimitError,
    "DP012": SoldOutError,
    "DP013": PriceChangedError,
}
"""What `redeem.sql` refuses with."""


def refusal_of(sqlstate: str, facts: Mapping[str, Any]) -> DomainError:
    """Return the refusal that the hot path recorded."""
    return REFUSALS[sqlstate](**facts)
