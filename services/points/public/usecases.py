"""What anybody may read of a community without signing in."""

from datetime import datetime
from uuid import UUID

from services.points.adoptions import usecases as adoptions
from services.points.adoptions.domain import Adoption, Asset, AssetKind
from services.points.awards import usecases as awards
from services.points.awards.domain import Award
from services.points.boards import usecases as boards
from services.points.boards.domain import Board, Entry
from services.points.periods import usecases as periods
from services.points.periods.domain import CLOSED, Period
from services.points.public import repository
from services.points.public.domain import masked
from services.points.public.errors import PublicPageClosedError, PublicPageNotFoundError
from services.points.rankings import usecases as rankings
from services.points.rankings.domain import Place
from services.points.rankings.usecases import UNNAMED
from services.points.statements.domain import Level
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

BOARD_LENGTH = 100
"""Entries of a board a visitor is shown, newest first."""


async def require_community(*, uow: UnitOfWork) -> None:
    """Pass when the community has something to show.

    Errors: PublicPageNotFoundError.
    """
    if not await repository.has_households(uow.session):
        raise PublicPageNotFoundError


async def list_periods(*, uow: UnitOfWork, page: PageRequest) -> Slice[Period]:
    """Return the periods that hang out or are sealed, newest first.

    Errors: CursorInvalidError.
    """
    return await periods.list_periods(uow=uow, page=page, states=sorted(CLOSED))


async def list_board(*, uow: UnitOfWork) -> list[tuple[Entry, str, str]]:
    """Return what hangs on the boards within the community's policy: entry, name as it may be shown, building."""
    policy = await boards.get_policy(uow=uow)
    shown = [Board.HONOUR, Board.WARNING] if policy.is_warning_public else [Board.HONOUR]
    hanging = await boards.list_hanging(uow=uow, boards=shown, limit=BOARD_LENGTH)
    return [
        (entry, UNNAMED if is_unnamed else masked(name), "" if is_unnamed else building)
        for entry, name, building, is_unnamed in hanging
    ]


async def list_ranking(
    *, uow: UnitOfWork, page: PageRequest, level: Level, period_id: UUID | None
) -> tuple[Slice[Place], datetime]:
    """Return places by standing, over all or in one published period, within the community's policy.

    Errors: PublicPageClosedError, PeriodNotFoundError, PeriodNotPublishedError, CursorInvalidError.
    """
    if not (await boards.get_policy(uow=uow)).is_ranking_public:
        raise PublicPageClosedError
    if period_id is None:
        return await rankings.list_places(uow=uow, page=page, level=level)
    return await rankings.list_period_places(uow=uow, page=page, level=level, period_id=period_id)


async def list_adoptions(
    *, uow: UnitOfWork, page: PageRequest, kind: AssetKind | None, is_free: bool | None
) -> Slice[tuple[Asset, Adoption | None, bool]]:
    """Return what can be adopted or is, newest first, with who has it and whether that household wants to stay unnamed.

    Errors: CursorInvalidError.
    """
    rows = await adoptions.list_assets(uow=uow, page=page, kind=kind, is_free=is_free)
    adopters = (adoption.household_id for _, adoption in rows.rows if adoption is not None)
    unnamed = await repository.list_unnamed(uow.session, {household for household in adopters if household is not None})
    return rows.map(lambda row: (*row, row[1] is not None and row[1].household_id in unnamed))


async def list_awards(*, uow: UnitOfWork, page: PageRequest) -> Slice[tuple[Award, bool]]:
    """Return the awards that hang out or are granted, newest first, with whether the household wants to stay unnamed.

    Errors: CursorInvalidError.
    """
    rows = await awards.list_public(uow=uow, page=page)
    unnamed = await repository.list_unnamed(uow.session, {award.household_id for award in rows.rows})
    return rows.map(lambda award: (award, award.household_id in unnamed))
