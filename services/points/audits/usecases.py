"""What supervisors ask: do the books balance?"""

from services.points.audits import repository
from services.points.audits.domain import Breach
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork


async def audit(*, uow: UnitOfWork, principal: Principal) -> list[Breach]:
    """Return every breach of the invariants in the caller's community; none is what everybody hopes for.

    Errors: ForbiddenError.
    """
    principal.require(Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    return await repository.list_breaches(uow.session, uow.now)
