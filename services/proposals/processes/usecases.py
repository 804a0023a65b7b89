"""What happens to processes: started, evidenced, passed step by step, returned, rejected."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.proposals.processes import domain, repository
from services.proposals.processes.domain import Completion, OpenStep, ProcessAction, ProcessState, RuleResult, StepState
from services.proposals.processes.errors import ProcessRunningError
from services.proposals.processes.models import Evidence, Process, ProcessStep
from services.proposals.processes.templates import Evidence as EvidenceKind
from services.proposals.processes.templates import Step, StepKind, get_template, template_to_json
from services.proposals.proposals import usecases as proposals
from services.proposals.proposals.domain import ProposalAction, ProposalState
from services.proposals.rounds.presets import require_usable
from shared.contracts.events import DecisionPublished, ResultPublished
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """A process with everything that lies in its file."""

    process: Process
    steps: Sequence[ProcessStep]
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What closes a step: the meeting, round or notice, when it took place, and what it proves by itself."""

    subject_id: UUID
    held_at: datetime
    evidence: Collection[EvidenceKind]
    rule: RuleResult | None
    result_hash: str | None = None


ProcessRow = Process
"""A process as its use cases hand it over."""


async def start_process(
    *, uow: UnitOfWork, principal: Principal, proposal_id: UUID, rules_signed_off_by: str
) -> Process:
    """Start the process of an endorsed proposal by its template; the first step is open from now on.

    Locks/IO: the proposal.
    Errors: ForbiddenError, ProposalNotFoundError, EndorsementsShortError, ProcessRunningError, WrongStateError,
    PresetNeedsSignatureError.
    """
    before, _ = await proposals.get_proposal(uow=uow, proposal_id=proposal_id)
    if before.state == ProposalState.DELIBERATING:
        raise ProcessRunningError
    proposal = await proposals.start_deliberation(uow=uow, principal=principal, proposal_id=proposal_id)
    template = get_template(proposal.template)
    for preset in template.unverified_rules():
        require_usable(preset, signed_off_by=rules_signed_off_by)
    process = Process(
        community_id=uow.community_id,
        id=uow.new_id(),
        proposal_id=proposal_id,
        text_hash=proposal.text_hash,
        template=template_to_json(template),
        rules_signed_off_by=rules_signed_off_by.strip(),
        state=ProcessState.RUNNING,
        open_position=0,
        open_attempt=1,
        step_opened_at=uow.now,
        started_by=principal.account_id,
        started_at=uow.now,
    )
    await repository.add(uow.session, process)
    await _open_step(uow, process, template.steps[0])
    return process


async def _open_step(uow: UnitOfWork, process: Process, step: Step) -> None:
    opened = repository.to_domain(process).open_step
    assert opened is not None, "a step is opened only after the process moved to it"
    row = ProcessStep(
        community_id=uow.community_id,
        process_id=process.id,
        position=opened.position,
        attempt=opened.attempt,
        code=step.code,
        title=step.title,
        state=StepState.OPEN,
        opened_at=opened.opened_at,
    )
    await repository.add(uow.session, row)


async def get_process(*, uow: UnitOfWork, process_id: UUID) -> ProcessFile:
    """Return a process with its steps and evidence.

    Errors: ProcessNotFoundError.
    """
    return ProcessFile(
        process=await repository.get(uow.session, process_id),
        steps=await repository.list_steps(uow.session, process_id),
        evidence=await repository.list_evidence(uow.session, process_id),
    )


async def list_processes(
    *, uow: UnitOfWork, page: PageRequest, proposal_id: UUID | None, state: ProcessState | None
) -> Slice[Process]:
    """Return the processes of the community, newest first."""
    return await repository.list_processes(uow.session, page, proposal_id=proposal_id, state=state)


async def list_actions(*, uow: UnitOfWork, principal: Principal, process_id: UUID) -> tuple[str, list[ProcessAction]]:
    """Return the state of a process and what the caller could do with it.

    Errors: ProcessNotFoundError.
    """
    process = repository.to_domain(await repository.get(uow.session, process_id))
    return process.state, domain.LIFE.actions(process.state, domain.acting_as(process, principal))


