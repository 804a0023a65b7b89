"""Refusals of awards.

```
DomainError
├── NotFoundError
│   └── AwardNotFoundError
├── ConflictError
│   └── AlreadyNominatedError
├── ForbiddenError
│   └── AwardRecusedError
└── InvalidError
    ├── VotesInvalidError
    └── AwardPolicyInvalidError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class AwardNotFoundError(NotFoundError):
    code = "points.award_not_found"
    title = "没有这项评选"
    detail = "没有找到这项评优评先。"


class AlreadyNominatedError(ConflictError):
    code = "points.already_nominated"
    title = "已经有人推荐"
    detail = "这一户（人）的这项推荐正在办理，不用重复推荐；请等它办完。"


class AwardRecusedError(ForbiddenError):
    code = "points.award_recused"
    title = "应当回避"
    detail = "推荐人、被推荐的人家和他们的亲属不能参加评定，请由其他人办理。"


class VotesInvalidError(InvalidError):
    code = "points.award_votes_invalid"
    title = "票数不对"
    detail = "评定至少要有 {quorum} 票；通过时赞成票要多于反对票，不通过时反之。请核对会议记录。"


class AwardPolicyInvalidError(InvalidError):
    code = "points.award_policy_invalid"
    title = "生效日期不对"
    detail = "评优办法的生效日期不能早于今天。"
