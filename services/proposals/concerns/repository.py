"""Every statement of concerns."""

from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.concerns import domain
from services.proposals.concerns.domain import TRIAGE_ROLES, ConcernState, Level
from services.proposals.concerns.errors import ConcernNotFoundError
from services.proposals.concerns.models import Concern, ConcernSupport
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice, before


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which concerns this principal may see: staff all, others their own and what was sorted as major or minor.

    A concern nobody has sorted yet may be private, so neighbours do not see it.
    """
    if principal.has(*TRIAGE_ROLES):
        return true()
    public = col(Concern.level).in_([Level.MAJOR, Level.MINOR])
    return public | _own(principal)


def _own(principal: Principal) -> ColumnElement[bool]:
    own = col(Concern.author_account_id) == principal.account_id
    if principal.household_id is not None:
        own |= col(Concern.household_id) == principal.household_id
    return own


async def add(session: AsyncSession, concern: Concern) -> None:
    """Enter a concern."""
    session.add(concern)
    await session.flush()


async def get_visible(session: AsyncSession, concern_id: UUID, principal: Principal) -> Concern:
    """Return a concern this principal may see.

    Errors: ConcernNotFoundError.
    """
    statement = select(Concern).where(col(Concern.id) == concern_id, visible_to(principal))
    concern = (await session.execute(statement)).scalar_one_or_none()
    if concern is None:
        raise ConcernNotFoundError
    return concern


async def get_for_update(session: AsyncSession, concern_id: UUID, principal: Principal) -> Concern:
    """Return and lock a concern this principal may see.

    Errors: ConcernNotFoundError.
    """
    statement = select(Concern).where(col(Concern.id) == concern_id, visible_to(principal)).with_for_update()
    concern = (await session.execute(statement)).scalar_one_or_none()
    if concern is None:
        raise ConcernNotFoundError
    return concern


async def list_concerns(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    state: ConcernState | None,
    level: Level | None,
    mine: bool,
) -> Slice[Concern]:
    """Return the concerns this principal may see, newest first."""
    key = (col(Concern.filed_at), col(Concern.id))
    statement = (
        select(Concern).where(visible_to(principal)).order_by(*(column.desc() for column in key)).limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(Concern.state) == state)
    if level is not None:
        statement = statement.where(col(Concern.level) == level)
    if mine:
        statement = statement.where(_own(principal))
    after = page.after_moment_and_id()
    if after is not None:
        statement = statement.where(before(key, after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda concern: (concern.filed_at, concern.id))


async def add_support(session: AsyncSession, support: ConcernSupport) -> bool:
    """Note that a household says the same; tell whether it was new."""
    statement = (
        insert(ConcernSupport)
        .values(**support.model_dump())
        .on_conflict_do_nothing()
        .returning(col(ConcernSupport.household_id))
    )
    return (await session.execute(statement)).first() is not None


def to_domain(row: Concern) -> domain.Concern:
    """Return a row as the domain knows it."""
    return domain.Concern(
        concern_id=row.id,
        author_account_id=row.author_account_id,
        household_id=row.household_id,
        state=ConcernState(row.state),
        level=None if row.level is None else Level(row.level),
        triage_reason=row.triage_reason,
        triaged_by=row.triaged_by,
        answer_due_at=row.answer_due_at,
        answer=row.answer,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        merged_into=row.merged_into,
    )


def apply(row: Concern, concern: domain.Concern) -> None:
    """Write what was decided onto the row."""
    row.state = concern.state
    row.level = concern.level
    row.triage_reason = concern.triage_reason
    row.triaged_by = concern.triaged_by
    row.answer_due_at = concern.answer_due_at
    row.answer = concern.answer
    row.answered_by = concern.answered_by
    row.answered_at = concern.answered_at
    row.merged_into = concern.merged_into