async def file_evidence(
    *,
    uow: UnitOfWork,
    principal: Principal,
    process_id: UUID,
    step_code: str,
    kind: EvidenceKind,
    note: str,
    media_ids: Sequence[UUID],
) -> Evidence:
    """File a piece of evidence for the open step; the township's and the supervisors' only by themselves.

    Locks/IO: the process.
    Errors: ProcessNotFoundError, StepUnknownError, StepOutOfOrderError, ForbiddenError.
    """
    process = repository.to_domain(await repository.get_for_update(uow.session, process_id))
    step = domain.require_open(process, step_code)
    if not domain.may_file(step, kind, principal):
        raise ForbiddenError(evidence=kind.value)
    opened = _opened(process)
    evidence = Evidence(
        community_id=uow.community_id,
        id=uow.new_id(),
        process_id=process_id,
        position=opened.position,
        attempt=opened.attempt,
        kind=kind,
        note=note,
        media_ids=[str(media_id) for media_id in media_ids],
        filed_by=principal.account_id,
        filed_by_name=principal.name,
        filed_at=uow.now,
    )
    await repository.add(uow.session, evidence)
    return evidence


async def require_open_step(
    *, uow: UnitOfWork, principal: Principal, process_id: UUID, step_code: str, kind: StepKind
) -> tuple[domain.Process, Step]:
    """Return a process and its open step, when the caller runs it and it is done in this way.

    Locks/IO: the process, so that it stays at this step.
    Errors: ProcessNotFoundError, StepUnknownError, StepOutOfOrderError, ForbiddenError, WrongStepKindError.
    """
    process = repository.to_domain(await repository.get_for_update(uow.session, process_id))
    step = domain.require_open(process, step_code)
    principal.require(*step.actors)
    domain.require_kind(step, kind)
    return process, step


async def lock_process(*, uow: UnitOfWork, process_id: UUID) -> None:
    """Keep a process where it is until the transaction ends.

    Locks/IO: the process.
    Errors: ProcessNotFoundError.
    """
    await repository.get_for_update(uow.session, process_id)


async def list_evidence_filed(*, uow: UnitOfWork, process: domain.Process) -> Collection[EvidenceKind]:
    """Return which kinds of evidence lie in the file of the open step."""
    return await repository.kinds_filed(uow.session, process.process_id, _opened(process))


async def pass_step(
    *, uow: UnitOfWork, principal: Principal | None, process_id: UUID, step_code: str, result: StepResult
) -> Process:
    """Close the open step with its result and open the next; the proposal follows, and a decision is published.

    Locks/IO: the process, then the proposal.
    Errors: ProcessNotFoundError, ForbiddenError, WrongStateError, StepUnknownError, StepOutOfOrderError, StepBackDatedError,
    OpinionsShortError, EvidenceMissingError, RuleNotMetError.
    """
    row = await repository.get_for_update(uow.session, process_id)
    process = repository.to_domain(row)
    proposal, _ = await proposals.get_proposal(uow=uow, proposal_id=row.proposal_id)
    filed = set[EvidenceKind]()
    if process.open_step is not None:
        filed = await repository.kinds_filed(uow.session, process_id, process.open_step)
    completion = Completion(
        held_at=result.held_at,
        evidence=filed | set(result.evidence),
        households_heard=proposal.opinions,
        households_in_scope=proposal.households_in_scope,
        rule=result.rule,
    )
    passed = domain.pass_step(process, principal, step_code, completion, now=uow.now)
    await _close_step(uow, row, StepState.PASSED, principal, result=result)
    repository.apply(row, passed)
    if passed.open_step is not None:
        await _open_step(uow, row, passed.template.steps[passed.open_step.position])
    if step_code == passed.template.decides_at:
        decided = await proposals.follow_process(uow=uow, proposal_id=row.proposal_id, action=ProposalAction.DECIDE)
        decisive = await _last_round(uow, row)
        uow.announce(
            row.proposal_id,
            DecisionPublished(
                proposal_id=row.proposal_id,
                process_id=row.id,
                round_id=decisive[0],
                title=decided.title,
                text_hash=row.text_hash,
                result_hash=decisive[1],
                scope_kind=decided.scope_kind,
                scope_id=decided.scope_id,
                scope_name=decided.scope_name,
            ),
        )
    if passed.state is ProcessState.COMPLETED:
        row.ended_at = uow.now
        done = await proposals.follow_process(uow=uow, proposal_id=row.proposal_id, action=ProposalAction.CARRY_OUT)
        uow.announce(row.proposal_id, ResultPublished(proposal_id=row.proposal_id, process_id=row.id, title=done.title))
    return row


