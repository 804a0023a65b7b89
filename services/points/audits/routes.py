"""The audit over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.points.audits import usecases
from services.points.audits.domain import Invariant
from services.points.audits.schemas import AuditRead, BreachRead, InvariantRead, NightlyAuditRead
from services.points.histories.domain import span_of
from services.points.histories.errors import DaysReversedError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points", tags=["积分监督"], route_class=CommandRoute)


@router.get("/audit", responses=problems(*AUTH_ERRORS, ForbiddenError))
async def audit(uow: Uow, principal: CurrentPrincipal) -> AuditRead:
    """Check the community's books against every invariant, and tell what the last night found. For supervisors and administrators."""
    last_night = await usecases.get_last_night(uow=uow, principal=principal)
    found = await usecases.audit(uow=uow, principal=principal)
    broken = {breach.invariant for breach in found.breaches}
    return AuditRead(
        is_clean=found.is_clean,
        audited_at=uow.now,
        invariants=[
            InvariantRead(code=i.name, meaning=i.value, is_kept=i not in broken, is_whole=i not in found.asked_in_part)
            for i in Invariant
        ],
        breaches=[BreachRead.model_validate(breach) for breach in found.breaches],
        last_night=None if last_night is None else NightlyAuditRead.model_validate(last_night),
    )


@router.get("/audits", responses=problems(*AUTH_ERRORS, ForbiddenError, DaysReversedError, CursorInvalidError))
async def list_nightly_audits(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    is_clean: Annotated[
        bool | None, Query(description="Only nights in which all was well, or only those in which something was not.")
    ] = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[NightlyAuditRead]:
    """List what every night's audit found, newest first, each breach in words. For supervisors and administrators."""
    rows = await usecases.list_nights(
        uow=uow, principal=principal, page=page, is_clean=is_clean, span=span_of(from_on, to_on)
    )
    return page_of(rows.map(NightlyAuditRead.model_validate), request, response)
