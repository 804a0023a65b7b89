"""Orders by standing over HTTP."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.ledger.errors import AccountNotFoundError
from services.points.periods.errors import PeriodNotFoundError, PeriodNotPublishedError
from services.points.rankings import usecases
from services.points.rankings.domain import Place
from services.points.rankings.schemas import PlaceRead, Preference, PreferenceRead
from services.points.statements.domain import Level
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/rankings", tags=["积分排行"], route_class=CommandRoute)

LevelQuery = Annotated[Literal["household", "building", "grid"], Query(description="Households, buildings or grids.")]


@router.get("", responses=problems(*AUTH_ERRORS, PeriodNotFoundError, PeriodNotPublishedError, CursorInvalidError))
async def list_ranking(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    level: LevelQuery = "household",
    period_id: Annotated[UUID | None, Query(description="One published period; over all without it.")] = None,
) -> Page[PlaceRead]:
    """List households, buildings or grids by standing for each household, best first; over all it is drawn up hourly."""
    own = principal.household_id
    if period_id is None:
        rows, made_at = await usecases.list_places(uow=uow, page=page, level=Level(level), named_for=own)
    else:
        rows, made_at = await usecases.list_period_places(
            uow=uow, page=page, level=Level(level), period_id=period_id, named_for=own
        )
    return page_of(rows.map(lambda place: PlaceRead.of(place, made_at, own)), request, response)


HEADER = ("名次", "户号或名称", "户主", "网格", "楼栋", "户数", "评议分", "户均评议分")


def _line(place: Place) -> tuple[Value, ...]:
    return (
        place.rank,
        place.label,
        place.householder_name,
        place.grid_name,
        place.building_name,
        place.households,
        place.standing,
        Decimal(place.score_e2) / 100,
    )


@router.get(
    "/export",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError, PeriodNotFoundError, PeriodNotPublishedError),
)
async def export_ranking(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
    level: LevelQuery = "household",
    period_id: Annotated[UUID | None, Query(description="One published period; over all without it.")] = None,
) -> Response:
    """Download an order as a sheet; who wants to stay unnamed stays so. For officials."""
    places = await usecases.list_for_export(uow=uow, principal=principal, level=Level(level), period_id=period_id)
    return await sheet_response(file_format, "积分排行", HEADER, [_line(place) for place in places])


@router.get("/preference", responses=problems(*AUTH_ERRORS, NoHouseholdError))
async def get_ranking_preference(uow: Uow, principal: CurrentPrincipal) -> PreferenceRead:
    """Return whether the caller's household stays unnamed."""
    household_id = principal.require_household()
    return PreferenceRead(is_anonymous=await usecases.is_anonymous(uow=uow, household_id=household_id))


@router.put("/preference", responses=problems(*AUTH_ERRORS, NoHouseholdError, AccountNotFoundError))
async def set_ranking_preference(payload: Preference, uow: Uow, principal: CurrentPrincipal) -> PreferenceRead:
    """Say whether the caller's household stays unnamed in lists, notices and orders; it counts at once."""
    await usecases.set_anonymous(
        uow=uow,
        household_id=principal.require_household(),
        account_id=principal.account_id,
        is_anonymous=payload.is_anonymous,
    )
    return PreferenceRead(is_anonymous=payload.is_anonymous)
