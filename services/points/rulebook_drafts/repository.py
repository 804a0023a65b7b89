"""Every statement of rulebook drafts."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.rulebook_drafts.domain import Draft, State, read_rules
from services.points.rulebook_drafts.errors import DraftNotFoundError
from services.points.rulebook_drafts.models import RulebookDraftRow
from shared.pagination import PageRequest, Slice, before


def _domain(row: RulebookDraftRow) -> Draft:
    return Draft(
        id=row.id,
        title=row.title,
        note=row.note,
        effective_on=row.effective_on,
        rules=read_rules(row.policy, row.items),
        proposal_id=row.proposal_id,
        state=State(row.state),
        revision=row.revision,
        adopted_version=row.adopted_version,
        created_by=row.created_by,
        created_at=row.created_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


async def add(session: AsyncSession, row: RulebookDraftRow) -> None:
    """Enter a draft."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, draft_id: UUID, *, for_update: bool = False) -> Draft:
    """Return a draft; `for_update` locks its row.

    Errors: DraftNotFoundError.
    """
    statement = (
        select(RulebookDraftRow).where(col(RulebookDraftRow.id) == draft_id).execution_options(populate_existing=True)
    )
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise DraftNotFoundError
    return _domain(row)


async def find_of_proposal_for_update(session: AsyncSession, proposal_id: UUID) -> Draft | None:
    """Return the open draft a proposal is about and lock it; None when there is none."""
    statement = (
        select(RulebookDraftRow)
        .where(col(RulebookDraftRow.proposal_id) == proposal_id, col(RulebookDraftRow.state) == State.DRAFT)
        .with_for_update()
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def list_page(session: AsyncSession, page: PageRequest, *, state: State | None) -> Slice[Draft]:
    """Return drafts, newest first."""
    statement = (
        select(RulebookDraftRow)
        .order_by(col(RulebookDraftRow.created_at).desc(), col(RulebookDraftRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(RulebookDraftRow.state) == state)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(RulebookDraftRow.created_at), col(RulebookDraftRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda row: (row.created_at, row.id))


async def save(session: AsyncSession, draft: Draft, **values: Any) -> None:
    """Write what became of a locked draft.

    Errors: ProposalTakenError (uq_rulebook_draft_proposal).
    """
    await session.execute(
        update(RulebookDraftRow)
        .where(col(RulebookDraftRow.id) == draft.id)
        .values(revision=draft.revision + 1, **values)
        .execution_options(synchronize_session=False)
    )
