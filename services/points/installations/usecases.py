"""The saga with property: what it tells is applied to the redemption, or noted as a conflict when the redemption has ended meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.installations import repository
from services.points.installations.domain import ARRANGEABLE, AcceptancePolicy, check_settling
from services.points.installations.models import Installation
from services.points.redemptions import usecases as redemptions
from services.points.redemptions.domain import Action, Actor, Redemption, State, acting_as, decide, is_open
from services.points.steps import usecases as steps
from services.points.steps.domain import Step
from shared.contracts.events import (
    InstallationAccepted,
    InstallationCompleted,
    InstallationRefused,
    InstallationScheduled,
)
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

SETTLERS = (Role.STOREKEEPER, Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
"""Who settles what crossed on the way; property, the other side of it, only sees it."""


async def note_schedule(*, uow: UnitOfWork, fact: InstallationScheduled) -> None:
    """Note who will come and when.

    Locks/IO: the redemption's row, then the installation's.
    Errors: InstallationNotFoundError.
    Idempotency: the newest appointment stands.
    """
    is_applied = await _schedule(uow, fact.redemption_id)
    installation = await repository.get_for_update(uow.session, fact.redemption_id)
    installation.scheduled_for = fact.scheduled_for
    installation.worker_name = fact.worker_name
    if not is_applied and not installation.conflict:
        # Property had not heard yet that it was cancelled; it will, and nothing was fitted.
        installation.conflict = "" if installation.ended_at is not None else "物业约定了安装，但这次兑换已经办结。"
    await uow.flush()


async def note_completion(*, uow: UnitOfWork, fact: InstallationCompleted, policy: AcceptancePolicy) -> None:
    """Note that the goods are fitted: held points become spending. If the redemption ended before the news came, a person must look.

    Locks/IO: the redemption's row, then the account, the stock bucket, and the installation's row.
    Errors: InstallationNotFoundError.
    Idempotency: a second telling changes nothing.
    """
    is_applied = await _install(uow, fact.redemption_id)
    installation = await repository.get_for_update(uow.session, fact.redemption_id)
    if is_applied:
        installation.installed_at = fact.installed_at
        installation.worker_name = fact.worker_name
        installation.accept_by = policy.accept_by(fact.installed_at)
    elif installation.installed_at is None:
        installation.conflict = "物业已经装好，但这次兑换此前已取消或过期，积分已退回；请店员和物业核实后补办。"
    await uow.flush()


async def note_refusal(*, uow: UnitOfWork, fact: InstallationRefused) -> None:
    """Note that property cannot fit the goods: what was held for them is the household's again.

    Locks/IO: the redemption's row, the installation's, then as letting a redemption go.
    Errors: InstallationNotFoundError.
    Idempotency: without effect when the redemption has ended, whichever way.
    """
    redemption = await _lock(uow, fact.redemption_id)
    installation = await repository.get_for_update(uow.session, fact.redemption_id)
    if redemption is None or installation.ended_at is not None or not is_open(redemption.state):
        return
    # Ended before the goods are let go, so that property is not told to drop what it has just refused.
    installation.ended_at = fact.refused_at
    installation.outcome = "refused"
    await uow.flush()
    await redemptions.refuse_redemption(uow=uow, redemption=redemption, reason=f"物业装不了：{fact.reason}")


async def accept_installation(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID) -> Installation:
    """Say that the household is content.

    Locks/IO: the redemption's row, then the installation's.
    Errors: RedemptionNotFoundError, InstallationNotFoundError; ForbiddenError, WrongStateError.
    """
    redemption = await redemptions.get_for_update(uow=uow, principal=principal, redemption_id=redemption_id)
    await _accept(uow, redemption, acting_as(principal, redemption), principal.account_id)
    return await _end(uow, redemption_id, is_silent=False)


async def accept_silently(*, uow: UnitOfWork, redemption_id: UUID) -> None:
    """Take silence for content.

    Locks/IO: the redemption's row, then the installation's.
    Idempotency: without effect when the household has spoken or the goods came back.
    """
    redemption = await _lock(uow, redemption_id)
    installation = await repository.get_for_update(uow.session, redemption_id)
    is_due = installation.ended_at is None and installation.accept_by is not None and installation.accept_by <= uow.now
    if redemption is not None and is_due:
        await _accept(uow, redemption, frozenset({Actor.CLOCK}), None)
        await _end(uow, redemption_id, is_silent=True)


async def _lock(uow: UnitOfWork, redemption_id: UUID) -> Redemption | None:
    return (await redemptions.lock_redemptions(uow=uow, redemption_ids=[redemption_id])).get(redemption_id)


async def _schedule(uow: UnitOfWork, redemption_id: UUID) -> bool:
    """Move the redemption; False when it has ended already."""
    redemption = await _lock(uow, redemption_id)
    if redemption is None or redemption.state not in ARRANGEABLE:
        return False
    state = decide(redemption, Action.SCHEDULE, frozenset({Actor.PROPERTY}), uow.now)
    await redemptions.move_redemption(uow=uow, redemption=redemption, action=Action.SCHEDULE, state=state, actor=None)
    return True


async def _install(uow: UnitOfWork, redemption_id: UUID) -> bool:
    """Let the hold become spending and the pieces leave the shelf; False when the redemption has ended already."""
    redemption = await _lock(uow, redemption_id)
    if redemption is None or redemption.state is not State.SCHEDULED:
        return False
    await redemptions.install_goods(uow=uow, redemption=redemption)
    return True


async def _accept(uow: UnitOfWork, redemption: Redemption, actors: frozenset[Actor], actor: UUID | None) -> None:
    state = decide(redemption, Action.ACCEPT, actors, uow.now)
    await redemptions.move_redemption(
        uow=uow, redemption=redemption, action=Action.ACCEPT, state=state, actor=actor, ended_at=uow.now
    )


async def _end(uow: UnitOfWork, redemption_id: UUID, *, is_silent: bool) -> Installation:
    installation = await repository.get_for_update(uow.session, redemption_id)
    installation.ended_at = uow.now
    installation.outcome = "accepted"
    installation.is_accepted_silently = is_silent
    uow.announce(
        redemption_id,
        InstallationAccepted(redemption_id=redemption_id, household_id=installation.household_id, is_silent=is_silent),
    )
    await uow.flush()
    return installation


async def get_installation(
    *, uow: UnitOfWork, principal: Principal, redemption_id: UUID
) -> tuple[Installation, Step | None]:
    """Return an installation, and how a conflict of it was settled.

    Errors: InstallationNotFoundError, also for one the caller may not see.
    """
    row = await repository.get(uow.session, principal, redemption_id)
    return row, (await _settlements(uow, [row])).get(redemption_id)


async def list_installations(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, is_conflict: bool, is_settled: bool
) -> Slice[tuple[Installation, Step | None]]:
    """Return the installations the caller may see, newest first, each with how a conflict of it was settled."""
    rows = await repository.list_page(uow.session, principal, page, is_conflict=is_conflict, is_settled=is_settled)
    ends = await _settlements(uow, rows.rows)
    return rows.map(lambda row: (row, ends.get(row.redemption_id)))


async def _settlements(uow: UnitOfWork, rows: Sequence[Installation]) -> dict[UUID, Step]:
    ids = [row.redemption_id for row in rows]
    return await steps.find_last_steps(uow=uow, subject_ids=ids, actions=[repository.SETTLE])


async def settle_conflict(
    *, uow: UnitOfWork, principal: Principal, redemption_id: UUID, reason: str
) -> tuple[Installation, Step | None]:
    """Write down how a person settled what property told that no longer fitted; what it was stands in the step.

    Locks/IO: the redemption's row, then the installation's.
    Errors: ForbiddenError, also for the own household's; InstallationNotFoundError, NoInstallationConflictError.
    """
    principal.require(*SETTLERS)
    await _lock(uow, redemption_id)
    installation = await repository.get_for_update(uow.session, redemption_id)
    check_settling(conflict=installation.conflict, is_own=installation.household_id == principal.household_id)
    await steps.record_step(
        uow=uow,
        subject_id=redemption_id,
        action=repository.SETTLE,
        state="settled",
        account_id=principal.account_id,
        reason=f"{installation.conflict}处理结果：{reason}",
    )
    installation.conflict = ""
    await uow.flush()
    return installation, (await _settlements(uow, [installation])).get(redemption_id)


async def find_silent(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return installations in all communities that nobody objected to in time."""
    return await repository.find_silent(session, now, limit)
