"""Refusals of the ballots slice; `SealBrokenError` is in `sealing.py`.

```
DomainError
├── InvalidError  ChoiceInvalidError       proposals.choice_invalid
├── ForbiddenError
│   ├── NotOnRollError                     proposals.not_on_roll
│   └── MayNotActError                     proposals.may_not_act
├── NotFoundError BallotNotFoundError      proposals.ballot_not_found
├── PreconditionError BallotTextChangedError proposals.ballot_text_changed
├── GoneError  RoundClosedError            proposals.round_closed
├── ConflictError
│   ├── RoundNotOpenError                  proposals.round_not_open
│   ├── AlreadyVotedError                  proposals.already_voted
│   ├── CheckInFirstError                  proposals.check_in_first
│   ├── NotYetLoggedError                  proposals.not_yet_logged
│   └── LogSealedError                     proposals.log_sealed
└── UnavailableError  RoundBusyError       proposals.round_busy
```
"""

from shared.kernel.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidError,
    NotFoundError,
    PreconditionError,
    UnavailableError,
)


class ChoiceInvalidError(InvalidError):
    code = "proposals.choice_invalid"
    title = "选票填得不对"
    detail = "选票填得不对：{problem}。"


class NotOnRollError(ForbiddenError):
    code = "proposals.not_on_roll"
    title = "名册里没有您家"
    detail = "这次表决的名册在投票前已经公布并冻结，里面没有您家。如果认为漏了，请联系社区工作人员。"


class MayNotActError(ForbiddenError):
    code = "proposals.may_not_act"
    title = "您不能代表这一户投票"
    detail = "名册里登记的投票人不包括您（未成年人或名册冻结后才加入的人不能投票），请由家里登记的人来投。"


class BallotNotFoundError(NotFoundError):
    code = "proposals.ballot_not_found"
    title = "没有找到这张选票"
    detail = "没有找到这张选票，请核对回执上的编号。"


class BallotTextChangedError(PreconditionError):
    code = "proposals.ballot_text_changed"
    title = "您看到的不是这次表决的内容"
    detail = "您打开的内容与这次表决冻结的内容不一致，请刷新后再投。"


class RoundClosedError(GoneError):
    code = "proposals.round_closed"
    title = "投票已经结束"
    detail = "这次投票已经结束，不能再投。"


class RoundNotOpenError(ConflictError):
    code = "proposals.round_not_open"
    title = "投票还没有开始"
    detail = "投票还没有开始，请等开始以后再投。"


class AlreadyVotedError(ConflictError):
    code = "proposals.already_voted"
    title = "您家已经投过票"
    detail = "您家的票已由 {cast_by} 在 {cast_at} 投出，一户只有一票。如果不是家里人投的，请马上联系社区工作人员。"


class CheckInFirstError(ConflictError):
    code = "proposals.check_in_first"
    title = "请先签到"
    detail = "这次表决要先签到，再投票。"


class NotYetLoggedError(ConflictError):
    code = "proposals.not_yet_logged"
    title = "选票正在登记"
    detail = "选票已经收到，正在登记到公开日志，请过几秒再查。"


class LogSealedError(ConflictError):
    code = "proposals.log_sealed"
    title = "投票结束后才能下载"
    detail = "投票还没有结束，为了不泄露中途结果，结束计票以后才能下载核验包。"


class RoundBusyError(UnavailableError):
    code = "proposals.round_busy"
    title = "投票的人较多"
    detail = "投票的人较多，请过几秒再投；您刚才的票没有投出。"
