"""Every statement of rounds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.rounds import domain
from services.proposals.rounds.domain import Grade, Method, Option, RoundRule, RoundState
from services.proposals.rounds.errors import RoundNotFoundError
from services.proposals.rounds.models import Round, RoundKey, RoundPresence
from services.proposals.rounds.quorum import rule_from_json
from shared.pagination import PageRequest, Slice, before


async def add(session: AsyncSession, row: Round | RoundKey) -> None:
    """Enter a round or its key."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, round_id: UUID) -> Round:
    """Return a round.

    Errors: RoundNotFoundError.
    """
    row = (await session.execute(select(Round).where(col(Round.id) == round_id))).scalar_one_or_none()
    if row is None:
        raise RoundNotFoundError
    return row


async def get_for_update(session: AsyncSession, round_id: UUID) -> Round:
    """Return and lock a round.

    Errors: RoundNotFoundError.
    """
    statement = select(Round).where(col(Round.id) == round_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise RoundNotFoundError
    return row


async def find_for_update(session: AsyncSession, round_id: UUID, state: RoundState) -> Round | None:
    """Return and lock a round in a state, or None when it is elsewhere or somebody is at it."""
    statement = (
        select(Round).where(col(Round.id) == round_id, col(Round.state) == state).with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def shut_out_ballots(session: AsyncSession, round_id: UUID) -> None:
    """Wait for ballots under way and let no further one begin until the transaction ends.

    Locks/IO: the round's advisory lock, alone; `cast_ballot.sql` takes it shared.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('proposals.round:' || :round_id, 0))"),
        {"round_id": str(round_id)},
    )


async def list_rounds(
    session: AsyncSession, page: PageRequest, *, state: RoundState | None, process_id: UUID | None
) -> Slice[Round]:
    """Return the rounds of a community, newest first."""
    key = (col(Round.drafted_at), col(Round.id))
    statement = select(Round).order_by(*(column.desc() for column in key)).limit(page.limit + 1)
    if state is not None:
        statement = statement.where(col(Round.state) == state)
    if process_id is not None:
        statement = statement.where(col(Round.process_id) == process_id)
    after = page.after_moment_and_id()
    if after is not None:
        statement = statement.where(before(key, after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.drafted_at, row.id))


async def list_open_of(session: AsyncSession, process_id: UUID) -> Sequence[UUID]:
    """Return the open rounds of a process, in the order of their ids."""
    statement = (
        select(col(Round.id))
        .where(col(Round.process_id) == process_id, col(Round.state) == RoundState.OPEN)
        .order_by(col(Round.id))
    )
    return (await session.execute(statement)).scalars().all()


async def list_of_process_for_update(session: AsyncSession, process_id: UUID) -> Sequence[Round]:
    """Return and lock the rounds of a process that are not void, in the order of their ids."""
    statement = (
        select(Round)
        .where(col(Round.process_id) == process_id, col(Round.state) != RoundState.VOID)
        .order_by(col(Round.id))
        .with_for_update()
    )
    return (await session.execute(statement)).scalars().all()


async def list_open_on(session: AsyncSession, roll_ids: Sequence[UUID]) -> Sequence[Round]:
    """Return the open rounds over some rolls, the soonest close first."""
    statement = (
        select(Round)
        .where(col(Round.state) == RoundState.OPEN, col(Round.roll_id).in_(list(roll_ids)))
        .order_by(col(Round.closes_at), col(Round.id))
    )
    return (await session.execute(statement)).scalars().all()


async def get_key(session: AsyncSession, round_id: UUID) -> RoundKey:
    """Return the sealing key of a frozen round.

    Errors: RoundNotFoundError.
    """
    row = (await session.execute(select(RoundKey).where(col(RoundKey.round_id) == round_id))).scalar_one_or_none()
    if row is None:
        raise RoundNotFoundError
    return row


async def add_presence(session: AsyncSession, presence: RoundPresence) -> None:
    """Note that a unit came; a second time changes nothing."""
    await session.execute(insert(RoundPresence).values(**presence.model_dump()).on_conflict_do_nothing())


async def count_present(session: AsyncSession, round_id: UUID) -> int:
    """Return how many units checked in."""
    statement = select(func.count()).where(col(RoundPresence.round_id) == round_id)
    return int((await session.execute(statement)).scalar_one())


async def is_present(session: AsyncSession, round_id: UUID, unit_id: UUID) -> bool:
    """Tell whether a unit checked in."""
    statement = select(col(RoundPresence.unit_id)).where(
        col(RoundPresence.round_id) == round_id, col(RoundPresence.unit_id) == unit_id
    )
    return (await session.execute(statement)).first() is not None


def _due(state: RoundState, deadline: Any) -> Select[*tuple[Any, ...]]:
    return select(col(Round.community_id), col(Round.id)).where(col(Round.state) == state).order_by(deadline)


async def list_due(session: AsyncSession, state: RoundState, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return the rounds of all communities that should leave a state: frozen → open, open → closed, closed → tallied."""
    deadline = {
        RoundState.FROZEN: col(Round.opens_at),
        RoundState.OPEN: col(Round.closes_at),
        RoundState.CLOSED: col(Round.closed_at),
    }[state]
    statement = _due(state, deadline).where(deadline <= now).limit(limit)
    return [(community_id, round_id) for community_id, round_id in (await session.execute(statement)).all()]


def to_domain(row: Round) -> domain.Round:
    """Return a row as the domain knows it."""
    rule = row.rule
    return domain.Round(
        round_id=row.id,
        proposal_id=row.proposal_id,
        process_id=row.process_id,
        step_code=row.step_code,
        state=RoundState(row.state),
        question=row.question,
        method=Method(row.method),
        options=tuple(Option(option["code"], option["label"]) for option in row.options),
        max_choices=row.max_choices,
        grade=Grade(row.grade),
        rule=RoundRule(
            preset=rule["preset"],
            body=rule["body"],
            held_when=rule_from_json(rule["held_when"]),
            decided_when=rule_from_json(rule["decided_when"]),
            law=rule["law"],
            article=rule["article"],
            is_verified=rule["is_verified"],
            signed_off_by=rule["signed_off_by"],
        ),
        roll_id=row.roll_id,
        text_hash=row.text_hash,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        frozen_hash=row.frozen_hash,
        runoff_of=row.runoff_of,
    )
