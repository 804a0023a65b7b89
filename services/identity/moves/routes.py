"""Routes of moves: what the grid worker and the administrator change at the desk between two rosters."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.identity.bindings.card_codes import print_card_code
from services.identity.households.errors import HouseholdMovedOutError, HouseholdNotFoundError
from services.identity.moves import errors, usecases
from services.identity.moves.schemas import (
    DepartureCreate,
    HouseholdCreate,
    HouseholderUpdate,
    HouseholdRegistered,
    MergeCreate,
    PersonBody,
    SplitCreate,
)
from services.identity.residents.errors import IdentityNumberTakenError, SecondHouseholderError
from services.identity.unremembered import SHOWN_ONCE_ERRORS, UnrememberedUow
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.clock import local_date
from shared.kernel.errors import DomainError, ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity/households", tags=["moves"], route_class=CommandRoute)


def _refusals(*more: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    return problems(*AUTH_ERRORS, ForbiddenError, HouseholdNotFoundError, HouseholdMovedOutError, *more)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *SHOWN_ONCE_ERRORS,
        ForbiddenError,
        errors.PersonInvalidError,
        errors.UnitUnknownError,
        errors.MembersIncompleteError,
        errors.HouseholdCodeTakenError,
        IdentityNumberTakenError,
    ),
)
async def register_household(
    command: HouseholdCreate, request: Request, response: Response, uow: UnrememberedUow, principal: CurrentPrincipal
) -> HouseholdRegistered:
    """Register a household that moves in, with its members; the code for its card is shown this once.

    The code is kept nowhere: the same Idempotency-Key again does nothing and is refused.
    """
    household_id, code = await usecases.register_household(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        facts=command.facts(),
        people=[member.person(local_date(uow.now)) for member in command.members],
    )
    response.headers["Location"] = f"{router.prefix}/{household_id}"
    return HouseholdRegistered(id=household_id, card_code=print_card_code(code))


@router.post(
    "/{household_id}/members",
    status_code=204,
    responses=_refusals(
        *IDEMPOTENCY_ERRORS, errors.PersonInvalidError, IdentityNumberTakenError, SecondHouseholderError
    ),
)
async def add_member(
    household_id: UUID, command: PersonBody, request: Request, uow: Uow, principal: CurrentPrincipal
) -> None:
    """Enter somebody who comes to live with a household."""
    await usecases.add_member(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        household_id=household_id,
        person=command.person(local_date(uow.now)),
    )


@router.post(
    "/{household_id}/members/{resident_id}/departures",
    status_code=204,
    responses=_refusals(*IDEMPOTENCY_ERRORS, errors.NotAMemberError, errors.HouseholderLeavesError),
)
async def remove_member(
    household_id: UUID,
    resident_id: UUID,
    command: DepartureCreate,
    request: Request,
    uow: Uow,
    principal: CurrentPrincipal,
) -> None:
    """Close the stay of one member. The last one to leave closes the household."""
    await usecases.remove_member(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        household_id=household_id,
        resident_id=resident_id,
        reason=command.reason,
    )


@router.post("/{household_id}/departures", status_code=204, responses=_refusals(*IDEMPOTENCY_ERRORS))
async def move_out(
    household_id: UUID, command: DepartureCreate, request: Request, uow: Uow, principal: CurrentPrincipal
) -> None:
    """Close a household that moves away with everybody in it."""
    await usecases.move_out(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        household_id=household_id,
        reason=command.reason,
    )


@router.put("/{household_id}/householder", status_code=204, responses=_refusals(errors.NotAMemberError))
async def change_householder(
    household_id: UUID, command: HouseholderUpdate, request: Request, uow: Uow, principal: CurrentPrincipal
) -> None:
    """Make another member the householder."""
    await usecases.change_householder(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        household_id=household_id,
        resident_id=command.resident_id,
        former=command.former_relation,
    )


@router.post(
    "/{household_id}/splits",
    status_code=201,
    responses=_refusals(
        *IDEMPOTENCY_ERRORS,
        errors.UnitUnknownError,
        errors.HouseholdCodeTakenError,
        errors.NotAMemberError,
        errors.HouseholderLeavesError,
        errors.MembersIncompleteError,
    ),
)
async def split_household(
    household_id: UUID,
    command: SplitCreate,
    request: Request,
    response: Response,
    uow: Uow,
    principal: CurrentPrincipal,
) -> None:
    """Let some members found a household of their own; `Location` names it."""
    new_id = await usecases.split_household(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        household_id=household_id,
        new_number=command.number,
        unit_codes=tuple(dict.fromkeys(command.unit_codes)),
        tenure=command.tenure,
        members=command.member_ids,
        householder_id=command.householder_id,
        moved_in_on=command.moved_in_on,
    )
    response.headers["Location"] = f"{router.prefix}/{new_id}"


@router.post(
    "/{household_id}/merges", status_code=204, responses=_refusals(*IDEMPOTENCY_ERRORS, errors.MembersIncompleteError)
)
async def merge_household(
    household_id: UUID, command: MergeCreate, request: Request, uow: Uow, principal: CurrentPrincipal
) -> None:
    """Let a whole household join another; its own file is closed."""
    await usecases.merge_households(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        household_id=household_id,
        into_id=command.into_id,
    )
