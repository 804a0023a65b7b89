"""Every statement of proposals."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.proposals import domain
from services.proposals.proposals.domain import ProposalState
from services.proposals.proposals.errors import OpinionNotFoundError, ProposalNotFoundError
from services.proposals.proposals.models import Endorsement, Opinion, Proposal, ProposalVersion
from shared.pagination import PageRequest, Slice, before, beyond


async def add(session: AsyncSession, row: Proposal | ProposalVersion | Opinion) -> None:
    """Enter a proposal, a version or an opinion."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, proposal_id: UUID) -> Proposal:
    """Return a proposal.

    Errors: ProposalNotFoundError.
    """
    row = (await session.execute(select(Proposal).where(col(Proposal.id) == proposal_id))).scalar_one_or_none()
    if row is None:
        raise ProposalNotFoundError
    return row


async def get_for_update(session: AsyncSession, proposal_id: UUID) -> Proposal:
    """Return and lock a proposal.

    Errors: ProposalNotFoundError.
    """
    statement = select(Proposal).where(col(Proposal.id) == proposal_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ProposalNotFoundError
    return row


async def list_proposals(session: AsyncSession, page: PageRequest, *, state: ProposalState | None) -> Slice[Proposal]:
    """Return the proposals of a community, newest first."""
    key = (col(Proposal.opened_at), col(Proposal.id))
    statement = select(Proposal).order_by(*(column.desc() for column in key)).limit(page.limit + 1)
    if state is not None:
        statement = statement.where(col(Proposal.state) == state)
    after = page.after_moment_and_id()
    if after is not None:
        statement = statement.where(before(key, after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.opened_at, row.id))


async def get_version(session: AsyncSession, proposal_id: UUID, version_no: int) -> ProposalVersion:
    """Return a text of a proposal.

    Errors: ProposalNotFoundError.
    """
    statement = select(ProposalVersion).where(
        col(ProposalVersion.proposal_id) == proposal_id, col(ProposalVersion.version_no) == version_no
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ProposalNotFoundError
    return row


async def list_versions(session: AsyncSession, proposal_id: UUID) -> Sequence[ProposalVersion]:
    """Return every text of a proposal, newest first."""
    statement = (
        select(ProposalVersion)
        .where(col(ProposalVersion.proposal_id) == proposal_id)
        .order_by(col(ProposalVersion.version_no).desc())
    )
    return (await session.execute(statement)).scalars().all()


async def has_endorsed(session: AsyncSession, proposal_id: UUID, text_hash: str, household_id: UUID) -> bool:
    """Tell whether a household supports a text."""
    statement = select(col(Endorsement.household_id)).where(
        col(Endorsement.proposal_id) == proposal_id,
        col(Endorsement.text_hash) == text_hash,
        col(Endorsement.household_id) == household_id,
    )
    return (await session.execute(statement)).first() is not None


async def add_endorsement(session: AsyncSession, endorsement: Endorsement) -> None:
    """Enter an endorsement."""
    await session.execute(insert(Endorsement).values(**endorsement.model_dump()))


async def find_opinion(session: AsyncSession, proposal_id: UUID, text_hash: str, household_id: UUID) -> Opinion | None:
    """Return what a household said about a text, or None."""
    statement = select(Opinion).where(
        col(Opinion.proposal_id) == proposal_id,
        col(Opinion.text_hash) == text_hash,
        col(Opinion.household_id) == household_id,
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def get_opinion_for_update(session: AsyncSession, opinion_id: UUID) -> Opinion:
    """Return and lock an opinion.

    Errors: OpinionNotFoundError.
    """
    statement = select(Opinion).where(col(Opinion.id) == opinion_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise OpinionNotFoundError
    return row


async def list_opinions(session: AsyncSession, proposal_id: UUID, page: PageRequest) -> Slice[Opinion]:
    """Return what was said about a proposal, all texts, oldest first."""
    statement = (
        select(Opinion).where(col(Opinion.proposal_id) == proposal_id).order_by(col(Opinion.id)).limit(page.limit + 1)
    )
    after = page.after_id()
    if after is not None:
        statement = statement.where(beyond((col(Opinion.id),), (after,)))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.id,))


def to_domain(row: Proposal) -> domain.Proposal:
    """Return a row as the domain knows it."""
    return domain.Proposal(
        proposal_id=row.id,
        author_account_id=row.author_account_id,
        state=ProposalState(row.state),
        version_no=row.version_no,
        text_hash=row.text_hash,
        households_in_scope=row.households_in_scope,
        endorsements_needed=row.endorsements_needed,
        endorsements=row.endorsements,
        opinions=row.opinions,
    )


def apply(row: Proposal, proposal: domain.Proposal) -> None:
    """Write what was decided onto the row."""
    row.state = proposal.state
    row.version_no = proposal.version_no
    row.text_hash = proposal.text_hash
    row.endorsements = proposal.endorsements
    row.opinions = proposal.opinions
