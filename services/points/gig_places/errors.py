"""Refusals of the gig market.

```
DomainError
├── NotFoundError
│   ├── GigNotFoundError
│   └── GigPlaceNotFoundError
├── ConflictError
│   ├── GigClosedError
│   ├── GigFullError
│   ├── GigOfOwnHouseholdError
│   ├── AlreadyTakenError
│   ├── TooManyTakenError
│   ├── OwnPostingError
│   ├── OwnWorkError
│   ├── TooEarlyError
│   ├── TooLateError
│   └── NotCheckedInError
└── InvalidError
    ├── GigTimesInvalidError
    ├── GigTooExpensiveError
    ├── WorkPhotosMissingError
    └── SplitInvalidError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class GigNotFoundError(NotFoundError):
    code = "points.gig_not_found"
    title = "没有这个零工"
    detail = "没有找到这个零工，可能还没有发布；请刷新列表再看。"


class GigPlaceNotFoundError(NotFoundError):
    code = "points.gig_place_not_found"
    title = "没有这份活"
    detail = "没有找到这份活，请刷新列表再看。"


class GigClosedError(ConflictError):
    code = "points.gig_closed"
    title = "已经停止接活"
    detail = "这个零工现在不能接，可能还没发布、已到截止时间或已取消；请看看别的零工。"


class GigFullError(ConflictError):
    code = "points.gig_full"
    title = "已经有人接了"
    detail = "这个零工的名额已满，请看看别的零工；有人退出时名额会重新放出来。"


class GigOfOwnHouseholdError(ConflictError):
    code = "points.gig_of_own_household"
    title = "不能接自家的活"
    detail = "这是您家发布的零工，自家人不能接。"


class AlreadyTakenError(ConflictError):
    code = "points.gig_already_taken"
    title = "您家已经接了"
    detail = "每户在同一个零工里只能接一份，您家已经接过这个零工。"


class TooManyTakenError(ConflictError):
    code = "points.gig_too_many_taken"
    title = "手上的活太多"
    detail = "每户手上最多同时有 {most} 份活，请先完成手上的再接新的。"


class OwnPostingError(ConflictError):
    code = "points.gig_own_posting"
    title = "需要另一位工作人员发布"
    detail = "社区出积分的零工，登记人不能自己发布，请另一位工作人员审核后发布。"


class OwnWorkError(ConflictError):
    code = "points.gig_own_work"
    title = "不能给自家办"
    detail = "这份活与您家或您的亲属有关，请换一位与此无关的人员办理。"


class TooEarlyError(ConflictError):
    code = "points.gig_too_early"
    title = "还没到签到时间"
    detail = "开工前 {minutes} 分钟起才能签到，请到时再签。"


class TooLateError(ConflictError):
    code = "points.gig_too_late"
    title = "已经过了时间"
    detail = "现在已经不能这样办了；如有特殊情况，请联系发布人或网格员。"


class NotCheckedInError(ConflictError):
    code = "points.gig_not_checked_in"
    title = "还没有签到"
    detail = "请先到现场签到，干完后再提交完工。"


class GigTimesInvalidError(InvalidError):
    code = "points.gig_times_invalid"
    title = "时间不对"
    detail = "报名截止时间应在现在之后、完工时间之前；开工时间应早于完工时间。"


class GigTooExpensiveError(InvalidError):
    code = "points.gig_too_expensive"
    title = "积分太多"
    detail = "这个零工共需 {needed} 分，一个零工最多 {most} 分；请减少每人积分或人数。"


class WorkPhotosMissingError(InvalidError):
    code = "points.gig_photos_missing"
    title = "缺少照片"
    detail = "完工要附上至少 {required} 张现场照片，请拍照后再提交。"


class SplitInvalidError(InvalidError):
    code = "points.gig_split_invalid"
    title = "分配不对"
    detail = "给干活人和退给发布人的积分加起来应正好是 {points} 分。"
