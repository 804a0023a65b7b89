"""Refusals of pickups without network.

```
DomainError
├── NotFoundError
│   └── OfflineConflictNotFoundError
├── ForbiddenError
│   └── OwnUploadError
├── ConflictError
│   └── OfflineConflictSettledError
└── InvalidError
    ├── OfflineListInvalidError
    └── UploadTooLargeError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class OfflineConflictNotFoundError(NotFoundError):
    code = "points.offline_conflict_not_found"
    title = "没有这条冲突"
    detail = "没有找到这条离线冲突，请刷新列表再选。"


class OwnUploadError(ForbiddenError):
    code = "points.own_upload"
    title = "应当由别人处理"
    detail = "这条是您自己上传的，请由另一位店员或监督委员处理。"


class OfflineConflictSettledError(ConflictError):
    code = "points.offline_conflict_settled"
    title = "已经处理过"
    detail = "这条冲突已经有人处理过，请刷新列表。"


class OfflineListInvalidError(InvalidError):
    code = "points.offline_list_invalid"
    title = "离线名单不对"
    detail = "这份离线名单不是发给这台设备的，请联网后重新下载名单再上传。"


class UploadTooLargeError(InvalidError):
    code = "points.upload_too_large"
    title = "一次上传太多"
    detail = "一次最多上传 {most} 条，您上传了 {hand_overs} 条，请分几次上传。"
