"""Workers over HTTP. They are entered when identity grants the role; here it is said what they can do and when."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.property.dispatch import usecases
from services.property.dispatch.errors import DutySpanError, WorkerNotFoundError
from services.property.dispatch.ranking import Skill
from services.property.dispatch.schemas import DutyCreate, DutyRead, WorkerRead, WorkerWrite
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property/workers", tags=["物业师傅"], route_class=CommandRoute)


@router.get("", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_workers(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    department: Annotated[str | None, Query(max_length=100, description="Only of this department.")] = None,
) -> Page[WorkerRead]:
    """List workers (customer service, heads, manager)."""
    rows = await usecases.list_workers(uow=uow, principal=principal, department=department, page=page)
    return page_of(rows.map(WorkerRead.model_validate), request, response)


@router.put("/{worker_id}", responses=problems(*AUTH_ERRORS, ForbiddenError, WorkerNotFoundError))
async def change_worker(worker_id: UUID, body: WorkerWrite, uow: Uow, principal: CurrentPrincipal) -> WorkerRead:
    """Say what a worker can do and where (the head of the department, the manager)."""
    worker = await usecases.change_worker(
        uow=uow,
        principal=principal,
        worker_id=worker_id,
        skills=[Skill(one.code, one.valid_until) for one in body.skills],
        grid_ids=body.grid_ids,
        base_grid_id=body.base_grid_id,
        is_on_call_reserve=body.is_on_call_reserve,
    )
    return WorkerRead.model_validate(worker)


@router.get("/{worker_id}/duties", responses=problems(*AUTH_ERRORS, ForbiddenError, WorkerNotFoundError))
async def list_duties(worker_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[DutyRead]:
    """Return a worker's coming shifts and leaves."""
    rows = await usecases.list_duties(uow=uow, principal=principal, worker_id=worker_id)
    return [DutyRead.model_validate(dict(row)) for row in rows]


@router.post(
    "/{worker_id}/duties",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, WorkerNotFoundError, DutySpanError),
)
async def add_duty(worker_id: UUID, body: DutyCreate, uow: Uow, principal: CurrentPrincipal) -> DutyRead:
    """Enter a shift or a leave. Who has no shift on record is taken to be on duty."""
    duty_id = await usecases.add_duty(
        uow=uow,
        principal=principal,
        worker_id=worker_id,
        kind=body.kind,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    return DutyRead(id=duty_id, kind=body.kind, starts_at=body.starts_at, ends_at=body.ends_at)
