"""Refusals of the time bank.

```
DomainError
├── NotFoundError
│   └── HelpRequestNotFoundError
├── ConflictError
│   ├── HelpFullError
│   ├── HelpNotApprovedError
│   ├── HelpOfOwnHouseholdError
│   ├── AlreadyTakesPartError
│   ├── AlreadyHelpingError
│   ├── TimeCodeWrongError
│   ├── TimeCodeUsedError
│   ├── NotPresentError
│   ├── AlreadyConfirmedError
│   └── OwnHelpError
├── TooManyError
│   └── TimeCodeLockedError
└── InvalidError
    ├── HelpTimesInvalidError
    └── HelpSettlementInvalidError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError, TooManyError


class HelpRequestNotFoundError(NotFoundError):
    code = "points.help_request_not_found"
    title = "没有这条求助"
    detail = "没有找到这条求助，可能已经有人在帮忙；请刷新列表再看。"


class HelpFullError(ConflictError):
    code = "points.help_full"
    title = "帮忙的人够了"
    detail = "这条求助已经有足够的人帮忙，请看看别的求助。"


class HelpNotApprovedError(ConflictError):
    code = "points.help_not_approved"
    title = "还没有审核"
    detail = "这条求助由社区时间池支付，要等社区审核后才能报名。"


class HelpOfOwnHouseholdError(ConflictError):
    code = "points.help_of_own_household"
    title = "家人之间不计时间"
    detail = "同一户的家人互相照顾不记入时间银行，请由邻居来帮忙。"


class AlreadyTakesPartError(ConflictError):
    code = "points.help_already_takes_part"
    title = "已经报过名"
    detail = "您已经在这条求助里了，不用再报名。"


class AlreadyHelpingError(ConflictError):
    code = "points.help_already_helping"
    title = "正在别处服务"
    detail = "这位志愿者还有一次服务没有结束，请先结束那一次再开始。"


class TimeCodeWrongError(ConflictError):
    code = "points.time_code_wrong"
    title = "服务码不对"
    detail = "服务码不对，请让对方打开手机再念一遍六位数字；开始和结束的码不一样。"


class TimeCodeUsedError(ConflictError):
    code = "points.time_code_used"
    title = "服务码已用过"
    detail = "这个服务码已经用过了，每个码只能用一次，不用再输。"


class NotPresentError(ConflictError):
    code = "points.help_not_present"
    title = "您还没有开始"
    detail = "您在这次服务里还没有用开始码签到，请先互相输入开始码。"


class AlreadyConfirmedError(ConflictError):
    code = "points.help_already_confirmed"
    title = "已经确认过"
    detail = "您已经确认过这次服务，等对方确认后时间就会入账。"


class OwnHelpError(ConflictError):
    code = "points.help_own"
    title = "与您家有关"
    detail = "这次服务与您家或您的亲属有关，请换一位与此无关的人员办理。"


class TimeCodeLockedError(TooManyError):
    code = "points.time_code_locked"
    title = "试错太多"
    detail = "服务码输错太多次，请十分钟后再试。"


class HelpTimesInvalidError(InvalidError):
    code = "points.help_times_invalid"
    title = "时间不对"
    detail = "结束时间应在现在之后、开始时间之后；一次服务最长 {longest} 分钟。"


class HelpSettlementInvalidError(InvalidError):
    code = "points.help_settlement_invalid"
    title = "分钟数不对"
    detail = "请给每位到场的志愿者各填一个分钟数，每人不能超过 {most} 分钟。"
