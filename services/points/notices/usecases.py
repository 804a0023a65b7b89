"""What hangs out of a period: totals of households, buildings, grids and the community, corrections, and the printed notice."""

from collections.abc import Sequence
from uuid import UUID

from services.points.communities import usecases as communities
from services.points.notices.errors import StatementNotFoundError
from services.points.notices.notice_page import Notice
from services.points.periods import usecases as periods
from services.points.periods.domain import Period
from services.points.rankings import usecases as rankings
from services.points.seals import usecases as seals
from services.points.statements import usecases as statements
from services.points.statements.domain import Correction, Level, Total
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

OFFICIALS = (
    Role.COMMUNITY_ADMIN,
    Role.COMMITTEE_MEMBER,
    Role.BRANCH_SECRETARY,
    Role.ASSESSOR,
    Role.SUPERVISOR,
)
"""Those who see every household by name, those that want to stay unnamed among neighbours included."""


async def list_statements(
    *,
    uow: UnitOfWork,
    principal: Principal | None,
    period_id: UUID,
    page: PageRequest,
    level: Level,
    grid_id: UUID | None = None,
    building_id: UUID | None = None,
) -> Slice[Total]:
    """Return a published period's totals of a level; None is a visitor. Neighbours do not see who wants to stay unnamed.

    Errors: PeriodNotFoundError, PeriodNotPublishedError, CursorInvalidError.
    """
    period = await periods.get_published_period(uow=uow, period_id=period_id)
    return await statements.list_totals(
        uow=uow,
        period_id=period_id,
        edition=period.edition,
        page=page,
        level=level,
        grid_id=grid_id,
        building_id=building_id,
        named_for=None if principal is None else principal.household_id,
        is_complete=principal is not None and principal.has(*OFFICIALS),
    )


async def get_statement(
    *, uow: UnitOfWork, principal: Principal, period_id: UUID, level: Level, subject_id: UUID
) -> Total:
    """Return the totals of one subject in a published period.

    Errors: PeriodNotFoundError, PeriodNotPublishedError; StatementNotFoundError, also for a neighbour that wants to stay unnamed.
    """
    period = await periods.get_published_period(uow=uow, period_id=period_id)
    total = await statements.find_total(
        uow=uow, period_id=period_id, edition=period.edition, level=level, subject_id=subject_id
    )
    is_own = subject_id == principal.household_id or principal.has(*OFFICIALS)
    if total is None or not (
        is_own or level is not Level.HOUSEHOLD or not await rankings.is_anonymous(uow=uow, household_id=subject_id)
    ):
        raise StatementNotFoundError
    return total


async def list_corrections(
    *, uow: UnitOfWork, principal: Principal, period_id: UUID, page: PageRequest, household_id: UUID | None
) -> Slice[Correction]:
    """Return what a published period undid of earlier ones: the own household's, and for officials all.

    Errors: PeriodNotFoundError, PeriodNotPublishedError, NoHouseholdError, CursorInvalidError.
    """
    period = await periods.get_published_period(uow=uow, period_id=period_id)
    only = household_id if principal.has(*OFFICIALS) else principal.require_household()
    return await statements.list_corrections(
        uow=uow, period_id=period_id, edition=period.edition, page=page, household_id=only
    )


async def export_statements(
    *, uow: UnitOfWork, principal: Principal, period_id: UUID, level: Level, grid_id: UUID | None
) -> tuple[Period, Sequence[Total]]:
    """Return every total of a level for a file. For officials, and for a grid worker the own grid.

    Errors: ForbiddenError, PeriodNotFoundError, PeriodNotPublishedError.
    """
    is_own_grid = grid_id is not None and principal.has_over([Role.GRID_WORKER], ScopeKind.GRID, str(grid_id))
    if not is_own_grid:
        principal.require(*OFFICIALS)
    period = await periods.get_published_period(uow=uow, period_id=period_id)
    totals = await statements.list_all_totals(
        uow=uow, period_id=period_id, edition=period.edition, level=level, grid_id=grid_id, is_complete=True
    )
    return period, totals


async def get_notice(
    *,
    uow: UnitOfWork,
    period_id: UUID,
    grid_id: UUID | None = None,
    heading: str = "",
    public_url: str,
    with_households: bool,
) -> Notice:
    """Return what stands on a published period's notice, for the whole community or one grid.

    `heading` stands on top instead of the community's name. It hangs where anybody passes, so households that want to stay unnamed are left out whoever asks.

    Errors: PeriodNotFoundError, PeriodNotPublishedError, StatementNotFoundError.
    """
    period = await periods.get_published_period(uow=uow, period_id=period_id)
    whole = await statements.find_total(
        uow=uow,
        period_id=period_id,
        edition=period.edition,
        level=Level.COMMUNITY if grid_id is None else Level.GRID,
        subject_id=grid_id or uow.community_id,
    )
    if whole is None:
        raise StatementNotFoundError
    grids = await statements.list_all_totals(
        uow=uow, period_id=period_id, edition=period.edition, level=Level.GRID, grid_id=grid_id
    )
    households: Sequence[Total] = ()
    if with_households:
        households = await statements.list_all_totals(
            uow=uow, period_id=period_id, edition=period.edition, level=Level.HOUSEHOLD, grid_id=grid_id
        )
    seal = await seals.latest_seal(uow=uow)
    return Notice(
        heading=heading or await communities.name_of(uow=uow),
        period=period,
        whole=whole,
        grids=grids,
        households=households,
        corrections=await statements.count_corrections(uow=uow, period_id=period_id, edition=period.edition),
        seal_number=None if seal is None else seal.number,
        seal_code=None if seal is None else seal.code,
        seal_made_at=None if seal is None else seal.made_at,
        root=await statements.get_root(uow=uow, period_id=period_id, edition=period.edition),
        link=f"{public_url.rstrip('/')}/api/v1/points/public/{uow.community_id}/periods/{period_id}/page",
    )
