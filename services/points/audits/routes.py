"""The audit over HTTP."""

from fastapi import APIRouter

from services.points.audits import usecases
from services.points.audits.domain import Invariant
from services.points.audits.schemas import AuditRead, BreachRead, InvariantRead, NightlyAuditRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/audit", tags=["积分监督"], route_class=CommandRoute)


@router.get("", responses=problems(*AUTH_ERRORS, ForbiddenError))
async def audit(uow: Uow, principal: CurrentPrincipal) -> AuditRead:
    """Check the community's books against every invariant, and tell what the last night found. For supervisors and administrators."""
    last_night = await usecases.get_last_night(uow=uow, principal=principal)
    breaches = await usecases.audit(uow=uow, principal=principal)
    broken = {breach.invariant for breach in breaches}
    return AuditRead(
        is_clean=not breaches,
        audited_at=uow.now,
        invariants=[InvariantRead(code=i.name, meaning=i.value, is_kept=i not in broken) for i in Invariant],
        breaches=[BreachRead.model_validate(breach) for breach in breaches],
        last_night=None if last_night is None else NightlyAuditRead.model_validate(last_night),
    )
