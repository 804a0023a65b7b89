"""Meetings over HTTP; they are called under the step they belong to."""

from uuid import UUID

from fastapi import APIRouter, status

from services.proposals.meetings import usecases
from services.proposals.meetings.domain import MeetingState
from services.proposals.meetings.errors import (
    AttendeeNotFoundError,
    HandsExceedPresentError,
    MeetingAheadError,
    MeetingAlreadyHeldError,
    MeetingNotFoundError,
    NobodyDueError,
)
from services.proposals.meetings.schemas import AttendeeRead, CheckIn, MeetingCall, MeetingClose, MeetingRead
from services.proposals.meetings.usecases import MeetingFile
from services.proposals.processes.errors import (
    ProcessNotFoundError,
    StepBackDatedError,
    StepOutOfOrderError,
    StepUnknownError,
    WrongStepKindError,
)
from services.proposals.steps import usecases as steps
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/proposals", tags=["会议"], route_class=CommandRoute)

COMMAND = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ForbiddenError,
    MeetingNotFoundError,
    WrongStateError,
    MeetingAheadError,
)

STEP = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ForbiddenError,
    ProcessNotFoundError,
    StepUnknownError,
    StepOutOfOrderError,
    WrongStepKindError,
)


def read(file: MeetingFile) -> MeetingRead:
    """Return a meeting with its counts."""
    row = file.meeting
    return MeetingRead(
        id=row.id,
        process_id=row.process_id,
        step_code=row.step_code,
        attempt=row.attempt,
        title=row.title,
        place=row.place,
        rule=row.rule,
        state=MeetingState(row.state),
        held_at=row.held_at,
        due=len(file.attendees),
        present=sum(attendee.present_at is not None for attendee in file.attendees),
        yes=row.yes,
        no=row.no,
        abstain=row.abstain,
        minutes=row.minutes,
        is_held=row.is_held,
        is_decided=row.is_decided,
        derivation=row.derivation,
        derivation_text=row.derivation_text,
        attendees=[AttendeeRead.model_validate(attendee) for attendee in file.attendees],
    )


@router.get("/processes/{process_id}/meetings", responses=problems(*AUTH_ERRORS, ProcessNotFoundError))
async def list_meetings(process_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[MeetingRead]:
    """List the meetings of a process, oldest first."""
    return [read(file) for file in await usecases.list_meetings(uow=uow, process_id=process_id)]


@router.get("/meetings/{meeting_id}", responses=problems(*AUTH_ERRORS, MeetingNotFoundError))
async def get_meeting(meeting_id: UUID, uow: Uow, principal: CurrentPrincipal) -> MeetingRead:
    """Return a meeting."""
    return read(await usecases.get_meeting(uow=uow, meeting_id=meeting_id))


@router.get("/meetings/{meeting_id}/actions", responses=problems(*AUTH_ERRORS, MeetingNotFoundError))
async def list_meeting_actions(meeting_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a meeting now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, meeting_id=meeting_id)
    return ActionList(state=state, actions=list(actions))


@router.post("/meetings/{meeting_id}/check-ins", responses=problems(*COMMAND, AttendeeNotFoundError))
async def check_in_to_meeting(meeting_id: UUID, body: CheckIn, uow: Uow, principal: CurrentPrincipal) -> MeetingRead:
    """Note who came; somebody noted twice is there once."""
    file = await usecases.check_in(
        uow=uow, principal=principal, meeting_id=meeting_id, numbers=body.numbers, method=body.method
    )
    return read(file)


@router.post(
    "/meetings/{meeting_id}/closings", responses=problems(*COMMAND, HandsExceedPresentError, MeetingAlreadyHeldError)
)
async def close_meeting(meeting_id: UUID, body: MeetingClose, uow: Uow, principal: CurrentPrincipal) -> MeetingRead:
    """End a meeting with its count of hands and minutes; the rule engine says what came of it and why."""
    file = await usecases.close_meeting(
        uow=uow,
        principal=principal,
        meeting_id=meeting_id,
        yes=body.yes,
        no=body.no,
        abstain=body.abstain,
        minutes=body.minutes,
    )
    return read(file)


@router.post(
    "/processes/{process_id}/steps/{step_code}/meetings",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*STEP, StepBackDatedError, NobodyDueError, MeetingAlreadyHeldError),
)
async def call_meeting(
    process_id: UUID, step_code: str, body: MeetingCall, uow: Uow, principal: CurrentPrincipal
) -> MeetingRead:
    """Call the meeting of the open step with the names of everybody due; again only when too few came to the one before."""
    file = await steps.call_meeting(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        title=body.title,
        place=body.place,
        held_at=body.held_at,
        names=list(body.names),
    )
    return read(file)
