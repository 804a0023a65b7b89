"""Refusals of the logs slice.

```
DomainError
└── NotFoundError
    ├── LogNotFoundError      proposals.log_not_found
    └── LeafNotFoundError     proposals.leaf_not_found
```
"""

from shared.kernel.errors import NotFoundError


class LogNotFoundError(NotFoundError):
    code = "proposals.log_not_found"
    title = "还没有公开日志"
    detail = "这次表决还没有冻结，没有公开日志。"


class LeafNotFoundError(NotFoundError):
    code = "proposals.leaf_not_found"
    title = "日志里没有这一条"
    detail = "公开日志里没有这一条。刚投的票要等几秒才登记，请稍后再查；如果一直没有，请拿回执联系监督委员会。"
