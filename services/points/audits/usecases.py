"""What supervisors ask, and the night without being asked: do the books balance?"""

from typing import Final

from services.points.audits import repository
from services.points.audits.domain import Audit, Invariant, NightlyAudit, next_due_at
from services.points.histories.domain import Span
from shared.contracts.events import BreachesFound
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

WATCHERS: Final = (Role.SUPERVISOR, Role.COMMUNITY_ADMIN)

SECONDS_ASKED: Final = 60
"""Longest time one invariant takes while somebody waits for the answer."""
SECONDS_WHOLE: Final = 20.0
"""Longest time an invariant is asked of all the books while somebody waits, if it can be asked of the newest lines instead."""
SECONDS_AT_NIGHT: Final = 30 * 60
"""Longest time one invariant takes while nobody waits."""


async def audit(*, uow: UnitOfWork, principal: Principal) -> Audit:
    """Return every breach of the invariants in the caller's community; none is what everybody hopes for.

    Books that are too long to read while somebody waits are read from the last clean night on, and the answer says so (ADR 0021).

    Errors: ForbiddenError.
    """
    principal.require(*WATCHERS)
    night = await repository.find_clean_night(uow.session)
    await repository.allow_seconds(uow.session, SECONDS_ASKED)
    if night is None:
        return Audit(await repository.list_breaches(uow.session, uow.now), frozenset())
    return Audit(
        *await repository.list_breaches_in_time(
            uow.session, uow.now, night, seconds_whole=SECONDS_WHOLE, seconds_part=SECONDS_ASKED
        )
    )


async def get_last_night(*, uow: UnitOfWork, principal: Principal) -> NightlyAudit | None:
    """Return what the last nightly audit found, or None before the first.

    Errors: ForbiddenError.
    """
    principal.require(*WATCHERS)
    return await repository.find_last_night(uow.session)


async def list_nights(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, is_clean: bool | None, span: Span
) -> Slice[NightlyAudit]:
    """Return what every night found, newest first.

    Errors: ForbiddenError.
    """
    principal.require(*WATCHERS)
    return await repository.list_nights(uow.session, page, is_clean=is_clean, span=span)


async def audit_nightly(*, uow: UnitOfWork) -> None:
    """Audit the community when its night has come, keep what was found, and tell it when something is wrong.

    Locks/IO: the community's schedule unless somebody is at it; reads every account, locks none.
    Idempotency: without effect when it is no longer due.
    """
    if not await repository.lock_due_schedule(uow.session, uow.now):
        return
    await repository.allow_seconds(uow.session, SECONDS_AT_NIGHT)
    found = NightlyAudit(uow.now, await repository.list_breaches(uow.session, uow.now))
    await repository.add_night(uow.session, uow.community_id, found)
    await repository.postpone(uow.session, next_due_at(uow.now))
    if found.is_clean:
        return
    broken = {breach.invariant for breach in found.breaches}
    uow.announce(
        uow.community_id,
        BreachesFound(
            community_id=uow.community_id,
            audited_at=found.audited_at,
            breaches=len(found.breaches),
            invariants=tuple(invariant.name for invariant in Invariant if invariant in broken),
        ),
    )
