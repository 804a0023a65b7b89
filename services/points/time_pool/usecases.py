"""Reading what went into the community's pool of minutes and out of it."""

from services.points.passbooks import usecases as passbooks
from services.points.time_pool import repository
from services.points.time_pool.domain import PoolFilter, PoolLine
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

READERS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, Role.SUPERVISOR)


async def list_lines(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, wanted: PoolFilter
) -> Slice[PoolLine]:
    """Return every line of the pool with the balance after it, newest first.

    Errors: ForbiddenError.
    """
    principal.require(*READERS)
    account_id = await passbooks.pool_account(uow=uow)
    return await repository.list_page(uow.session, account_id, page, wanted)


async def export_lines(*, uow: UnitOfWork, principal: Principal, wanted: PoolFilter) -> list[PoolLine]:
    """Return the same, oldest first, for the sheet.

    Errors: ForbiddenError.
    """
    principal.require(*READERS)
    account_id = await passbooks.pool_account(uow=uow)
    return await repository.list_all(uow.session, account_id, wanted)
