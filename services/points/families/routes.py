"""Families that join or part, over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from services.points.families import usecases
from services.points.families.errors import (
    FamilyRecusedError,
    OpenHoldsError,
    ReasonMissingError,
    SameHouseholdError,
    StandingMissingError,
)
from services.points.families.schemas import MergerCreate, MoveRead, SplitCreate
from services.points.ledger.errors import AccountNotFoundError, HouseholdClosedError, InsufficientBalanceError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/households", tags=["合户与分户"], route_class=CommandRoute)

REFUSALS = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ForbiddenError,
    FamilyRecusedError,
    AccountNotFoundError,
    ReasonMissingError,
    SameHouseholdError,
    HouseholdClosedError,
)


@router.post("/{household_id}/mergers", status_code=201, responses=problems(*REFUSALS, OpenHoldsError))
async def merge_households(household_id: UUID, body: MergerCreate, uow: Uow, principal: CurrentPrincipal) -> MoveRead:
    """Let a household go up in another: its points move with their expiry, and its debts.

    For administrators, when neither household is their own or one of declared kin.
    """
    move = await usecases.merge_households(
        uow=uow,
        principal=principal,
        household_id=household_id,
        into_household_id=body.into_household_id,
        reason=body.reason,
    )
    return MoveRead.model_validate(move)


@router.post(
    "/{household_id}/splits",
    status_code=201,
    responses=problems(*REFUSALS, StandingMissingError, InsufficientBalanceError),
)
async def split_household(household_id: UUID, body: SplitCreate, uow: Uow, principal: CurrentPrincipal) -> MoveRead:
    """Give part of a household's points to a household formed out of it, as the family agreed.

    For administrators, when neither household is their own or one of declared kin.
    """
    move = await usecases.split_household(
        uow=uow,
        principal=principal,
        household_id=household_id,
        new_household_id=body.new_household_id,
        standing=body.standing,
        spendable=body.spendable,
        reason=body.reason,
    )
    return MoveRead.model_validate(move)
