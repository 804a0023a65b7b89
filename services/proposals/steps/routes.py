"""Steps over HTTP: call the meeting, draft the vote, publish the notice, close the step."""

from uuid import UUID

from fastapi import APIRouter, status

from services.proposals.meetings import routes as meeting_routes
from services.proposals.meetings.errors import MeetingNotFoundError, NobodyDueError
from services.proposals.meetings.schemas import MeetingCall, MeetingRead
from services.proposals.notices.errors import CalendarUnknownError, NoticeAlreadyRunningError, NoticeTooShortError
from services.proposals.notices.schemas import NoticeCreate, NoticeRead
from services.proposals.processes import routes as process_routes
from services.proposals.processes import usecases as processes
from services.proposals.processes.errors import (
    EvidenceMissingError,
    OpinionsShortError,
    ProcessNotFoundError,
    RuleNotMetError,
    StepBackDatedError,
    StepOutOfOrderError,
    StepUnknownError,
    WrongStepKindError,
)
from services.proposals.processes.schemas import ProcessRead
from services.proposals.rolls.errors import RollNotFoundError
from services.proposals.rounds.errors import (
    AreaNeedsNamedError,
    GradeNotOfferedError,
    OptionsInvalidError,
    RollOfAnotherScopeError,
    RoundNotFoundError,
    WindowInvalidError,
)
from services.proposals.rounds.presets import PresetNeedsSignatureError
from services.proposals.rounds.schemas import RoundCreate, RoundRead
from services.proposals.steps import usecases
from services.proposals.steps.errors import ResultNotReadyError, ResultOfAnotherStepError
from services.proposals.steps.schemas import StepCompletion
from services.proposals.tallies.errors import InterimResultError, TallyNotFoundError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/proposals", tags=["四议两公开"], route_class=CommandRoute)

COMMAND = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ForbiddenError,
    ProcessNotFoundError,
    StepUnknownError,
    StepOutOfOrderError,
    WrongStepKindError,
)


@router.post(
    "/processes/{process_id}/steps/{step_code}/meetings",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*COMMAND, StepBackDatedError, NobodyDueError),
)
async def call_meeting(
    process_id: UUID, step_code: str, body: MeetingCall, uow: Uow, principal: CurrentPrincipal
) -> MeetingRead:
    """Call the meeting of the open step with the names of everybody due."""
    file = await usecases.call_meeting(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        title=body.title,
        place=body.place,
        held_at=body.held_at,
        names=list(body.names),
    )
    return meeting_routes.read(file)


@router.post(
    "/processes/{process_id}/steps/{step_code}/rounds",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *COMMAND,
        RollNotFoundError,
        RollOfAnotherScopeError,
        PresetNeedsSignatureError,
        WindowInvalidError,
        OptionsInvalidError,
        GradeNotOfferedError,
        AreaNeedsNamedError,
    ),
)
async def draft_round(
    process_id: UUID, step_code: str, body: RoundCreate, uow: Uow, principal: CurrentPrincipal
) -> RoundRead:
    """Draft the vote of the open step over a frozen roll; freeze it before it can open."""
    row = await usecases.draft_round(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        roll_id=body.roll_id,
        question=body.question,
        method=body.method,
        options=[(option.code, option.label) for option in body.options],
        max_choices=body.max_choices,
        grade=body.grade,
        opens_at=body.opens_at,
        closes_at=body.closes_at,
    )
    return RoundRead.model_validate(row)


@router.post(
    "/processes/{process_id}/steps/{step_code}/notices",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *COMMAND, EvidenceMissingError, NoticeTooShortError, CalendarUnknownError, NoticeAlreadyRunningError
    ),
)
async def publish_notice(
    process_id: UUID, step_code: str, body: NoticeCreate, uow: Uow, principal: CurrentPrincipal
) -> NoticeRead:
    """Publish the notice of the open step; when its time has run and every objection is answered, the step closes by itself."""
    notice = await usecases.publish_notice(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        title=body.title,
        body=body.body,
        places=list(body.places),
        contact=body.contact,
        days=body.days,
    )
    return NoticeRead.model_validate(notice)


@router.post(
    "/processes/{process_id}/steps/{step_code}/completions",
    responses=problems(
        *COMMAND,
        MeetingNotFoundError,
        RoundNotFoundError,
        TallyNotFoundError,
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
        await usecases.complete_with_meeting(
            uow=uow, principal=principal, process_id=process_id, step_code=step_code, meeting_id=body.meeting_id
        )
    elif body.round_id is not None:
        await usecases.complete_with_round(
            uow=uow, principal=principal, process_id=process_id, step_code=step_code, round_id=body.round_id
        )
    return process_routes.read(await processes.get_process(uow=uow, process_id=process_id))
