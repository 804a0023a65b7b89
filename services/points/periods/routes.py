"""Rounds of assessment over HTTP: open, collect, review, publish, object, seal."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.periods import usecases
from services.points.periods.domain import State
from services.points.periods.errors import (
    PeriodAlreadyObjectedError,
    PeriodAnsweredError,
    PeriodClaimsPendingError,
    PeriodDatesInvalidError,
    PeriodEarlierOpenError,
    PeriodNotFoundError,
    PeriodNoticeRunsError,
    PeriodNotOverError,
    PeriodObjectionLateError,
    PeriodObjectionNotFoundError,
    PeriodObjectionsOpenError,
    PeriodOnePersonError,
    PeriodReasonMissingError,
    PeriodRecusedError,
    PeriodTotalsChangedError,
)
from services.points.periods.schemas import (
    PeriodAnswer,
    PeriodCreate,
    PeriodDetail,
    PeriodObjectionCreate,
    PeriodObjectionRead,
    PeriodRead,
    SendBack,
)
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/points/periods", tags=["双月考评"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, PeriodNotFoundError, ForbiddenError, WrongStateError)


@router.post(
    "",
    status_code=201,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, PeriodDatesInvalidError),
)
async def open_period(payload: PeriodCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> PeriodRead:
    """Open the next round, which begins the day after the last one. For the community's administrators and committee members."""
    period = await usecases.open_period(
        uow=uow,
        principal=principal,
        name=payload.name,
        begins_on=payload.begins_on,
        ends_on=payload.ends_on,
        notice_days=payload.notice_days,
    )
    response.headers["Location"] = f"{router.prefix}/{period.id}"
    return PeriodRead.model_validate(period)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_periods(
    uow: Uow,
    _principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[list[State] | None, Query(description="Only these states.", max_length=5)] = None,
) -> Page[PeriodRead]:
    """List the rounds, newest first."""
    rows = await usecases.list_periods(uow=uow, page=page, states=state or ())
    return page_of(rows.map(PeriodRead.model_validate), request, response)


@router.get("/{period_id}", responses=problems(*AUTH_ERRORS, PeriodNotFoundError))
async def get_period(period_id: UUID, uow: Uow, _principal: CurrentPrincipal) -> PeriodDetail:
    """Return a round and what still stands in the way of its seal."""
    period = await usecases.get_period(uow=uow, period_id=period_id)
    pending = await usecases.count_pending_claims(uow=uow, period=period)
    waiting = await usecases.count_open_objections(uow=uow, period_id=period_id)
    facts = PeriodRead.model_validate(period).model_dump()
    return PeriodDetail(**facts, pending_claims=pending, open_objections=waiting)


