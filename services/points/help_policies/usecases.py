"""Adopting the numbers of gigs, the time bank and deliveries, and looking them up."""

from services.points.help_policies import repository
from services.points.help_policies.domain import (
    Area,
    DeliveryPolicy,
    GigPolicy,
    Numbers,
    PolicyVersion,
    TimePolicy,
    check,
)
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork


async def adopt_policy(
    *, uow: UnitOfWork, principal: Principal, area: Area, numbers: Numbers, decision: str
) -> PolicyVersion:
    """Enter the numbers a meeting adopted; they hold for what begins from now on, and earlier versions stay.

    Locks/IO: adoption of this area in this community.
    Errors: ForbiddenError, PolicyInvalidError.
    """
    principal.require(Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)
    check(numbers)
    await repository.lock(uow.session, uow.community_id, area)
    latest = await repository.get_in_force(uow.session, area)
    await repository.add(
        uow.session,
        community_id=uow.community_id,
        area=area,
        version=latest.version + 1,
        numbers=numbers,
        decision=decision,
        adopted_by=principal.account_id,
        now=uow.now,
    )
    return await repository.get_in_force(uow.session, area)


async def get_policy(*, uow: UnitOfWork, area: Area) -> PolicyVersion:
    """Return the numbers in force."""
    return await repository.get_in_force(uow.session, area)


async def list_policies(*, uow: UnitOfWork, area: Area) -> list[PolicyVersion]:
    """Return every adopted version, newest first."""
    return await repository.list_versions(uow.session, area)


async def get_gig_policy(*, uow: UnitOfWork) -> GigPolicy:
    """Return the numbers odd jobs go by."""
    numbers = (await repository.get_in_force(uow.session, Area.GIGS)).numbers
    assert isinstance(numbers, GigPolicy)
    return numbers


async def get_time_policy(*, uow: UnitOfWork) -> TimePolicy:
    """Return the numbers volunteer time goes by."""
    numbers = (await repository.get_in_force(uow.session, Area.TIME_BANK)).numbers
    assert isinstance(numbers, TimePolicy)
    return numbers


async def get_delivery_policy(*, uow: UnitOfWork) -> DeliveryPolicy:
    """Return the numbers deliveries go by."""
    numbers = (await repository.get_in_force(uow.session, Area.DELIVERIES)).numbers
    assert isinstance(numbers, DeliveryPolicy)
    return numbers
