"""The list of what earns points, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path

from services.points.rulebooks import usecases
from services.points.rulebooks.errors import ItemCodeRepeatedError, PeriodInvalidError, RulebookNotFoundError
from services.points.rulebooks.schemas import RulebookCreate, RulebookRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/rulebooks", tags=["积分细则"], route_class=CommandRoute)


@router.post(
    "",
    status_code=201,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, ItemCodeRepeatedError, PeriodInvalidError),
)
async def adopt_rulebook(payload: RulebookCreate, uow: Uow, principal: CurrentPrincipal) -> RulebookRead:
    """Enter the version a meeting or vote adopted. For committee members and administrators; earlier versions stay."""
    version = await usecases.adopt_rulebook(
        uow=uow,
        principal=principal,
        decision=payload.decision,
        effective_on=payload.effective_on,
        policy=payload.policy(),
        items=[item.item() for item in payload.items],
    )
    return RulebookRead.of(version)


@router.get("/current", responses=problems(*AUTH_ERRORS, RulebookNotFoundError))
async def get_rulebook_in_force(uow: Uow, _principal: CurrentPrincipal) -> RulebookRead:
    """Return the version in force today."""
    return RulebookRead.of(await usecases.get_rulebook_in_force(uow=uow))


@router.get("/{version}", responses=problems(*AUTH_ERRORS, RulebookNotFoundError))
async def get_rulebook(
    version: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version.")],
    uow: Uow,
    _principal: CurrentPrincipal,
) -> RulebookRead:
    """Return one version."""
    return RulebookRead.of(await usecases.get_rulebook(uow=uow, version=version))
