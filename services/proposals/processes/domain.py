"""A running 四议两公开: which step is open, what closes it, how it is returned, and when the process ends.

Steps are never skipped and never back-dated (P7). A step that is returned says why and opens an earlier one as a new attempt;
the record of the attempt before stays as it was.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.proposals.processes.errors import (
    EvidenceMissingError,
    OpinionsShortError,
    ReturnReasonMissingError,
    ReturnTargetError,
    RuleNotMetError,
    StepBackDatedError,
    StepOutOfOrderError,
    WrongStepKindError,
)
from services.proposals.processes.templates import (
    EVIDENCE_AUTHORS,
    EVIDENCE_NAMES,
    KIND_NAMES,
    Evidence,
    Step,
    Template,
)
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal
from shared.kernel.state_machine import StateMachine, Worded


class ProcessState(Worded):
    RUNNING = "running", "议事中"
    COMPLETED = "completed", "已走完"
    REJECTED = "rejected", "未通过"
    RETURNED = "returned", "已退回提案人"


class ProcessAction(Worded):
    ADVANCE = "advance", "进入下一步"
    RETURN_STEP = "return_step", "退回上一步"
    FINISH = "finish", "办结"
    REJECT = "reject", "否决"
    RETURN_TO_AUTHOR = "return_to_author", "退回提案人"


class ProcessActor(StrEnum):
    STEP_ACTOR = "step_actor"
    SYSTEM = "system"


class StepState(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    RETURNED = "returned"
    REJECTED = "rejected"


_S, _A, _W = ProcessState, ProcessAction, ProcessActor
_ANY = frozenset({_W.STEP_ACTOR, _W.SYSTEM})
LIFE = StateMachine[ProcessState, ProcessAction, ProcessActor](
    transitions={
        (_S.RUNNING, _A.ADVANCE): _S.RUNNING,
        (_S.RUNNING, _A.RETURN_STEP): _S.RUNNING,
        (_S.RUNNING, _A.FINISH): _S.COMPLETED,
        (_S.RUNNING, _A.REJECT): _S.REJECTED,
        (_S.RUNNING, _A.RETURN_TO_AUTHOR): _S.RETURNED,
    },
    actors={
        _A.ADVANCE: _ANY,
        _A.RETURN_STEP: _ANY,
        _A.FINISH: _ANY,
        _A.REJECT: _ANY,
        _A.RETURN_TO_AUTHOR: _ANY,
    },
)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """The one step that is open: its place, which attempt it is, and since when."""

    position: int
    attempt: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Process:
    process_id: UUID
    proposal_id: UUID
    text_hash: str
    template: Template
    state: ProcessState
    open_step: OpenStep | None

    def current(self) -> Step | None:
        """Return the step that is open, or None at the end."""
        return None if self.open_step is None else self.template.steps[self.open_step.position]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What the rule engine said about a meeting or a round; `summary` is one sentence of the derivation."""

    is_held: bool
    is_decided: bool
    summary: str

    @property
    def is_passed(self) -> bool:
        """Held and decided."""
        return self.is_held and self.is_decided


@dataclass(frozen=True, slots=True)
class Completion:
    """What is laid on the table to close a step.

    `held_at` is when the meeting, the tally or the end of the notice took place. `rule` is absent for notices.
    """

    held_at: datetime
    evidence: Collection[Evidence]
    households_heard: int
    households_in_scope: int
    rule: RuleResult | None = None


def acting_as(process: Process, principal: Principal | None) -> frozenset[ProcessActor]:
    """Return what the caller is to the open step; no principal is the system itself (sweeps and facts)."""
    if principal is None:
        return frozenset({ProcessActor.SYSTEM})
    step = process.current()
    return frozenset({ProcessActor.STEP_ACTOR}) if step is not None and principal.has(*step.actors) else frozenset()


def require_open(process: Process, step_code: str) -> Step:
    """Return the step when it is the open one.

    Errors: StepUnknownError, StepOutOfOrderError.
    """
    step = process.template.steps[process.template.position(step_code)]
    current = process.current()
    if current is None or current.code != step.code:
        raise StepOutOfOrderError(step=step.title, current="（流程已结束）" if current is None else current.title)
    return step


def require_kind(step: Step, kind: str) -> None:
    """Pass when the step is done in this way.

    Errors: WrongStepKindError.
    """
    if step.kind != kind:
        raise WrongStepKindError(step=step.title, kind=KIND_NAMES[step.kind])