@router.get("/{period_id}/actions", responses=problems(*AUTH_ERRORS, PeriodNotFoundError))
async def list_period_actions(period_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a round now; what would be refused is not among it."""
    period, actions = await usecases.list_actions(uow=uow, principal=principal, period_id=period_id)
    return ActionList(state=period.state, actions=[action.value for action in actions])


@router.get("/{period_id}/steps", responses=problems(*AUTH_ERRORS, PeriodNotFoundError, CursorInvalidError))
async def list_period_steps(
    period_id: UUID, uow: Uow, _principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who opened, collected, reviewed, published, sent back and sealed a round, oldest first."""
    await usecases.get_period(uow=uow, period_id=period_id)
    rows = await steps.list_steps(uow=uow, subject_id=period_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.post("/{period_id}/collections", responses=problems(*MOVE_ERRORS, PeriodNotOverError))
async def collect_period(period_id: UUID, uow: Uow, principal: CurrentPrincipal) -> PeriodRead:
    """Begin to collect what is still on its way. The clock does it the day after the last one; organisers need not wait for it."""
    return PeriodRead.model_validate(await usecases.collect_period(uow=uow, principal=principal, period_id=period_id))


@router.post("/{period_id}/reviews", responses=problems(*MOVE_ERRORS, PeriodClaimsPendingError))
async def review_period(period_id: UUID, uow: Uow, principal: CurrentPrincipal) -> PeriodRead:
    """Say that everything claimed for the round is decided. For assessors and supervisors; new claims for its days end here."""
    return PeriodRead.model_validate(await usecases.review_period(uow=uow, principal=principal, period_id=period_id))


@router.post(
    "/{period_id}/publications",
    responses=problems(*MOVE_ERRORS, PeriodOnePersonError, PeriodEarlierOpenError, PeriodClaimsPendingError),
)
async def publicise_period(period_id: UUID, uow: Uow, principal: CurrentPrincipal) -> PeriodRead:
    """Draw up the totals and hang them out. For organisers, not for whoever reviewed it; nothing is entered for its days any more."""
    return PeriodRead.model_validate(await usecases.publicise_period(uow=uow, principal=principal, period_id=period_id))


@router.post("/{period_id}/returns", responses=problems(*MOVE_ERRORS, PeriodReasonMissingError))
async def send_back_period(period_id: UUID, payload: SendBack, uow: Uow, principal: CurrentPrincipal) -> PeriodRead:
    """Send a round back to collecting because something in it is wrong. For supervisors, before the seal."""
    period = await usecases.send_back_period(uow=uow, principal=principal, period_id=period_id, reason=payload.reason)
    return PeriodRead.model_validate(period)


@router.post(
    "/{period_id}/seals",
    responses=problems(*MOVE_ERRORS, PeriodNoticeRunsError, PeriodObjectionsOpenError, PeriodTotalsChangedError),
)
async def seal_period(period_id: UUID, uow: Uow, principal: CurrentPrincipal) -> PeriodRead:
    """Seal a round whose notice has ended and whose objections are answered. The clock does it; supervisors need not wait for it."""
    return PeriodRead.model_validate(await usecases.seal_period(uow=uow, principal=principal, period_id=period_id))


@router.post(
    "/{period_id}/objections",
    status_code=201,
    responses=problems(*MOVE_ERRORS, NoHouseholdError, PeriodObjectionLateError, PeriodAlreadyObjectedError),
)
async def object_to_period(
    period_id: UUID, payload: PeriodObjectionCreate, uow: Uow, principal: CurrentPrincipal
) -> PeriodObjectionRead:
    """Object to a published round. For every household, one objection at a time; the seal waits for the answer."""
    objection = await usecases.object_to_period(
        uow=uow, principal=principal, period_id=period_id, reason=payload.reason
    )
    return PeriodObjectionRead.model_validate(objection)


@router.get("/{period_id}/objections", responses=problems(*AUTH_ERRORS, PeriodNotFoundError, CursorInvalidError))
async def list_period_objections(
    period_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    is_open: Annotated[bool | None, Query(description="Only those that wait, or only those answered.")] = None,
) -> Page[PeriodObjectionRead]:
    """List objections to a round, newest first: the own household's, and for officials all."""
    rows = await usecases.list_objections(uow=uow, principal=principal, period_id=period_id, page=page, is_open=is_open)
    return page_of(rows.map(PeriodObjectionRead.model_validate), request, response)


@router.post(
    "/{period_id}/objections/{objection_id}/answers",
    responses=problems(
        *MOVE_ERRORS,
        PeriodObjectionNotFoundError,
        PeriodRecusedError,
        PeriodAnsweredError,
        PeriodReasonMissingError,
    ),
)
async def answer_period_objection(
    period_id: UUID, objection_id: UUID, payload: PeriodAnswer, uow: Uow, principal: CurrentPrincipal
) -> PeriodObjectionRead:
    """Answer an objection. For supervisors, not for their own household or that of declared kin; an upheld one sends the round back to collecting."""
    objection = await usecases.answer_objection(
        uow=uow,
        principal=principal,
        period_id=period_id,
        objection_id=objection_id,
        is_upheld=payload.is_upheld,
        answer=payload.answer,
    )
    return PeriodObjectionRead.model_validate(objection)
