"""Who stands where, over all and in one period, and who wants to stay unnamed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.points.ledger import usecases as ledger
from services.points.periods import usecases as periods
from services.points.rankings import repository
from services.points.rankings.domain import Place
from services.points.rankings.models import RankingPreference
from services.points.statements import usecases as statements
from services.points.statements.domain import Level
from shared.kernel.principal import Principal, Role
from shared.pagination import WHOLE, CursorInvalidError, PageRequest, Slice
from shared.uow import UnitOfWork

UNNAMED: Final = "匿名"
OFFICIALS: Final = (
    Role.COMMUNITY_ADMIN,
    Role.COMMITTEE_MEMBER,
    Role.BRANCH_SECRETARY,
    Role.ASSESSOR,
    Role.SUPERVISOR,
)
"""Who takes an order home as a file; reading it page by page is for everybody."""


async def list_places(
    *, uow: UnitOfWork, page: PageRequest, level: Level, named_for: UUID | None = None
) -> tuple[Slice[Place], datetime]:
    """Return the places by standing over all and when they were drawn up; unnamed households as 匿名, but never the reader's own.

    Locks/IO: the first reader of a community draws the order up.
    Errors: CursorInvalidError.
    """
    found = await repository.find_edition(uow.session)
    if found is None:
        await repository.refresh(uow.session, uow.community_id, uow.now)
        found = await repository.find_edition(uow.session)
    edition, made_at = found or (0, uow.now)
    after = None
    if page.after is not None:
        edition = PageRequest(after=page.after[:1]).after_number() or 0
        if not 0 <= edition < 2**31:
            raise CursorInvalidError
        after = PageRequest(after=page.after[1:]).after_number_and_id()
    rows = await repository.list_page(uow.session, edition, level, after, page.limit)
    return rows.map(lambda place: _named(place, named_for)), made_at


async def list_period_places(
    *, uow: UnitOfWork, page: PageRequest, level: Level, period_id: UUID, named_for: UUID | None = None
) -> tuple[Slice[Place], datetime]:
    """Return the places by what a period changed in standing; unnamed households as 匿名, but never the reader's own.

    Errors: PeriodNotFoundError, PeriodNotPublishedError, CursorInvalidError.
    """
    period = await periods.get_published_period(uow=uow, period_id=period_id)
    rows = await statements.list_ranked_totals(
        uow=uow, period_id=period_id, edition=period.edition, page=page, level=level
    )
    places = rows.map(
        lambda pair: Place(
            rank=pair[0].rank,
            level=pair[0].level,
            subject_id=pair[0].subject_id,
            label=pair[0].label,
            householder_name=pair[0].householder_name,
            grid_name=pair[0].grid_name,
            building_name=pair[0].building_name,
            households=pair[0].households,
            standing=pair[0].standing_added - pair[0].standing_taken + pair[0].standing_corrected,
            score_e2=pair[0].score_e2,
            is_unnamed=pair[1],
        )
    )
    return places.map(lambda place: _named(place, named_for)), period.publicised_at or uow.now


async def list_for_export(
    *, uow: UnitOfWork, principal: Principal, level: Level, period_id: UUID | None
) -> Sequence[Place]:
    """Return all places, over all or in one published period; who wants to stay unnamed stays so on paper too.

    Errors: ForbiddenError, PeriodNotFoundError, PeriodNotPublishedError.
    """
    principal.require(*OFFICIALS)
    if period_id is None:
        rows, _ = await list_places(uow=uow, page=WHOLE, level=level)
    else:
        rows, _ = await list_period_places(uow=uow, page=WHOLE, level=level, period_id=period_id)
    return rows.rows


def _named(place: Place, named_for: UUID | None) -> Place:
    if not place.is_unnamed or place.subject_id == named_for or place.level is not Level.HOUSEHOLD:
        return place
    return replace(place, label="", householder_name=UNNAMED, building_name="", grid_name="")


async def refresh_places(*, uow: UnitOfWork) -> None:
    """Draw the order by standing up anew.

    Locks/IO: none is waited for.
    Idempotency: without effect while the last one is fresh.
    """
    await repository.refresh(uow.session, uow.community_id, uow.now)


async def is_anonymous(*, uow: UnitOfWork, household_id: UUID) -> bool:
    """Tell whether a household wants to stay unnamed."""
    return await repository.is_anonymous(uow.session, household_id)


async def set_anonymous(*, uow: UnitOfWork, household_id: UUID, account_id: UUID, is_anonymous: bool) -> None:
    """Say whether a household wants to stay unnamed wherever neighbours read; it counts at once.

    Errors: AccountNotFoundError.
    """
    await ledger.get_household(uow=uow, household_id=household_id)
    await repository.save_preference(
        uow.session,
        RankingPreference(
            community_id=uow.community_id,
            household_id=household_id,
            is_anonymous=is_anonymous,
            set_by=account_id,
            set_at=uow.now,
        ),
    )
