"""Refusals of the tallies slice.

```
DomainError
├── ForbiddenError InterimResultError   proposals.interim_result
└── ConflictError  BallotsDisagreeError proposals.ballots_disagree
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError


class InterimResultError(ForbiddenError):
    code = "proposals.interim_result"
    title = "投票结束前看不到结果"
    detail = "为了公平，投票结束以前谁也看不到票是怎么投的，只能看投票率。"


class BallotsDisagreeError(ConflictError):
    code = "proposals.ballots_disagree"
    title = "选票与日志对不上"
    detail = "日志里有 {logged} 张票，票箱里有 {counted} 张，计票已停止，请联系监督委员会。"
