"""Every statement of claims."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.claims.domain import Claim, PanelVote, State
from services.points.claims.errors import ClaimNotFoundError
from services.points.claims.models import ClaimObjection, ClaimRow, ClaimVote
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before

DEAD = (State.REJECTED, State.WITHDRAWN)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which claims this principal may see: its own, what hangs out in public, those of its grids, or all for those who judge."""
    if principal.has(Role.ASSESSOR, Role.SUPERVISOR, Role.COMMUNITY_ADMIN):
        return true()
    allowed = (col(ClaimRow.household_id) == principal.household_id) | (col(ClaimRow.state) == State.PUBLICISED)
    for grant in principal.roles:
        if grant.role is Role.GRID_WORKER:
            if grant.scope_kind is ScopeKind.COMMUNITY:
                return true()
            if grant.scope_kind is ScopeKind.GRID:
                allowed |= col(ClaimRow.grid_id) == UUID(grant.scope_id)
    return allowed


def _domain(row: ClaimRow) -> Claim:
    return Claim(
        id=row.id,
        household_id=row.household_id,
        grid_id=row.grid_id,
        account_id=row.account_id,
        rulebook_version=row.rulebook_version,
        item_code=row.item_code,
        item_name=row.item_name,
        points=Points(row.points),
        happened_on=row.happened_on,
        place=row.place,
        note=row.note,
        photo_ids=tuple(row.photo_ids),
        state=State(row.state),
        panel_quorum=row.panel_quorum,
        notice_days=row.notice_days,
        notice_ends_at=row.notice_ends_at,
        reason=row.reason,
        created_at=row.created_at,
    )


async def lock_cap(session: AsyncSession, household_id: UUID, item_code: str) -> None:
    """Let one claim of a household for an item be counted and entered at a time.

    Locks/IO: that pair, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"claim:{household_id}:{item_code}"}
    )


async def count_towards_cap(session: AsyncSession, household_id: UUID, item_code: str, on: date, days: int) -> int:
    """Return the most claims of a household for an item that a window of `days` containing `on` may hold, refused ones left out."""
    statement = select(func.count()).where(
        col(ClaimRow.household_id) == household_id,
        col(ClaimRow.item_code) == item_code,
        col(ClaimRow.state).not_in(DEAD),
        col(ClaimRow.happened_on) > on - timedelta(days=days),
        col(ClaimRow.happened_on) < on + timedelta(days=days),
    )
    return int((await session.execute(statement)).scalar_one())


async def add(session: AsyncSession, community_id: UUID, claim: Claim) -> None:
    """Enter a claim."""
    fields = {name: getattr(claim, name) for name in Claim.__slots__} | {"photo_ids": list(claim.photo_ids)}
    session.add(ClaimRow(community_id=community_id, **fields))
    await session.flush()


async def get(session: AsyncSession, principal: Principal, claim_id: UUID, *, for_update: bool = False) -> Claim:
    """Return a claim this principal may see; `for_update` locks its row.

    Errors: ClaimNotFoundError.
    """
    statement = select(ClaimRow).where(col(ClaimRow.id) == claim_id, visible_to(principal))
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ClaimNotFoundError
    return _domain(row)


async def list_page(
    session: AsyncSession, principal: Principal, page: PageRequest, *, state: State | None, household_id: UUID | None
) -> Slice[Claim]:
    """Return claims this principal may see, newest first."""
    statement = (
        select(ClaimRow)
        .where(visible_to(principal))
        .order_by(col(ClaimRow.created_at).desc(), col(ClaimRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(ClaimRow.state) == state)
    if household_id is not None:
        statement = statement.where(col(ClaimRow.household_id) == household_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(ClaimRow.created_at), col(ClaimRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda c: (c.created_at, c.id))


async def save_state(
    session: AsyncSession, claim_id: UUID, state: State, *, notice_ends_at: datetime | None = None, reason: str = ""
) -> None:
    """Write what a locked claim became."""
    await session.execute(
        update(ClaimRow)
        .where(col(ClaimRow.id) == claim_id)
        .values(state=state, notice_ends_at=notice_ends_at, reason=reason)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


async def add_vote(session: AsyncSession, vote: ClaimVote) -> None:
    """Enter an assessor's vote.

    Errors: AlreadyVotedError (pk_claim_vote).
    """
    session.add(vote)
    await session.flush()


async def list_votes(session: AsyncSession, claim_id: UUID) -> list[PanelVote]:
    """Return the panel's votes so far."""
    statement = select(col(ClaimVote.account_id), col(ClaimVote.is_approved)).where(col(ClaimVote.claim_id) == claim_id)
    return [PanelVote(*row) for row in (await session.execute(statement)).all()]


async def add_objection(session: AsyncSession, objection: ClaimObjection) -> None:
    """Enter an objection."""
    session.add(objection)
    await session.flush()


async def answer_objections(
    session: AsyncSession, claim_id: UUID, *, is_upheld: bool, answer: str, answered_by: UUID, now: datetime
) -> int:
    """Write the answer to a claim's open objections and return how many there were."""
    done = await session.execute(
        update(ClaimObjection)
        .where(col(ClaimObjection.claim_id) == claim_id, col(ClaimObjection.answered_at).is_(None))
        .values(is_upheld=is_upheld, answer=answer, answered_by=answered_by, answered_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult.


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return published claims whose notice has ended in all communities, oldest first."""
    statement = (
        select(col(ClaimRow.community_id), col(ClaimRow.id))
        .where(col(ClaimRow.state) == State.PUBLICISED, col(ClaimRow.notice_ends_at) <= now)
        .order_by(col(ClaimRow.notice_ends_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def find_due_for_update(session: AsyncSession, claim_id: UUID, now: datetime) -> Claim | None:
    """Return a published claim whose notice has ended and lock it; None when it moved on or somebody is at it."""
    statement = (
        select(ClaimRow)
        .where(
            col(ClaimRow.id) == claim_id, col(ClaimRow.state) == State.PUBLICISED, col(ClaimRow.notice_ends_at) <= now
        )
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)