async def _last_round(uow: UnitOfWork, row: Process) -> tuple[UUID | None, str | None]:
    """Return the round that decided and the hash of its result; both None when hands did."""
    template = repository.to_domain(row).template
    rounds = {step.code for step in template.steps if step.kind is StepKind.ROUND}
    steps = await repository.list_steps(uow.session, row.id)
    passed = [step for step in steps if step.state == StepState.PASSED and step.code in rounds]
    return (passed[-1].subject_id, passed[-1].result_hash) if passed else (None, None)


async def return_step(
    *, uow: UnitOfWork, principal: Principal, process_id: UUID, step_code: str, to: str | None, reason: str
) -> Process:
    """Send the open step back to an earlier one, or to the author; everybody reads why.

    Locks/IO: the process, then the proposal when it goes back to the author.
    Errors: ProcessNotFoundError, ForbiddenError, WrongStateError, StepUnknownError, StepOutOfOrderError,
    ReturnReasonMissingError, ReturnTargetError.
    """
    row = await repository.get_for_update(uow.session, process_id)
    process = repository.to_domain(row)
    returned = domain.return_step(process, principal, step_code, to=to, reason=reason, now=uow.now)
    await _close_step(uow, row, StepState.RETURNED, principal, reason=reason)
    repository.apply(row, returned)
    if returned.open_step is not None:
        await _open_step(uow, row, returned.template.steps[returned.open_step.position])
    else:
        row.ended_at, row.end_reason = uow.now, reason
        await proposals.follow_process(uow=uow, proposal_id=row.proposal_id, action=ProposalAction.RETURN)
    return row


def steps_from(row: Process, step_code: str | None) -> list[str]:
    """Return the codes of a step and all after it; all of them for None, the return to the author."""
    codes = [step.code for step in repository.to_domain(row).template.steps]
    return codes if step_code is None else codes[codes.index(step_code) :]


async def reject_process(
    *, uow: UnitOfWork, principal: Principal, process_id: UUID, step_code: str, reason: str
) -> Process:
    """End a process without a decision because a body said no; everybody reads why.

    Locks/IO: the process, then the proposal.
    Errors: ProcessNotFoundError, ForbiddenError, WrongStateError, StepUnknownError, StepOutOfOrderError,
    ReturnReasonMissingError.
    """
    row = await repository.get_for_update(uow.session, process_id)
    rejected = domain.reject(repository.to_domain(row), principal, step_code, reason=reason)
    await _close_step(uow, row, StepState.REJECTED, principal, reason=reason)
    repository.apply(row, rejected)
    row.ended_at, row.end_reason = uow.now, reason
    await proposals.follow_process(uow=uow, proposal_id=row.proposal_id, action=ProposalAction.REJECT)
    return row


async def _close_step(
    uow: UnitOfWork,
    process: Process,
    state: StepState,
    principal: Principal | None,
    *,
    result: StepResult | None = None,
    reason: str = "",
) -> None:
    step = await repository.get_open_step(uow.session, process.id)
    assert step is not None, "the process says that a step is open"
    step.state, step.reason = state, reason
    step.closed_at = uow.now
    step.closed_by = None if principal is None else principal.account_id
    if result is not None:
        step.subject_id, step.held_at, step.result_hash = result.subject_id, result.held_at, result.result_hash
        step.summary = "" if result.rule is None else result.rule.summary
    # The old step is closed before the next is opened: the database allows one open step per process.
    await uow.session.flush()


def _opened(process: domain.Process) -> OpenStep:
    assert process.open_step is not None, "require_open passed"
    return process.open_step
