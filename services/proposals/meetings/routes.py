"""Meetings over HTTP; they are called under the step they belong to."""

from uuid import UUID

from fastapi import APIRouter

from services.proposals.meetings import usecases
from services.proposals.meetings.domain import MeetingState
from services.proposals.meetings.errors import (
    AttendeeNotFoundError,
    HandsExceedPresentError,
    MeetingAheadError,
    MeetingNotFoundError,
)
from services.proposals.meetings.schemas import AttendeeRead, CheckIn, MeetingClose, MeetingRead
from services.proposals.meetings.usecases import MeetingFile
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


def read(file: MeetingFile) -> MeetingRead:
    """Return a meeting with its counts."""
    row = file.meeting
    return MeetingRead(
        id=row.id,
        process_id=row.process_id,
        step_code=row.step_code,
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


@router.get("/processes/{process_id}/meetings", responses=problems(*AUTH_ERRORS))
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


@router.post("/meetings/{meeting_id}/closings", responses=problems(*COMMAND, HandsExceedPresentError))
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
