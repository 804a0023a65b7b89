"""Refusals about workers and about who is sent.

```
NotFoundError
└── WorkerNotFoundError        property.worker_not_found
ConflictError
├── WorkerNotEligibleError     property.worker_not_eligible
└── AlreadyAssignedError       property.already_assigned
InvalidError
└── DutySpanError              property.duty_span
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class WorkerNotFoundError(NotFoundError):
    code = "property.worker_not_found"
    title = "没有这位师傅"
    detail = "没有找到这位师傅，可能不在本社区物业人员名册里。"


class WorkerNotEligibleError(ConflictError):
    """Facts: the `obstacles` by code and the `reasons` in words."""

    code = "property.worker_not_eligible"
    title = "不能派给这位师傅"
    detail = "不能派给{name}：{reasons}。请从候选名单里选。"


class AlreadyAssignedError(ConflictError):
    code = "property.already_assigned"
    title = "已经派过工了"
    detail = "这张工单刚刚已派给别的师傅，请刷新后再看。"


class DutySpanError(InvalidError):
    code = "property.duty_span"
    title = "班次时间不对"
    detail = "班次或请假的结束时间要晚于开始时间，且不超过{days}天。"
