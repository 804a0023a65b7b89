"""Refusals of the processes slice.

```
DomainError
├── NotFoundError
│   ├── ProcessNotFoundError        proposals.process_not_found
│   ├── TemplateNotFoundError       proposals.template_not_found
│   └── StepUnknownError            proposals.step_unknown
├── InvalidError  TemplateMalformedError  proposals.template_malformed
└── ConflictError
    ├── StepOutOfOrderError         proposals.step_out_of_order
    ├── StepBackDatedError          proposals.step_back_dated
    ├── EvidenceMissingError        proposals.evidence_missing
    ├── OpinionsShortError          proposals.opinions_short
    ├── RuleNotMetError             proposals.rule_not_met
    ├── WrongStepKindError          proposals.wrong_step_kind
    ├── ReturnReasonMissingError    proposals.return_reason_missing
    ├── ReturnTargetError           proposals.return_target
    └── ProcessRunningError         proposals.process_running
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class ProcessNotFoundError(NotFoundError):
    code = "proposals.process_not_found"
    title = "没有找到这个流程"
    detail = "没有找到这个议事流程，可能编号有误或不属于本社区。"


class TemplateNotFoundError(NotFoundError):
    code = "proposals.template_not_found"
    title = "没有这个流程模板"
    detail = "没有编号为“{template}”的流程模板，请从模板列表中选择。"


class StepUnknownError(NotFoundError):
    code = "proposals.step_unknown"
    title = "流程里没有这一步"
    detail = "这个流程里没有“{step}”这一步。"


class TemplateMalformedError(InvalidError):
    code = "proposals.template_malformed"
    title = "流程模板写得不对"
    detail = "流程模板有误：{problem}。"


class StepOutOfOrderError(ConflictError):
    code = "proposals.step_out_of_order"
    title = "步骤要按顺序办"
    detail = "现在应办“{current}”，不能跳到“{step}”。"


class StepBackDatedError(ConflictError):
    code = "proposals.step_back_dated"
    title = "时间不能倒填"
    detail = "“{step}”在 {opened_at} 才开始办，所填的时间 {held_at} 不在这之后，或还没有到。"


class EvidenceMissingError(ConflictError):
    code = "proposals.evidence_missing"
    title = "材料还不齐"
    detail = "“{step}”还缺：{missing_names}。补齐以后才能完成这一步。"


class OpinionsShortError(ConflictError):
    code = "proposals.opinions_short"
    title = "征求意见的户数不够"
    detail = "商议之前要听取 {needed} 户的意见，现在听取了 {have} 户。"


class RuleNotMetError(ConflictError):
    code = "proposals.rule_not_met"
    title = "没有达到表决规则"
    detail = "“{step}”没有达到规则要求，不能算通过：{summary}"


class WrongStepKindError(ConflictError):
    code = "proposals.wrong_step_kind"
    title = "这一步不是这样办的"
    detail = "“{step}”要通过{kind}来办。"


class ReturnReasonMissingError(ConflictError):
    code = "proposals.return_reason_missing"
    title = "退回要说明理由"
    detail = "把“{step}”退回要写明理由，大家都看得到。"


class ReturnTargetError(ConflictError):
    code = "proposals.return_target"
    title = "只能退回到前面的步骤"
    detail = "“{step}”只能退回到前面已经办过的步骤，或退回给提出议题的人；已经公开的决议不能再退回。"


class ProcessRunningError(ConflictError):
    code = "proposals.process_running"
    title = "这个议题已在办理"
    detail = "这个议题已经有一个正在办理的流程，不能再开一个。"
