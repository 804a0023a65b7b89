"""Declaring kin over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.kinships import usecases
from services.points.kinships.errors import (
    KinshipKnownError,
    KinshipNotFoundError,
    KinshipNotOwnError,
    OwnHouseholdError,
)
from services.points.kinships.schemas import KinshipCreate, KinshipRead
from services.points.ledger.errors import AccountNotFoundError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/kinships", tags=["回避申明"], route_class=CommandRoute)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, OwnHouseholdError, AccountNotFoundError, KinshipKnownError
    ),
)
async def declare_kinship(payload: KinshipCreate, uow: Uow, principal: CurrentPrincipal) -> KinshipRead:
    """Declare that kin live in a household, whose claims the declared person then does not judge."""
    kinship = await usecases.declare_kinship(
        uow=uow,
        principal=principal,
        household_id=payload.household_id,
        relation=payload.relation,
        account_id=payload.account_id,
    )
    return KinshipRead.model_validate(kinship)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_kinships(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    account_id: Annotated[UUID | None, Query(description="Only who steps aside, for supervisors.")] = None,
    household_id: Annotated[UUID | None, Query(description="Only kin in this household.")] = None,
    is_ended: Annotated[bool, Query(description="Those taken back instead of those that hold.")] = False,
) -> Page[KinshipRead]:
    """List the own declarations, for supervisors everybody's, newest first."""
    rows = await usecases.list_kinships(
        uow=uow,
        principal=principal,
        page=page,
        account_id=account_id,
        household_id=household_id,
        is_ended=is_ended,
    )
    return page_of(rows.map(KinshipRead.model_validate), request, response)


@router.delete(
    "/{kinship_id}", status_code=204, responses=problems(*AUTH_ERRORS, KinshipNotOwnError, KinshipNotFoundError)
)
async def end_kinship(kinship_id: UUID, uow: Uow, principal: CurrentPrincipal) -> None:
    """Take a declaration back: the own about oneself, or as a supervisor another person's. It stays on record as ended.

    What a supervisor declared of somebody, that person does not take back.
    """
    await usecases.end_kinship(uow=uow, principal=principal, kinship_id=kinship_id)
