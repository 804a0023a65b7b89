"""Rolls over HTTP: freeze one, look into what was frozen."""

from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from services.proposals.rolls import usecases
from services.proposals.rolls.errors import RollEmptyError, RollNotFoundError
from services.proposals.rolls.schemas import RollCreate, RollRead, RollUnitRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/proposals", tags=["名册"], route_class=CommandRoute)


@router.post(
    "/rolls",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, RollEmptyError),
)
async def freeze_roll(body: RollCreate, uow: Uow, principal: CurrentPrincipal) -> RollRead:
    """Freeze the households of a scope as the roll of a vote. For the branch, the committees and the administrator."""
    roll = await usecases.freeze_roll(
        uow=uow, principal=principal, title=body.title, scope_kind=body.scope_kind, scope_id=body.scope_id
    )
    return RollRead.model_validate(roll)


@router.get("/rolls", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_rolls(
    uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[RollRead]:
    """List the rolls of the community, newest first."""
    rows = await usecases.list_rolls(uow=uow, page=page)
    return page_of(rows.map(RollRead.model_validate), request, response)


@router.get("/rolls/{roll_id}", responses=problems(*AUTH_ERRORS, RollNotFoundError))
async def get_roll(roll_id: UUID, uow: Uow, principal: CurrentPrincipal) -> RollRead:
    """Return a roll."""
    return RollRead.model_validate(await usecases.get_roll(uow=uow, roll_id=roll_id))


@router.get("/rolls/{roll_id}/units", responses=problems(*AUTH_ERRORS, RollNotFoundError, CursorInvalidError))
async def list_roll_units(
    roll_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[RollUnitRead]:
    """List the voting units of a roll, so that anybody can see whether a household is on it."""
    rows = await usecases.list_roll_units(uow=uow, roll_id=roll_id, page=page)
    return page_of(rows.map(RollUnitRead.model_validate), request, response)
