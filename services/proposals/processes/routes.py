"""Processes over HTTP: start one, look into its file, add evidence, send it back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.proposals.dependencies import signer_of
from services.proposals.meetings.errors import MeetingNotFoundError
from services.proposals.processes import usecases
from services.proposals.processes.domain import ProcessState
from services.proposals.processes.errors import (
    EvidenceMissingError,
    OpinionsShortError,
    ProcessNotFoundError,
    ProcessRunningError,
    ReturnReasonMissingError,
    ReturnTargetError,
    RuleNotMetError,
    StepBackDatedError,
    StepOutOfOrderError,
    StepUnknownError,
    WrongStepKindError,
)
from services.proposals.processes.models import Process
from services.proposals.processes.schemas import (
    EvidenceCreate,
    EvidenceRead,
    ProcessRead,
    ProcessStart,
    ProcessSummary,
    StepCompletion,
    StepRead,
    StepRejection,
    StepReturn,
    TemplateRead,
)
from services.proposals.processes.templates import DEFAULT_TEMPLATES, Evidence, template_to_json
from services.proposals.processes.usecases import ProcessFile
from services.proposals.proposals.errors import EndorsementsShortError, ProposalNotFoundError
from services.proposals.rounds.errors import RoundNotFoundError
from services.proposals.rounds.presets import PresetNeedsSignatureError
from services.proposals.steps import usecases as steps
from services.proposals.steps.errors import ResultNotReadyError, ResultOfAnotherStepError
from services.proposals.tallies.errors import InterimResultError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/proposals", tags=["四议两公开"], route_class=CommandRoute)

COMMAND = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ForbiddenError,
    ProcessNotFoundError,
    StepUnknownError,
    StepOutOfOrderError,
)


def _open_step(process: Process) -> dict[str, Any] | None:
    return None if process.open_position is None else process.template["steps"][process.open_position]


def summarise(process: Process) -> ProcessSummary:
    """Return a process as it stands in a list."""
    step = _open_step(process)
    return ProcessSummary(
        id=process.id,
        proposal_id=process.proposal_id,
        text_hash=process.text_hash,
        state=ProcessState(process.state),
        open_step=None if step is None else step["code"],
        open_step_title=None if step is None else step["title"],
        end_reason=process.end_reason,
        started_at=process.started_at,
        ended_at=process.ended_at,
    )


def read(file: ProcessFile) -> ProcessRead:
    """Return a process with its file."""
    process = file.process
    step = _open_step(process)
    filed = {
        item.kind
        for item in file.evidence
        if (item.position, item.attempt) == (process.open_position, process.open_attempt)
    }
    return ProcessRead(
        **summarise(process).model_dump(),
        template=process.template,
        rules_signed_off_by=process.rules_signed_off_by,
        missing_evidence=[] if step is None else [Evidence(k) for k in step["evidence"] if k not in filed],
        steps=[StepRead.model_validate(row) for row in file.steps],
        evidence=[EvidenceRead.model_validate(row) for row in file.evidence],
    )


@router.get("/templates", responses=problems(*AUTH_ERRORS))
async def list_templates(principal: CurrentPrincipal) -> list[TemplateRead]:
    """List the ways of deciding that can be chosen."""
    return [TemplateRead.model_validate(template_to_json(template)) for template in DEFAULT_TEMPLATES.values()]


@router.post(
    "/processes",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        ProposalNotFoundError,
        EndorsementsShortError,
        ProcessRunningError,
        WrongStateError,
        PresetNeedsSignatureError,
    ),
)
async def start_process(body: ProcessStart, uow: Uow, principal: CurrentPrincipal) -> ProcessRead:
    """Start the process of an endorsed proposal. For the secretary, committee members and the administrator."""
    process = await usecases.start_process(
        uow=uow,
        principal=principal,
        proposal_id=body.proposal_id,
        rules_signed_off_by=body.rules_signed_off_by,
    )
    return read(await usecases.get_process(uow=uow, process_id=process.id))


@router.get("/processes", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_processes(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    proposal_id: Annotated[UUID | None, Query(description="Only of this proposal.")] = None,
    state: Annotated[ProcessState | None, Query(description="Only in this state.")] = None,
) -> Page[ProcessSummary]:
    """List the processes of the community, newest first."""
    rows = await usecases.list_processes(uow=uow, page=page, proposal_id=proposal_id, state=state)
    return page_of(rows.map(summarise), request, response)


@router.get("/processes/{process_id}", responses=problems(*AUTH_ERRORS, ProcessNotFoundError))
async def get_process(process_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ProcessRead:
    """Return a process with its steps and evidence."""
    return read(await usecases.get_process(uow=uow, process_id=process_id))


@router.get("/processes/{process_id}/actions", responses=problems(*AUTH_ERRORS, ProcessNotFoundError))
async def list_process_actions(process_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a process now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, process_id=process_id)
    return ActionList(state=state, actions=list(actions))


@router.post(
    "/processes/{process_id}/steps/{step_code}/evidence",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*COMMAND),
)
async def file_evidence(
    process_id: UUID, step_code: str, body: EvidenceCreate, uow: Uow, principal: CurrentPrincipal
) -> EvidenceRead:
    """File evidence for the open step; the township's and the supervisors' only by themselves."""
    evidence = await usecases.file_evidence(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        kind=body.kind,
        note=body.note,
        media_ids=body.media_ids,
    )
    return EvidenceRead.model_validate(evidence)


@router.post(
    "/processes/{process_id}/steps/{step_code}/returns",
    responses=problems(*COMMAND, WrongStateError, ReturnReasonMissingError, ReturnTargetError),
)
async def return_step(
    process_id: UUID, step_code: str, body: StepReturn, uow: Uow, principal: CurrentPrincipal, request: Request
) -> ProcessRead:
    """Send the open step back to an earlier one, or to the author; everybody reads why."""
    await steps.return_step(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        to=body.to,
        reason=body.reason,
        signer=signer_of(request),
    )
    return read(await usecases.get_process(uow=uow, process_id=process_id))


@router.post(
    "/processes/{process_id}/steps/{step_code}/rejections",
    responses=problems(*COMMAND, WrongStateError, ReturnReasonMissingError),
)
async def reject_process(
    process_id: UUID, step_code: str, body: StepRejection, uow: Uow, principal: CurrentPrincipal, request: Request
) -> ProcessRead:
    """End a process without a decision because a body said no; everybody reads why."""
    await steps.reject_process(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        reason=body.reason,
        signer=signer_of(request),
    )
    return read(await usecases.get_process(uow=uow, process_id=process_id))


@router.post(
    "/processes/{process_id}/steps/{step_code}/completions",
    responses=problems(
        *COMMAND,
        WrongStepKindError,
        MeetingNotFoundError,
        RoundNotFoundError,
        InterimResultError,
        ResultOfAnotherStepError,
        ResultNotReadyError,
        WrongStateError,
        StepBackDatedError,
        OpinionsShortError,
        EvidenceMissingError,
        RuleNotMetError,
    ),
)
async def complete_step(
    process_id: UUID, step_code: str, body: StepCompletion, uow: Uow, principal: CurrentPrincipal
) -> ProcessRead:
    """Close the open step with the result of its meeting or vote, when rule, evidence and order are in place."""
    if body.meeting_id is not None:
        await steps.complete_with_meeting(
            uow=uow, principal=principal, process_id=process_id, step_code=step_code, meeting_id=body.meeting_id
        )
    elif body.round_id is not None:
        await steps.complete_with_round(
            uow=uow, principal=principal, process_id=process_id, step_code=step_code, round_id=body.round_id
        )
    return read(await usecases.get_process(uow=uow, process_id=process_id))
