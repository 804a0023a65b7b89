"""Refusals of the rounds slice; the rule's own are in `quorum.py` and `presets.py`.

```
DomainError
├── NotFoundError  RoundNotFoundError        proposals.round_not_found
├── InvalidError
│   ├── WindowInvalidError                   proposals.window_invalid
│   └── OptionsInvalidError                  proposals.options_invalid
└── ConflictError
    ├── RoundNotDueError                     proposals.round_not_due
    ├── GradeNotOfferedError                 proposals.grade_not_offered
    ├── AreaNeedsNamedError                  proposals.area_needs_named
    ├── RollOfAnotherScopeError              proposals.roll_of_another_scope
    ├── RoundAlreadyHeldError                proposals.round_already_held
    ├── NoTieError                           proposals.no_tie
    ├── UnitNotOnRollError                   proposals.unit_not_on_roll
    └── PresenceUnrecordableError            proposals.presence_unrecordable
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class RoundNotFoundError(NotFoundError):
    code = "proposals.round_not_found"
    title = "没有找到这次表决"
    detail = "没有找到这次表决，可能编号有误或不属于本社区。"


class WindowInvalidError(InvalidError):
    code = "proposals.window_invalid"
    title = "投票时间不对"
    detail = "投票的结束时间要晚于开始时间，开始时间不能早于现在。"


class OptionsInvalidError(InvalidError):
    code = "proposals.options_invalid"
    title = "选项不对"
    detail = "选项有误：{problem}。"


class RoundNotDueError(ConflictError):
    code = "proposals.round_not_due"
    title = "还没有到时间"
    detail = "定在 {due_at}，还没有到时间。"


class GradeNotOfferedError(ConflictError):
    code = "proposals.grade_not_offered"
    title = "暂时不能办无记名投票"
    detail = "无记名投票要把发票和投票完全分开，系统还没有通过这项检验，请选记名方式。"


class AreaNeedsNamedError(ConflictError):
    code = "proposals.area_needs_named"
    title = "按面积计票只能记名、不公开"
    detail = "面积能看出是哪一户，所以按面积计票的表决用“记名不公开”。"


class PresenceUnrecordableError(ConflictError):
    code = "proposals.presence_unrecordable"
    title = "现在不能签到"
    detail = "这次表决现在不签到：还没有开始、已经结束，或者规则不看到会人数。"


class RollOfAnotherScopeError(ConflictError):
    code = "proposals.roll_of_another_scope"
    title = "名册与议题的范围不一致"
    detail = "名册是“{roll}”的，与这个议题涉及的范围不一致，请重新冻结名册。"


class UnitNotOnRollError(ConflictError):
    code = "proposals.unit_not_on_roll"
    title = "名册里没有这一户"
    detail = "这次表决的名册里没有这一户，不能签到。"


class RoundAlreadyHeldError(ConflictError):
    code = "proposals.round_already_held"
    title = "这一步已经有一次表决"
    detail = "这一步已经有一次表决，不能再开一次来换结果。平票的在并列的选项之间再投一次；要重新表决，请先说明理由把这一步退回。"


class NoTieError(ConflictError):
    code = "proposals.no_tie"
    title = "这次表决没有平票"
    detail = (
        "只有参与的户数够、有几个选项得票一样多的表决，才能在并列的选项之间再投一次。这次表决不是这样，或者已经作废。"
    )
