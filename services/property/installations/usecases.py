"""What the company does with installations, and how points' facts are kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.property.dispatch import usecases as dispatch
from services.property.dispatch.domain import WorkerRecord
from services.property.dispatch.errors import WorkerNotFoundError
from services.property.households import usecases as households
from services.property.installations import repository
from services.property.installations.domain import (
    DISPATCHERS,
    LIFE,
    REFUSED,
    Action,
    Actor,
    Installation,
    State,
    acting_as,
    check_settling,
    complete,
    schedule,
)
from services.property.installations.errors import WorkerMissingError
from shared.contracts.events import (
    InstallationCancelled,
    InstallationCompleted,
    InstallationOrdered,
    InstallationRefused,
    InstallationScheduled,
)
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def enter_order(*, uow: UnitOfWork, fact: InstallationOrdered) -> None:
    """Enter what points asks for, with where the household lives.

    Idempotency: by the redemption.
    """
    place = await households.find_place(uow=uow, household_id=fact.household_id)
    await repository.add(
        uow.session,
        community_id=uow.community_id,
        redemption_id=fact.redemption_id,
        household_id=fact.household_id,
        address="" if place is None else place.address,
        product_name=fact.product_name,
        quantity=fact.quantity,
        state=State.ORDERED,
        ordered_at=uow.now,
        expires_at=fact.expires_at,
        worker_name="",
        note="",
        photo_ids=[],
        end_reason="",
        is_conflict=False,
    )


async def cancel_order(*, uow: UnitOfWork, fact: InstallationCancelled) -> None:
    """Do not fit what the household gave up, or mark that it was fitted before the news came.

    Locks/IO: the installation's row.
    Idempotency: the first end stands.
    """
    installation = await repository.find_for_update(uow.session, fact.redemption_id)
    if installation is None or installation.state is State.CANCELLED:
        return
    if installation.state is State.INSTALLED:
        # Goods that came back after they were accepted are no contradiction; goods never paid for are, until somebody settled it.
        is_conflict = fact.reason != "returned" and installation.settled_at is None
        await repository.save(uow.session, fact.redemption_id, is_conflict=is_conflict)
        return
    state = LIFE.perform(installation.state, Action.CANCEL, frozenset({Actor.POINTS}))
    await repository.save(uow.session, fact.redemption_id, state=state, ended_at=uow.now, end_reason=fact.reason)


async def schedule_installation(
    *, uow: UnitOfWork, principal: Principal, redemption_id: UUID, worker_id: UUID | None, at: datetime
) -> Installation:
    """Make an appointment: a worker for themselves, the desk or a head for a worker.

    Locks/IO: the installation's row.
    Errors: InstallationNotFoundError; ForbiddenError, WrongStateError; WorkerMissingError, WorkerNotFoundError; AppointmentInvalidError.
    """
    installation = await repository.get_for_update(uow.session, principal, redemption_id)
    actors = acting_as(principal, installation)
    LIFE.perform(installation.state, Action.SCHEDULE, actors)
    worker = await _worker(uow, principal, worker_id)
    state = schedule(installation, actors, at=at, worker_household_id=worker.household_id, now=uow.now)
    await repository.save(
        uow.session,
        redemption_id,
        state=state,
        worker_id=worker.id,
        worker_account_id=worker.account_id,
        worker_name=worker.name,
        scheduled_for=at,
    )
    uow.announce(
        redemption_id,
        InstallationScheduled(
            redemption_id=redemption_id,
            household_id=installation.household_id,
            worker_name=worker.name,
            scheduled_for=at,
        ),
    )
    return await repository.get(uow.session, principal, redemption_id)


async def _worker(uow: UnitOfWork, principal: Principal, worker_id: UUID | None) -> WorkerRecord:
    if worker_id is not None and principal.has(*DISPATCHERS):
        worker = await dispatch.get_worker(uow=uow, worker_id=worker_id)
    else:
        own = await dispatch.find_worker_of_account(uow=uow, account_id=principal.account_id)
        if own is None:
            raise WorkerMissingError
        worker = own
    if not worker.is_active:
        raise WorkerNotFoundError
    return worker


async def complete_installation(
    *, uow: UnitOfWork, principal: Principal, redemption_id: UUID, note: str, photo_ids: Sequence[UUID]
) -> Installation:
    """Say that the goods are fitted; points turns the held points into spending when it hears.

    Locks/IO: the installation's row.
    Errors: InstallationNotFoundError; ForbiddenError, WrongStateError; InstallationOverdueError.
    """
    installation = await repository.get_for_update(uow.session, principal, redemption_id)
    state = complete(installation, acting_as(principal, installation), uow.now)
    await repository.save(
        uow.session,
        redemption_id,
        state=state,
        installed_at=uow.now,
        ended_at=uow.now,
        note=note,
        photo_ids=list(photo_ids),
    )
    uow.announce(
        redemption_id,
        InstallationCompleted(
            redemption_id=redemption_id,
            household_id=installation.household_id,
            worker_name=installation.worker_name,
            installed_at=uow.now,
        ),
    )
    return await repository.get(uow.session, principal, redemption_id)


async def refuse_installation(
    *, uow: UnitOfWork, principal: Principal, redemption_id: UUID, reason: str
) -> Installation:
    """Say that the goods cannot be fitted; points gives the household its points back when it hears.

    Locks/IO: the installation's row.
    Errors: InstallationNotFoundError; ForbiddenError, WrongStateError.
    """
    installation = await repository.get_for_update(uow.session, principal, redemption_id)
    state = LIFE.perform(installation.state, Action.REFUSE, acting_as(principal, installation))
    await repository.save(uow.session, redemption_id, state=state, ended_at=uow.now, end_reason=REFUSED, note=reason)
    uow.announce(
        redemption_id,
        InstallationRefused(
            redemption_id=redemption_id,
            household_id=installation.household_id,
            product_name=installation.product_name,
            reason=reason,
            refused_at=uow.now,
        ),
    )
    return await repository.get(uow.session, principal, redemption_id)


async def settle_conflict(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID, reason: str) -> Installation:
    """Write down how the company settled goods that were fitted after points had let them go.

    Locks/IO: the installation's row.
    Errors: InstallationNotFoundError; ForbiddenError, also for one's own home or work; NoInstallationConflictError.
    """
    installation = await repository.get_for_update(uow.session, principal, redemption_id)
    check_settling(installation, principal)
    await repository.save(
        uow.session,
        redemption_id,
        is_conflict=False,
        settled_at=uow.now,
        settled_by=principal.account_id,
        settlement=reason,
    )
    return await repository.get(uow.session, principal, redemption_id)


async def get_installation(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID) -> Installation:
    """Return an installation.

    Errors: InstallationNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, redemption_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID) -> tuple[State, list[Action]]:
    """Return what the caller could do with an installation now.

    Errors: InstallationNotFoundError.
    """
    installation = await repository.get(uow.session, principal, redemption_id)
    return installation.state, LIFE.actions(installation.state, acting_as(principal, installation))


async def list_installations(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: State | None,
    is_conflict: bool,
    is_settled: bool,
) -> Slice[Installation]:
    """Return the installations the caller may see, newest first."""
    return await repository.list_page(
        uow.session, principal, page, state=state, is_conflict=is_conflict, is_settled=is_settled
    )
