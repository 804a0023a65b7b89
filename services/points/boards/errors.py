"""Refusals of boards.

```
DomainError
├── NotFoundError
│   └── BoardEntryNotFoundError
├── ForbiddenError
│   └── BoardRecusedError
├── ConflictError
│   ├── BoardExemptError
│   ├── BoardHouseholdGoneError
│   ├── BoardEntryOpenError
│   └── BoardAlreadyVotedError
└── InvalidError
    ├── BoardReasonMissingError
    └── BoardPolicyDateError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class BoardEntryNotFoundError(NotFoundError):
    code = "points.board_entry_not_found"
    title = "榜上没有这一条"
    detail = "没有找到红黑榜上的这一条。"


class BoardRecusedError(ForbiddenError):
    code = "points.board_recused"
    title = "应当回避"
    detail = "这一条说的是您自己家或亲属家，或者是您自己提的，按规定应当回避，请由其他人办理。"


class BoardExemptError(ConflictError):
    code = "points.board_exempt"
    title = "不列入提醒榜"
    detail = "未成年人和重病的家庭不列入提醒榜，请上门了解情况、帮助解决。"


class BoardHouseholdGoneError(ConflictError):
    code = "points.board_household_gone"
    title = "这一户已不在"
    detail = "这一户已经搬走或并入另一户，不再上榜。请核对户号，换成现在的住户。"


class BoardEntryOpenError(ConflictError):
    code = "points.board_entry_open"
    title = "这一户已在办理"
    detail = "这一户在这个榜上已有一条正在办理，请先办完。"


class BoardAlreadyVotedError(ConflictError):
    code = "points.board_already_voted"
    title = "已经评过"
    detail = "您已经评过这一条，不能再评。"


class BoardReasonMissingError(InvalidError):
    code = "points.board_reason_missing"
    title = "请写明理由"
    detail = "请写明理由，让当事人知道为什么。"


class BoardPolicyDateError(InvalidError):
    code = "points.board_policy_date"
    title = "生效日期不对"
    detail = "红黑榜规则的生效日期不能早于今天。"
