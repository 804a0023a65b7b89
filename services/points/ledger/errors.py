"""Refusals of the ledger.

```
DomainError
├── NotFoundError
│   ├── AccountNotFoundError
│   ├── HoldNotFoundError
│   └── TransferNotFoundError
├── ConflictError
│   ├── InsufficientBalanceError
│   ├── HoldAlreadyResolvedError
│   ├── AlreadyPostedError
│   ├── AlreadyReversedError
│   ├── HouseholdClosedError
│   └── NotReversibleError
└── InvalidError
    └── AmountInvalidError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class AccountNotFoundError(NotFoundError):
    code = "points.account_not_found"
    title = "没有这个积分账户"
    detail = "没有找到这户的积分账户；新登记的家庭请稍等一分钟再试。"


class HoldNotFoundError(NotFoundError):
    code = "points.hold_not_found"
    title = "没有这笔预留"
    detail = "没有找到这笔预留的积分。"


class TransferNotFoundError(NotFoundError):
    code = "points.transfer_not_found"
    title = "没有这笔积分"
    detail = "没有找到这笔积分记录。"


class InsufficientBalanceError(ConflictError):
    code = "points.insufficient_balance"
    title = "积分不够"
    detail = "积分不够：需要 {needed} 分，现有 {available} 分。"


class HoldAlreadyResolvedError(ConflictError):
    code = "points.hold_already_resolved"
    title = "已经办过了"
    detail = "这笔预留的积分已经处理过了，不能再处理一次。"


class AlreadyPostedError(ConflictError):
    code = "points.already_posted"
    title = "已经入过账"
    detail = "这件事的积分已经入过账，不会再入一次。"


class AlreadyReversedError(ConflictError):
    code = "points.already_reversed"
    title = "已经冲正过"
    detail = "这笔积分已经冲正过，不能再冲正一次。"


class NotReversibleError(ConflictError):
    code = "points.not_reversible"
    title = "这笔不能冲正"
    detail = "冲正、欠分和归还欠分的记录不能再冲正；要改请另记一笔。"


class HouseholdClosedError(ConflictError):
    code = "points.household_merged"
    title = "这户已经并走"
    detail = "这户的积分已经并入另一户，请在那一户上办理。"


class AmountInvalidError(InvalidError):
    code = "points.amount_invalid"
    title = "分值不对"
    detail = "分值应为大于 0 的整数。"
