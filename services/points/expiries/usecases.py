"""What a community decides about its points, and what the clock does with points past their time."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from services.points.expiries import repository
from services.points.expiries.domain import PointsPolicy, PolicyTerms, check_terms, days_left
from services.points.expiries.errors import PolicyChangedError
from services.points.expiries.repository import ComingExpiry
from services.points.ledger import usecases as ledger
from shared.contracts.events import PointsExpired, PointsExpiring
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

WATCHERS: Final = (Role.SUPERVISOR, Role.COMMUNITY_ADMIN, Role.STOREKEEPER, Role.COMMITTEE_MEMBER)


async def get_policy(*, uow: UnitOfWork) -> PointsPolicy:
    """Return the terms in force."""
    return await repository.get_policy(uow.session)


async def list_policies(*, uow: UnitOfWork, page: PageRequest) -> Slice[PointsPolicy]:
    """Return all versions of the terms, newest first."""
    return await repository.list_policies(uow.session, page)


async def adopt_policy(
    *, uow: UnitOfWork, principal: Principal, terms: PolicyTerms, decision: str, replaces_version: int
) -> PointsPolicy:
    """Enter terms that a meeting decided. Points that are there keep the expiry they came with.

    Errors: ForbiddenError, DecisionMissingError, ExpiryRuleInvalidError, PolicyChangedError.
    """
    principal.require(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    check_terms(terms, decision)
    current = await repository.get_policy(uow.session)
    if current.version != replaces_version:
        raise PolicyChangedError(version=current.version)
    policy = PointsPolicy(current.version + 1, terms, decision, principal.account_id, uow.now)
    await repository.add_policy(
        uow.session, uow.community_id, policy, adopted_by=principal.account_id, adopted_at=uow.now
    )
    return policy


async def list_coming_expiries(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, days: int
) -> Slice[ComingExpiry]:
    """Return which households lose how many points within so many days, soonest first.

    Errors: ForbiddenError.
    """
    principal.require(*WATCHERS)
    return await repository.list_coming(uow.session, page, uow.now + timedelta(days=days))


async def expire_points(*, uow: UnitOfWork, account_id: UUID) -> None:
    """Take an account's points that are past their time; what is held does not expire.

    Locks/IO: the account unless somebody is at it, then its lots.
    Idempotency: without effect when nothing is past its time any more.
    """
    expired = await ledger.expire_lots(uow=uow, account_id=account_id)
    if expired is not None:
        household_id, points = expired
        uow.announce(household_id, PointsExpired(household_id=household_id, points=points, expired_at=uow.now))


async def remind_of_expiry(*, uow: UnitOfWork, account_id: UUID) -> None:
    """Tell a household what it will lose in 30, 7 or 1 days, once for each.

    Locks/IO: the account, which stands for its lots.
    Idempotency: each reminder is noted with the lot.
    """
    told = await repository.take_reminders(uow.session, account_id, uow.now)
    for household_id, expires_at, points in told:
        uow.announce(
            household_id,
            PointsExpiring(
                household_id=household_id,
                points=points,
                days_left=days_left(expires_at, uow.now),
                expires_at=expires_at,
            ),
        )
