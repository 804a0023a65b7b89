"""The list of what earns points, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.points.claim_photos.errors import MinutesNotArrivedError
from services.points.rulebooks import usecases
from services.points.rulebooks.errors import (
    ClaimantInvalidError,
    DecisionNotFoundError,
    DecisionUsedError,
    ItemCodeRepeatedError,
    MinutesMissingError,
    PeriodInvalidError,
    QuantityCapInvalidError,
    RulebookNotFoundError,
)
from services.points.rulebooks.schemas import ComparisonRead, RulebookBrief, RulebookCreate, RulebookRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/rulebooks", tags=["积分细则"], route_class=CommandRoute)

VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version.")]


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        MinutesMissingError,
        MinutesNotArrivedError,
        DecisionNotFoundError,
        DecisionUsedError,
        ItemCodeRepeatedError,
        ClaimantInvalidError,
        QuantityCapInvalidError,
        PeriodInvalidError,
    ),
)
async def adopt_rulebook(
    payload: RulebookCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> RulebookRead:
    """Enter the version a meeting or vote adopted. For committee members and administrators; earlier versions stay.

    Name the proposal whose decision was published, or attach the minutes, which must have been uploaded by then.
    """
    version = await usecases.adopt_rulebook(
        uow=uow,
        principal=principal,
        rules=payload.rules(),
        effective_on=payload.effective_on,
        decision=payload.decision,
        decision_id=payload.decision_id,
        minutes_asset_id=payload.minutes_asset_id,
    )
    response.headers["Location"] = f"{router.prefix}/{version.version}"
    return RulebookRead.of(version)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_rulebooks(
    uow: Uow, _principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[RulebookBrief]:
    """List the versions without their lines, newest first."""
    rows = await usecases.list_rulebooks(uow=uow, page=page)
    return page_of(rows.map(RulebookBrief.brief), request, response)


@router.get("/current", responses=problems(*AUTH_ERRORS, RulebookNotFoundError))
async def get_rulebook_in_force(uow: Uow, _principal: CurrentPrincipal) -> RulebookRead:
    """Return the version in force today."""
    return RulebookRead.of(await usecases.get_rulebook_in_force(uow=uow))


@router.get("/{version}", responses=problems(*AUTH_ERRORS, RulebookNotFoundError))
async def get_rulebook(version: VersionNumber, uow: Uow, _principal: CurrentPrincipal) -> RulebookRead:
    """Return one version."""
    return RulebookRead.of(await usecases.get_rulebook(uow=uow, version=version))


@router.get("/{version}/comparison", responses=problems(*AUTH_ERRORS, RulebookNotFoundError))
async def compare_rulebooks(
    version: VersionNumber,
    uow: Uow,
    _principal: CurrentPrincipal,
    against: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="The other version; the one before when not given.")
    ] = None,
    is_complete: Annotated[bool, Query(description="Whether to show what stayed the same too.")] = False,
) -> ComparisonRead:
    """Lay a version beside another one: what was added, removed and changed."""
    comparison = await usecases.compare_with_previous(uow=uow, version=version, against=against)
    return ComparisonRead.of(comparison if is_complete else comparison.only_changes())
