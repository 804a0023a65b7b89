"""The numbers of gigs, the time bank and deliveries over HTTP."""

from fastapi import APIRouter

from services.points.help_policies import usecases
from services.points.help_policies.domain import Area
from services.points.help_policies.errors import PolicyInvalidError
from services.points.help_policies.schemas import DeliveryPolicyCreate, GigPolicyCreate, PolicyRead, TimePolicyCreate
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/help-policies", tags=["互助规则"], route_class=CommandRoute)

ADOPTION_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, PolicyInvalidError)


@router.post("/gigs", status_code=201, responses=problems(*ADOPTION_ERRORS))
async def adopt_gig_policy(payload: GigPolicyCreate, uow: Uow, principal: CurrentPrincipal) -> PolicyRead:
    """Enter the numbers of the gig market a meeting adopted. For committee members and administrators."""
    version = await usecases.adopt_policy(
        uow=uow, principal=principal, area=Area.GIGS, numbers=payload.policy(), decision=payload.decision
    )
    return PolicyRead.of(version)


@router.post("/time_bank", status_code=201, responses=problems(*ADOPTION_ERRORS))
async def adopt_time_policy(payload: TimePolicyCreate, uow: Uow, principal: CurrentPrincipal) -> PolicyRead:
    """Enter the numbers of the time bank a meeting adopted. For committee members and administrators."""
    version = await usecases.adopt_policy(
        uow=uow, principal=principal, area=Area.TIME_BANK, numbers=payload.policy(), decision=payload.decision
    )
    return PolicyRead.of(version)


@router.post("/deliveries", status_code=201, responses=problems(*ADOPTION_ERRORS))
async def adopt_delivery_policy(payload: DeliveryPolicyCreate, uow: Uow, principal: CurrentPrincipal) -> PolicyRead:
    """Enter what a meeting adopted for neighbours who bring goods home. For committee members and administrators."""
    version = await usecases.adopt_policy(
        uow=uow, principal=principal, area=Area.DELIVERIES, numbers=payload.policy(), decision=payload.decision
    )
    return PolicyRead.of(version)


@router.get("/{area}", responses=problems(*AUTH_ERRORS))
async def get_help_policy(area: Area, uow: Uow, _principal: CurrentPrincipal) -> PolicyRead:
    """Return the numbers in force."""
    return PolicyRead.of(await usecases.get_policy(uow=uow, area=area))


@router.get("/{area}/versions", responses=problems(*AUTH_ERRORS))
async def list_help_policies(area: Area, uow: Uow, _principal: CurrentPrincipal) -> list[PolicyRead]:
    """List every adopted version, newest first."""
    return [PolicyRead.of(version) for version in await usecases.list_policies(uow=uow, area=area)]
