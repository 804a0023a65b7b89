"""What other slices write into the book of steps and read out of it."""

from collections.abc import Sequence
from uuid import UUID

from services.points.steps import repository
from services.points.steps.domain import Step
from services.points.steps.models import StepRow
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def record_step(
    *, uow: UnitOfWork, subject_id: UUID, action: str, state: str, account_id: UUID | None, reason: str = ""
) -> None:
    """Write down a step; `account_id` is None for the clock and for another service."""
    await repository.add(
        uow.session,
        StepRow(
            community_id=uow.community_id,
            id=uow.new_id(),
            subject_id=subject_id,
            action=action,
            state=state,
            account_id=account_id,
            reason=reason,
            at=uow.now,
        ),
    )


async def find_last_steps(*, uow: UnitOfWork, subject_ids: Sequence[UUID], actions: Sequence[str]) -> dict[UUID, Step]:
    """Return the last step of these kinds of each thing that has one."""
    return await repository.find_last(uow.session, subject_ids, actions)


async def list_steps(*, uow: UnitOfWork, subject_id: UUID, page: PageRequest, first: Step | None = None) -> Slice[Step]:
    """Return the steps of one thing, oldest first.

    `first` is how it came to be, told by the thing itself; its id is the thing's, which is older than every step's.
    """
    return await repository.list_page(uow.session, subject_id, page, first=first)
