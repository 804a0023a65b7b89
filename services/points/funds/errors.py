"""Refusals of the points funds.

```
DomainError
├── NotFoundError
│   ├── FundNotFoundError
│   └── FundTransferNotFoundError
├── ConflictError
│   ├── FundNameTakenError
│   ├── FundExhaustedError
│   └── FundTransferReversedError
└── InvalidError
    ├── FundSourceError
    └── FundDateError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class FundNotFoundError(NotFoundError):
    code = "points.fund_not_found"
    title = "没有这个资金账户"
    detail = "没有找到这个积分资金账户，请先建账。"


class FundTransferNotFoundError(NotFoundError):
    code = "points.fund_transfer_not_found"
    title = "没有这笔收支"
    detail = "没有找到这笔收支，请核对资金账户的明细。"


class FundNameTakenError(ConflictError):
    code = "points.fund_name_taken"
    title = "账户名称已被使用"
    detail = "已经有同名的资金账户，请换一个名称。"


class FundExhaustedError(ConflictError):
    code = "points.fund_exhausted"
    title = "资金不够"
    detail = "“{fund}”余额不够：需要 {needed_fen} 分钱，只有 {balance_fen} 分钱；请先登记收入，或换一个账户支付。"


class FundTransferReversedError(ConflictError):
    code = "points.fund_transfer_reversed"
    title = "已经冲正过"
    detail = "这笔收支已经冲正过，不能再冲正一次；冲正的记录本身也不能冲正。"


class FundSourceError(InvalidError):
    code = "points.fund_source_mismatch"
    title = "资金来源不一致"
    detail = "入库单写的资金来源是 {batch_source}，所选账户是 {fund_source}，请改成一致。"


class FundDateError(InvalidError):
    code = "points.fund_date_invalid"
    title = "日期不对"
    detail = "收入的日期不能晚于今天，请在钱到账后再登记。"