def require_not_before_opening(process: Process, held_at: datetime) -> None:
    """Pass a moment at or after the opening of the open step.

    Errors: StepBackDatedError.
    """
    opened_at = _open(process).opened_at
    if held_at < opened_at:
        title = process.template.steps[_open(process).position].title
        raise StepBackDatedError(step=title, opened_at=_local(opened_at), held_at=_local(held_at))


def missing_evidence(step: Step, given: Collection[Evidence]) -> list[Evidence]:
    """Return what still has to be filed, in template order."""
    return [item for item in step.evidence if item not in given]


def may_file(step: Step, evidence: Evidence, principal: Principal) -> bool:
    """Tell whether the caller may file this evidence: its own author, or whoever runs the step."""
    authors = EVIDENCE_AUTHORS.get(evidence)
    return principal.has(*(authors if authors is not None else step.actors))


def pass_step(
    process: Process, principal: Principal | None, step_code: str, completion: Completion, *, now: datetime
) -> Process:
    """Close the open step and open the next, or end the process.

    Errors: ForbiddenError, WrongStateError, StepOutOfOrderError, StepBackDatedError, OpinionsShortError,
    EvidenceMissingError, RuleNotMetError.
    """
    actors = acting_as(process, principal)
    step = require_open(process, step_code)
    is_last = step is process.template.steps[-1]
    state = LIFE.perform(process.state, ProcessAction.FINISH if is_last else ProcessAction.ADVANCE, actors)
    _check_completion(process, step, completion, now)
    return replace(process, state=state, open_step=None if is_last else _opened(process, 1, now))


def _check_completion(process: Process, step: Step, completion: Completion, now: datetime) -> None:
    opened_at = _open(process).opened_at
    if not opened_at <= completion.held_at <= now:
        raise StepBackDatedError(step=step.title, opened_at=_local(opened_at), held_at=_local(completion.held_at))
    if step.opinions_share is not None and not step.opinions_share.is_reached_by(
        completion.households_heard, completion.households_in_scope
    ):
        needed = step.opinions_share.least_reaching(completion.households_in_scope)
        raise OpinionsShortError(needed=needed, have=completion.households_heard)
    missing = missing_evidence(step, completion.evidence)
    if missing:
        raise EvidenceMissingError(
            step=step.title,
            missing=[item.value for item in missing],
            missing_names="、".join(EVIDENCE_NAMES[item] for item in missing),
        )
    if step.rule is not None and (completion.rule is None or not completion.rule.is_passed):
        summary = "还没有结果" if completion.rule is None else completion.rule.summary
        raise RuleNotMetError(step=step.title, summary=summary)


def return_step(
    process: Process, principal: Principal | None, step_code: str, *, to: str | None, reason: str, now: datetime
) -> Process:
    """Send the open step back to an earlier one, or to the author when `to` is None; the reason is public.

    Nothing goes back behind a decision that was published.

    Errors: ForbiddenError, WrongStateError, StepOutOfOrderError, ReturnReasonMissingError, ReturnTargetError.
    """
    actors = acting_as(process, principal)
    step = require_open(process, step_code)
    if not reason.strip():
        raise ReturnReasonMissingError(step=step.title)
    if to is None:
        state = LIFE.perform(process.state, ProcessAction.RETURN_TO_AUTHOR, actors)
        return replace(process, state=state, open_step=None)
    here = _open(process)
    position, decides_at = process.template.position(to), process.template.position(process.template.decides_at)
    if position >= here.position or position <= decides_at < here.position:
        raise ReturnTargetError(step=step.title)
    state = LIFE.perform(process.state, ProcessAction.RETURN_STEP, actors)
    return replace(process, state=state, open_step=OpenStep(position, here.attempt + 1, now))


def reject(process: Process, principal: Principal | None, step_code: str, *, reason: str) -> Process:
    """End the process without a decision, because the body said no; the reason is public.

    Errors: ForbiddenError, WrongStateError, StepOutOfOrderError, ReturnReasonMissingError.
    """
    actors = acting_as(process, principal)
    step = require_open(process, step_code)
    if not reason.strip():
        raise ReturnReasonMissingError(step=step.title)
    return replace(process, state=LIFE.perform(process.state, ProcessAction.REJECT, actors), open_step=None)


def attempt_of(process: Process) -> int:
    """Return which attempt the open step is.

    Errors: StepOutOfOrderError at the end.
    """
    return _open(process).attempt


def _open(process: Process) -> OpenStep:
    if process.open_step is None:
        raise StepOutOfOrderError(step="", current="（流程已结束）")
    return process.open_step


def _opened(process: Process, by: int, now: datetime) -> OpenStep:
    here = _open(process)
    return OpenStep(here.position + by, here.attempt, now)


def _local(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
