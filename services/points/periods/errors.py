"""Refusals of periods.

```
DomainError
├── NotFoundError
│   ├── PeriodNotFoundError
│   └── PeriodObjectionNotFoundError
├── ForbiddenError
│   ├── PeriodRecusedError
│   └── PeriodOnePersonError
├── ConflictError
│   ├── PeriodClosedError
│   ├── PeriodNotOverError
│   ├── PeriodNotPublishedError
│   ├── PeriodEarlierOpenError
│   ├── PeriodClaimsPendingError
│   ├── PeriodObjectionsOpenError
│   ├── PeriodNoticeRunsError
│   ├── PeriodObjectionLateError
│   ├── PeriodAlreadyObjectedError
│   ├── PeriodAnsweredError
│   └── PeriodTotalsChangedError
└── InvalidError
    ├── PeriodDatesInvalidError
    └── PeriodReasonMissingError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class PeriodNotFoundError(NotFoundError):
    code = "points.period_not_found"
    title = "没有这一期"
    detail = "没有找到这一期评议，请从期次列表里选择。"


class PeriodObjectionNotFoundError(NotFoundError):
    code = "points.period_objection_not_found"
    title = "没有这条异议"
    detail = "没有找到这条异议，请从异议列表里选择。"


class PeriodRecusedError(ForbiddenError):
    code = "points.period_recused"
    title = "应当回避"
    detail = "这条异议是您自己家或您的亲属家提的，按规定应当回避，请由其他人答复。"


class PeriodOnePersonError(ForbiddenError):
    code = "points.period_one_person"
    title = "要换一个人来办"
    detail = "审核和公示要由两个人分别办理，审核是您办的，请换一位同事来公示。"


class PeriodClosedError(ConflictError):
    code = "points.period_closed"
    title = "这一期已经截止"
    detail = "{on} 属于“{name}”，这一期已经截止，不能再记入；如有差错，请在公示时提出异议，或在下一期更正。"


class PeriodNotOverError(ConflictError):
    code = "points.period_not_over"
    title = "这一期还没有结束"
    detail = "这一期到 {ends_on} 才结束，请到期后再汇总。"


class PeriodNotPublishedError(ConflictError):
    code = "points.period_not_published"
    title = "这一期还没有公示"
    detail = "“{name}”还没有公示，公示后才能查看汇总。"


class PeriodEarlierOpenError(ConflictError):
    code = "points.period_earlier_open"
    title = "上一期还没有封存"
    detail = "上一期“{name}”还没有封存，请先办完上一期。"


class PeriodClaimsPendingError(ConflictError):
    code = "points.period_claims_pending"
    title = "还有申报没办完"
    detail = "这一期还有 {count} 条申报没有办完，请先核实、评议、公示入账或退回。"


class PeriodObjectionsOpenError(ConflictError):
    code = "points.period_objections_open"
    title = "还有异议没答复"
    detail = "这一期还有 {count} 条异议没有答复，全部答复后才能封存。"


class PeriodNoticeRunsError(ConflictError):
    code = "points.period_notice_runs"
    title = "公示还没有到期"
    detail = "公示到 {until} 才期满，请期满后再封存。"


class PeriodObjectionLateError(ConflictError):
    code = "points.period_objection_late"
    title = "公示已经期满"
    detail = "这一期公示已于 {until} 期满；如有差错，请联系社区在下一期更正。"


class PeriodAlreadyObjectedError(ConflictError):
    code = "points.period_already_objected"
    title = "您家的异议还在处理"
    detail = "您家对这一期已提过异议，还在处理中，请等答复后再提。"


class PeriodAnsweredError(ConflictError):
    code = "points.period_answered"
    title = "这条异议已经答复"
    detail = "这条异议已经答复过，不能再答复一次。"


class PeriodTotalsChangedError(ConflictError):
    code = "points.period_totals_changed"
    title = "公示后积分有变动"
    detail = "现在的积分和公示的不一样，不能封存，请退回重新汇总后再公示。"


class PeriodDatesInvalidError(InvalidError):
    code = "points.period_dates_invalid"
    title = "起止日期不对"
    detail = "每一期应有 {shortest} 到 {longest} 天，并且紧接上一期：应从 {expected} 开始。"


class PeriodReasonMissingError(InvalidError):
    code = "points.period_reason_missing"
    title = "请写明理由"
    detail = "请写明理由，让大家知道为什么。"
