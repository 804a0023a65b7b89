"""Declaring kin, so that nobody judges relatives."""

from uuid import UUID

from services.points.kinships import repository
from services.points.kinships.domain import Kinship, check_declaration, check_ending
from services.points.kinships.models import KinshipRow
from services.points.ledger import usecases as ledger
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def declare_kinship(
    *, uow: UnitOfWork, principal: Principal, household_id: UUID, relation: str, account_id: UUID | None
) -> Kinship:
    """Declare that kin of the caller, or as a supervisor of somebody else, live in a household.

    Errors: ForbiddenError, OwnHouseholdError, AccountNotFoundError for an unknown household, KinshipKnownError.
    """
    meant = account_id or principal.account_id
    check_declaration(principal, meant, household_id)
    await ledger.get_household(uow=uow, household_id=household_id)
    kinship_id = uow.new_id()
    await repository.add(
        uow.session,
        KinshipRow(
            community_id=uow.community_id,
            id=kinship_id,
            account_id=meant,
            household_id=household_id,
            relation=relation,
            declared_by=principal.account_id,
            declared_at=uow.now,
        ),
    )
    return await repository.get_standing_for_update(uow.session, kinship_id)


async def end_kinship(*, uow: UnitOfWork, principal: Principal, kinship_id: UUID) -> None:
    """Take a declaration back; it stays on record as ended.

    Locks/IO: the declaration's row.
    Errors: KinshipNotFoundError, also for somebody else's; KinshipNotOwnError.
    """
    kinship = await repository.get_standing_for_update(uow.session, kinship_id)
    check_ending(principal, kinship)
    await repository.end(uow.session, kinship_id, ended_by=principal.account_id, now=uow.now)


async def list_kinships(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    account_id: UUID | None,
    household_id: UUID | None,
    is_ended: bool,
) -> Slice[Kinship]:
    """Return the caller's declarations, for supervisors everybody's, newest first."""
    visible = None if principal.has(Role.SUPERVISOR) else principal.account_id
    about = [one for one in (visible, account_id) if one is not None]
    return await repository.list_page(
        uow.session, page, account_ids=about, household_id=household_id, is_ended=is_ended
    )


async def kin_of(*, uow: UnitOfWork, principal: Principal) -> frozenset[UUID]:
    """Return the households in which the caller has declared kin."""
    return await repository.list_households(uow.session, principal.account_id)
