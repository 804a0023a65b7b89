"""Public notices over HTTP; they are published under the step they belong to and complete by themselves."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.proposals.notices import usecases
from services.proposals.notices.domain import NoticeState
from services.proposals.notices.errors import (
    CalendarUnknownError,
    NoticeAlreadyRunningError,
    NoticeNotFoundError,
    NoticeTooShortError,
    ObjectionAnsweredError,
    ObjectionNotFoundError,
)
from services.proposals.notices.schemas import (
    NoticeAmend,
    NoticeCreate,
    NoticeRead,
    ObjectionAnswer,
    ObjectionCreate,
    ObjectionRead,
)
from services.proposals.processes.errors import (
    EvidenceMissingError,
    ProcessNotFoundError,
    StepOutOfOrderError,
    StepUnknownError,
    WrongStepKindError,
)
from services.proposals.steps import usecases as steps
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/proposals", tags=["公示"], route_class=CommandRoute)

STEP = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ForbiddenError,
    ProcessNotFoundError,
    StepUnknownError,
    StepOutOfOrderError,
    WrongStepKindError,
)


@router.get("/notices", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_notices(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[NoticeState | None, Query(description="Only in this state.")] = None,
    process_id: Annotated[UUID | None, Query(description="Only of this process.")] = None,
) -> Page[NoticeRead]:
    """List the notices of the community, newest first."""
    rows = await usecases.list_notices(uow=uow, page=page, state=state, process_id=process_id)
    return page_of(rows.map(NoticeRead.model_validate), request, response)


@router.get("/notices/{notice_id}", responses=problems(*AUTH_ERRORS, NoticeNotFoundError))
async def get_notice(notice_id: UUID, uow: Uow, principal: CurrentPrincipal) -> NoticeRead:
    """Return a notice."""
    return NoticeRead.model_validate(await usecases.get_notice(uow=uow, notice_id=notice_id))


@router.get("/notices/{notice_id}/actions", responses=problems(*AUTH_ERRORS, NoticeNotFoundError))
async def list_notice_actions(notice_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a notice now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, notice_id=notice_id)
    return ActionList(state=state, actions=list(actions))


@router.post(
    "/notices/{notice_id}/amendments",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        NoticeNotFoundError,
        WrongStateError,
        CalendarUnknownError,
    ),
)
async def amend_notice(notice_id: UUID, body: NoticeAmend, uow: Uow, principal: CurrentPrincipal) -> NoticeRead:
    """Change what is shown; the clock starts again."""
    row = await usecases.amend_notice(
        uow=uow, principal=principal, notice_id=notice_id, title=body.title, body=body.body
    )
    return NoticeRead.model_validate(row)


@router.post(
    "/notices/{notice_id}/objections",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, NoHouseholdError, NoticeNotFoundError, WrongStateError),
)
async def raise_objection(
    notice_id: UUID, body: ObjectionCreate, uow: Uow, principal: CurrentPrincipal
) -> ObjectionRead:
    """Object to a running notice as a household; it cannot complete before there is an answer."""
    row = await usecases.raise_objection(uow=uow, principal=principal, notice_id=notice_id, body=body.body)
    return ObjectionRead.model_validate(row)


@router.get(
    "/notices/{notice_id}/objections", responses=problems(*AUTH_ERRORS, NoticeNotFoundError, CursorInvalidError)
)
async def list_objections(
    notice_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[ObjectionRead]:
    """List the objections to a notice with their answers, newest first. Households are not named."""
    rows = await usecases.list_objections(uow=uow, notice_id=notice_id, page=page)
    return page_of(rows.map(ObjectionRead.model_validate), request, response)


@router.post(
    "/objections/{objection_id}/answers",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        ObjectionNotFoundError,
        ObjectionAnsweredError,
        WrongStateError,
    ),
)
async def answer_objection(
    objection_id: UUID, body: ObjectionAnswer, uow: Uow, principal: CurrentPrincipal
) -> ObjectionRead:
    """Answer an objection by name. For the committees, the administrator and supervisors."""
    row = await usecases.answer_objection(
        uow=uow, principal=principal, objection_id=objection_id, answer=body.answer, is_upheld=body.is_upheld
    )
    return ObjectionRead.model_validate(row)


@router.post(
    "/processes/{process_id}/steps/{step_code}/notices",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *STEP, EvidenceMissingError, NoticeTooShortError, CalendarUnknownError, NoticeAlreadyRunningError
    ),
)
async def publish_notice(
    process_id: UUID, step_code: str, body: NoticeCreate, uow: Uow, principal: CurrentPrincipal
) -> NoticeRead:
    """Publish the notice of the open step; when its time has run and every objection is answered, the step closes by itself."""
    notice = await steps.publish_notice(
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
