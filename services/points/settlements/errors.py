"""Refusals of monthly settlements.

```
DomainError
├── NotFoundError
│   └── SettlementNotFoundError
├── ConflictError
│   ├── SettlementExistsError
│   ├── NothingToSettleError
│   └── SettlementMismatchError
├── ForbiddenError
│   └── SettlementRecusedError
└── InvalidError
    ├── MonthInvalidError
    └── VoucherNotInSettlementError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class SettlementNotFoundError(NotFoundError):
    code = "points.settlement_not_found"
    title = "没有这张结算单"
    detail = "没有找到这张商户结算单。"


class SettlementExistsError(ConflictError):
    code = "points.settlement_exists"
    title = "这个月已经结算"
    detail = "这家商户这个月的结算单已经有了，请打开那一张办理。"


class NothingToSettleError(ConflictError):
    code = "points.nothing_to_settle"
    title = "没有要结算的券"
    detail = "这家商户到这个月底没有未结算的券。"


class SettlementMismatchError(ConflictError):
    code = "points.settlement_mismatch"
    title = "账目对不上"
    detail = "券面合计 {vouchers} 分，积分账上是 {ledger} 分，两边不一致，先不结算；请联系监督委员会核账。"


class SettlementRecusedError(ForbiddenError):
    code = "points.settlement_recused"
    title = "应当由另一个人办理"
    detail = "商户不能代社区确认自己的结算；确认的人和付款的人也不能是同一个人。"


class MonthInvalidError(InvalidError):
    code = "points.month_invalid"
    title = "月份不对"
    detail = "结算月份请填当月一日，并且这个月要已经过完。"


class VoucherNotInSettlementError(InvalidError):
    code = "points.voucher_not_in_settlement"
    title = "券不在这张结算单里"
    detail = "要剔除的券不都在这张结算单里，请核对后再办。"
