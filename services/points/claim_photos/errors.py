"""Refusals of claim photos.

```
DomainError
└── ConflictError
    └── PhotosNotArrivedError
```
"""

from shared.kernel.errors import ConflictError


class PhotosNotArrivedError(ConflictError):
    code = "points.photos_not_arrived"
    title = "照片还没有传到"
    detail = "这一项需要 {required} 张照片，现在只收到 {arrived} 张能看的；请稍等一会儿再核实，一直没有的，退回请申报的人重新上传照片。"
