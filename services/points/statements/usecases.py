"""Drawing up the totals of a period and looking them up; which edition counts is the period's business."""

from collections.abc import Sequence
from uuid import UUID

from services.points.statements import repository
from services.points.statements.domain import Correction, Level, Span, Total
from services.points.statements.reading_order import Place, reading_order
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def write_edition(*, uow: UnitOfWork, span: Span, edition: int) -> str:
    """Draw up the totals of every household, building, grid and the community, and return the hash over them.

    Locks/IO: one call; no account is locked. Who needs the totals to stay true keeps entries out first.
    Idempotency: an edition is written once.
    """
    return await repository.write(uow.session, uow.community_id, span, edition, uow.now)


async def count_changed(*, uow: UnitOfWork, period_id: UUID, edition: int) -> int:
    """Return how many households' totals would come out differently now than an edition says; none while it is true."""
    return await repository.count_changed(uow.session, uow.community_id, period_id, edition)


async def get_root(*, uow: UnitOfWork, period_id: UUID, edition: int) -> str:
    """Return the hash over an edition, in hex."""
    return await repository.get_root(uow.session, period_id, edition)


async def find_total(*, uow: UnitOfWork, period_id: UUID, edition: int, level: Level, subject_id: UUID) -> Total | None:
    """Return the totals of one subject, or None."""
    return await repository.find_total(uow.session, period_id, edition, level, subject_id)


async def list_totals(
    *,
    uow: UnitOfWork,
    period_id: UUID,
    edition: int,
    page: PageRequest,
    level: Level,
    grid_id: UUID | None = None,
    building_id: UUID | None = None,
    named_for: UUID | None = None,
    is_complete: bool = False,
) -> Slice[Total]:
    """Return totals of a level by label; unless `is_complete`, without households that want to stay unnamed.

    Errors: CursorInvalidError.
    """
    return await repository.list_page(
        uow.session,
        period_id,
        edition,
        page,
        level=level,
        grid_id=grid_id,
        building_id=building_id,
        named_for=named_for,
        is_complete=is_complete,
    )


async def list_all_totals(
    *,
    uow: UnitOfWork,
    period_id: UUID,
    edition: int,
    level: Level,
    grid_id: UUID | None = None,
    is_complete: bool = False,
) -> Sequence[Total]:
    """Return every total of a level by grid, building and label, numbers in them as numbers, for a file or a printed notice."""
    totals = await repository.list_all(
        uow.session, period_id, edition, level=level, grid_id=grid_id, is_complete=is_complete
    )
    return sorted(totals, key=_place_on_paper)


def _place_on_paper(total: Total) -> tuple[Place, Place, Place, UUID]:
    return (
        reading_order(total.grid_name),
        reading_order(total.building_name),
        reading_order(total.label),
        total.subject_id,
    )


async def list_ranked_totals(
    *, uow: UnitOfWork, period_id: UUID, edition: int, page: PageRequest, level: Level
) -> Slice[tuple[Total, bool]]:
    """Return totals of a level by rank, each with whether its household wants to stay unnamed.

    Errors: CursorInvalidError.
    """
    return await repository.list_ranked(uow.session, period_id, edition, page, level=level)


async def list_corrections(
    *, uow: UnitOfWork, period_id: UUID, edition: int, page: PageRequest, household_id: UUID | None = None
) -> Slice[Correction]:
    """Return what an edition lists as undone from earlier periods, in the order it was done.

    Errors: CursorInvalidError.
    """
    return await repository.list_corrections(uow.session, period_id, edition, page, household_id=household_id)


async def count_corrections(*, uow: UnitOfWork, period_id: UUID, edition: int) -> int:
    """Return how many corrections of earlier periods an edition lists."""
    return await repository.count_corrections(uow.session, period_id, edition)
