"""The books over HTTP: look into a household's points."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.histories import usecases
from services.points.histories.domain import KIND_NAMES
from services.points.histories.errors import DaysReversedError
from services.points.histories.schemas import (
    BalanceRead,
    ChainCheckRead,
    EarnerRead,
    EarnersRead,
    ExpiryRead,
    HouseholdAccountRead,
    StatementRowRead,
)
from services.points.histories.usecases import HouseholdAccount
from services.points.ledger.domain import Asset
from services.points.ledger.errors import AccountNotFoundError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.principal import NoHouseholdError
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.schemas import Instant
from shared.sheets import SHEET_RESPONSES, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points", tags=["积分账户"], route_class=CommandRoute)

AssetQuery = Annotated[Asset, Query(description="Which asset.")]
At = Annotated[
    Instant | None,
    Query(description="Balances as they were at this moment; now when left out.", examples=["2026-06-30T16:00:00Z"]),
]
Person = Annotated[UUID | None, Query(description="Only what this resident of the household earned or spent.")]

HEADER = ("序号", "入账时间", "发生时间", "类别", "事由", "变动", "可用余额", "预留", "谁挣谁用", "规则版本")


def _read(account: HouseholdAccount) -> HouseholdAccountRead:
    return HouseholdAccountRead(
        household_id=account.household_id,
        number=account.number,
        householder_name=account.householder_name,
        grid_name=account.grid_name,
        building_name=account.building_name,
        balances=[BalanceRead.model_validate(balance) for balance in account.balances],
        expiries=[ExpiryRead(expires_at=moment, points=amount) for moment, amount in account.expiries],
        arrears=account.arrears,
    )


@router.get("/account", responses=problems(*AUTH_ERRORS, NoHouseholdError, AccountNotFoundError))
async def get_my_account(uow: Uow, principal: CurrentPrincipal, at: At = None) -> HouseholdAccountRead:
    """Return the balances of the caller's own household."""
    household_id = principal.require_household()
    return _read(await usecases.get_household_account(uow=uow, principal=principal, household_id=household_id, at=at))


@router.get("/households/{household_id}/account", responses=problems(*AUTH_ERRORS, AccountNotFoundError))
async def get_household_account(
    household_id: UUID, uow: Uow, principal: CurrentPrincipal, at: At = None
) -> HouseholdAccountRead:
    """Return a household's balances: for its members, its grid worker, and staff of the points scheme."""
    return _read(await usecases.get_household_account(uow=uow, principal=principal, household_id=household_id, at=at))


@router.get(
    "/households/{household_id}/statement",
    responses=problems(*AUTH_ERRORS, AccountNotFoundError, DaysReversedError, CursorInvalidError),
)
async def list_statement(
    household_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    asset: AssetQuery = Asset.SPENDABLE,
    from_on: FromOn = None,
    to_on: ToOn = None,
    resident_id: Person = None,
) -> Page[StatementRowRead]:
    """List a household's lines in one asset, newest first, each with the balance after it."""
    rows = await usecases.list_statement(
        uow=uow,
        principal=principal,
        household_id=household_id,
        asset=asset,
        page=page,
        from_on=from_on,
        to_on=to_on,
        resident_id=resident_id,
    )
    return page_of(rows.map(StatementRowRead.model_validate), request, response)


@router.get(
    "/households/{household_id}/statement/file",
    response_class=Response,
    responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, AccountNotFoundError, DaysReversedError),
)
async def download_statement(
    household_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    asset: AssetQuery = Asset.SPENDABLE,
    from_on: FromOn = None,
    to_on: ToOn = None,
    resident_id: Person = None,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download a household's lines in one asset, oldest first, as a sheet."""
    number, rows = await usecases.list_whole_statement(
        uow=uow,
        principal=principal,
        household_id=household_id,
        asset=asset,
        from_on=from_on,
        to_on=to_on,
        resident_id=resident_id,
    )
    table = [
        (
            row.version,
            row.created_at,
            row.event_at,
            KIND_NAMES[row.kind],
            row.summary,
            row.amount,
            row.available_after,
            row.held_after,
            row.people,
            row.rule_version,
        )
        for row in rows
    ]
    return await sheet_response(file_format, f"积分流水-{number}", HEADER, table)


@router.get(
    "/households/{household_id}/earners",
    responses=problems(*AUTH_ERRORS, AccountNotFoundError, DaysReversedError),
)
async def list_earners(
    household_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    asset: AssetQuery = Asset.SPENDABLE,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> EarnersRead:
    """Tell who of a household brought how much to its account."""
    earners = await usecases.list_earners(
        uow=uow, principal=principal, household_id=household_id, asset=asset, from_on=from_on, to_on=to_on
    )
    return EarnersRead(items=[EarnerRead.model_validate(earner) for earner in earners])


@router.get("/households/{household_id}/verification", responses=problems(*AUTH_ERRORS, AccountNotFoundError))
async def verify_chain(
    household_id: UUID, uow: Uow, principal: CurrentPrincipal, asset: AssetQuery = Asset.SPENDABLE
) -> ChainCheckRead:
    """Recompute the hash chain of a household's account and name the first altered line, if there is one."""
    broken = await usecases.find_broken_line(uow=uow, principal=principal, household_id=household_id, asset=asset)
    return ChainCheckRead(is_sound=broken is None, broken_version=broken)
