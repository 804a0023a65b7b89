"""Refusals of the steps slice.

```
DomainError
└── ConflictError
    ├── ResultOfAnotherStepError   proposals.result_of_another_step
    └── ResultNotReadyError        proposals.result_not_ready
```
"""

from shared.kernel.errors import ConflictError


class ResultOfAnotherStepError(ConflictError):
    code = "proposals.result_of_another_step"
    title = "不是这一步的结果"
    detail = "所选的会议或表决不属于“{step}”这一步。"


class ResultNotReadyError(ConflictError):
    code = "proposals.result_not_ready"
    title = "还没有结果"
    detail = "会议还没有结束，或投票还没有计票，请等有了结果再完成这一步。"
