"""What the night and supervisors do with seals, and what anybody may read."""

from services.points.seals import repository
from services.points.seals.domain import Head, Seal, next_due_at, seal
from shared.contracts.events import BooksSealed
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def seal_books(*, uow: UnitOfWork, principal: Principal | None) -> Seal | None:
    """Seal the community's books as they stand; the clock has no principal and seals once a day.

    Entries being written are wholly in or wholly out: the books are read by one statement.

    Locks/IO: the community's schedule, so that seals follow one another. No account is locked.
    Errors: ForbiddenError.
    Idempotency: the clock's seal is without effect when it is no longer due.
    """
    if principal is not None:
        principal.require(Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    schedule = await repository.lock_schedule(uow.session, uow.community_id, uow.now, only_due=principal is None)
    if schedule is None:
        return None
    previous = await repository.find_latest(uow.session)
    heads, system = await repository.read_books(uow.session)
    made = seal(community_id=uow.community_id, previous=previous, made_at=uow.now, heads=heads, system=system)
    await repository.add(uow.session, made, heads, None if principal is None else principal.account_id)
    await repository.postpone(uow.session, next_due_at(uow.now))
    uow.announce(
        uow.community_id,
        BooksSealed(number=made.number, hash=made.hash.hex(), root=made.root.hex(), made_at=made.made_at),
    )
    return made


async def latest_seal(*, uow: UnitOfWork) -> Seal | None:
    """Return the community's last seal, or None before the first."""
    return await repository.find_latest(uow.session)


async def get_seal(*, uow: UnitOfWork, number: int) -> Seal:
    """Return a seal by its number.

    Errors: SealNotFoundError.
    """
    return await repository.get(uow.session, number)


async def list_seals(*, uow: UnitOfWork, page: PageRequest) -> Slice[Seal]:
    """Return seals, newest first."""
    return await repository.list_page(uow.session, page)


async def list_leaves(*, uow: UnitOfWork, number: int) -> list[Head]:
    """Return where every account stood when a seal was made, so that its root can be computed again."""
    return await repository.list_leaves(uow.session, number)
