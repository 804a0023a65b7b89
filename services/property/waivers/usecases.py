"""What property does when points asks for months without fee, and who may look at them."""

from datetime import datetime
from uuid import UUID

from services.property.households import usecases as households
from services.property.waivers import repository
from services.property.waivers.domain import State, Waiver, free_months
from shared.contracts.events import FeeWaiverGranted, FeeWaiverRefused, FeeWaiverWithdrawn
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def waive_for_award(
    *, uow: UnitOfWork, award_id: UUID, household_id: UUID, months: int, granted_at: datetime
) -> None:
    """Answer an award's request for months without fee: the next months that are still to be paid, or a refusal.

    Locks/IO: the household's waivers.
    Idempotency: one answer per award; an award revoked before its request came stays withdrawn.
    """
    if months == 0:
        return
    await repository.lock_household(uow.session, household_id)
    if await repository.find_for_update(uow.session, award_id) is not None:
        return
    if await households.find_place(uow=uow, household_id=household_id) is None:
        reason = "物业没有这一户的记录"
        await _answer(uow, Waiver(award_id, household_id, State.REFUSED, (), reason, uow.now, None))
        uow.announce(award_id, FeeWaiverRefused(award_id=award_id, household_id=household_id, reason=reason))
        return
    taken = await repository.list_taken(uow.session, household_id)
    given = free_months(local_date(granted_at), months, taken)
    await _answer(uow, Waiver(award_id, household_id, State.GRANTED, given, "", uow.now, None))
    uow.announce(award_id, FeeWaiverGranted(award_id=award_id, household_id=household_id, months=given))


async def withdraw_for_award(*, uow: UnitOfWork, award_id: UUID, household_id: UUID, reason: str) -> None:
    """Take back what a revoked award was given; what comes later for the same award finds the door closed.

    Locks/IO: the household's waivers.
    Idempotency: withdrawn once.
    """
    await repository.lock_household(uow.session, household_id)
    waiver = await repository.find_for_update(uow.session, award_id)
    if waiver is not None and waiver.state is State.WITHDRAWN:
        return
    if waiver is None:
        await _answer(uow, Waiver(award_id, household_id, State.WITHDRAWN, (), reason, uow.now, uow.now))
    else:
        await repository.withdraw(uow.session, award_id, reason, uow.now)
    uow.announce(award_id, FeeWaiverWithdrawn(award_id=award_id, household_id=household_id))


async def list_waivers(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, household_id: UUID | None
) -> Slice[Waiver]:
    """Return the waivers the caller may see, newest first."""
    return await repository.list_page(uow.session, principal, page, household_id=household_id)


async def get_waiver(*, uow: UnitOfWork, principal: Principal, award_id: UUID) -> Waiver:
    """Return the waiver of an award.

    Errors: WaiverNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, award_id)


async def _answer(uow: UnitOfWork, waiver: Waiver) -> None:
    await repository.add(uow.session, uow.community_id, waiver)
