"""Refusals of claim photos.

```
DomainError
└── ConflictError
    ├── PhotosNotArrivedError
    └── MinutesNotArrivedError
```
"""

from shared.kernel.errors import ConflictError


class PhotosNotArrivedError(ConflictError):
    code = "points.photos_not_arrived"
    title = "照片还没有传到"
    detail = "这一项需要 {required} 张照片，现在只收到 {arrived} 张能看的；请稍等一会儿再核实，一直没有的，退回请申报的人重新上传照片。"


class MinutesNotArrivedError(ConflictError):
    code = "points.minutes_not_arrived"
    title = "会议记录还没有传到"
    detail = "会议记录还没有上传好，请稍后再试；一直这样的，请重新上传会议记录。"
