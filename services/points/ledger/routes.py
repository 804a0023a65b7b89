"""The ledger over HTTP: look into a household's points."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.ledger import usecases
from services.points.ledger.domain import Asset
from services.points.ledger.errors import AccountNotFoundError
from services.points.ledger.schemas import (
    BalanceRead,
    ChainCheckRead,
    ExpiryRead,
    HouseholdAccountRead,
    StatementRowRead,
)
from services.points.ledger.usecases import HouseholdAccount
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.principal import NoHouseholdError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points", tags=["积分账户"], route_class=CommandRoute)

AssetQuery = Annotated[Asset, Query(description="Which asset.")]


def _read(account: HouseholdAccount) -> HouseholdAccountRead:
    household = account.household
    return HouseholdAccountRead(
        household_id=household.id,
        number=household.number,
        householder_name=household.householder_name,
        grid_name=household.grid_name,
        building_name=household.building_name,
        balances=[BalanceRead.model_validate(balance) for balance in account.balances],
        expiries=[ExpiryRead(expires_at=moment, points=amount) for moment, amount in account.expiries],
    )


@router.get("/account", responses=problems(*AUTH_ERRORS, NoHouseholdError, AccountNotFoundError))
async def get_my_account(uow: Uow, principal: CurrentPrincipal) -> HouseholdAccountRead:
    """Return the balances of the caller's own household."""
    household_id = principal.require_household()
    return _read(await usecases.get_household_account(uow=uow, principal=principal, household_id=household_id))


@router.get("/households/{household_id}/account", responses=problems(*AUTH_ERRORS, AccountNotFoundError))
async def get_household_account(household_id: UUID, uow: Uow, principal: CurrentPrincipal) -> HouseholdAccountRead:
    """Return a household's balances: for its members, its grid worker, and staff of the points scheme."""
    return _read(await usecases.get_household_account(uow=uow, principal=principal, household_id=household_id))


@router.get(
    "/households/{household_id}/statement",
    responses=problems(*AUTH_ERRORS, AccountNotFoundError, CursorInvalidError),
)
async def list_statement(
    household_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    asset: AssetQuery = Asset.SPENDABLE,
) -> Page[StatementRowRead]:
    """List a household's lines in one asset, newest first, each with the balance after it."""
    rows = await usecases.list_statement(
        uow=uow, principal=principal, household_id=household_id, asset=asset, page=page
    )
    return page_of(rows.map(StatementRowRead.model_validate), request, response)


@router.get("/households/{household_id}/verification", responses=problems(*AUTH_ERRORS, AccountNotFoundError))
async def verify_chain(
    household_id: UUID, uow: Uow, principal: CurrentPrincipal, asset: AssetQuery = Asset.SPENDABLE
) -> ChainCheckRead:
    """Recompute the hash chain of a household's account and name the first altered line, if there is one."""
    broken = await usecases.find_broken_line(uow=uow, principal=principal, household_id=household_id, asset=asset)
    return ChainCheckRead(is_sound=broken is None, broken_version=broken)
