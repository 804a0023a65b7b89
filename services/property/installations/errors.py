"""Refusals of installations.

```
NotFoundError
└── InstallationNotFoundError   property.installation_not_found
ConflictError
├── InstallationOverdueError    property.installation_overdue
├── NoInstallationConflictError property.no_installation_conflict
└── OwnHomeError                property.own_home
InvalidError
├── AppointmentInvalidError     property.appointment_invalid
└── WorkerMissingError          property.worker_missing
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class InstallationNotFoundError(NotFoundError):
    code = "property.installation_not_found"
    title = "没有这次安装"
    detail = "没有找到这次安装。"


class InstallationOverdueError(ConflictError):
    code = "property.installation_overdue"
    title = "已经过期"
    detail = "这次兑换已过期，积分已退回居民，不能再安装；请居民重新兑换。"


class NoInstallationConflictError(ConflictError):
    code = "property.no_installation_conflict"
    title = "没有要处理的矛盾"
    detail = "这次安装没有要处理的矛盾，或者已经有人处理过；请刷新列表再看。"


class OwnHomeError(ConflictError):
    code = "property.own_home"
    title = "不能上自己家安装"
    detail = "师傅不能上自己家安装兑换的商品，请换一位师傅。"


class AppointmentInvalidError(InvalidError):
    code = "property.appointment_invalid"
    title = "上门时间不对"
    detail = "上门时间应在现在之后、{until} 之前，请另选时间。"


class WorkerMissingError(InvalidError):
    code = "property.worker_missing"
    title = "没有选师傅"
    detail = "请选一位师傅上门；师傅自己接单时不用选。"
