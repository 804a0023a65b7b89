"""Refusals of pickups without network.

```
DomainError
└── InvalidError
    ├── OfflineListInvalidError
    └── UploadTooLargeError
```
"""

from shared.kernel.errors import InvalidError


class OfflineListInvalidError(InvalidError):
    code = "points.offline_list_invalid"
    title = "离线名单不对"
    detail = "这份离线名单不是发给这台设备的，请联网后重新下载名单再上传。"


class UploadTooLargeError(InvalidError):
    code = "points.upload_too_large"
    title = "一次上传太多"
    detail = "一次最多上传 {most} 条，您上传了 {hand_overs} 条，请分几次上传。"
