"""Every statement of ballots, the hot path's call included."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.ballots.models import Ballot, BallotWaiting
from services.proposals.rounds.domain import Method, Option
from shared.db import Database

CAST: Final = "SELECT proposals.cast_ballot($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
CARDS_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class BallotPaper:
    """What a ballot is made out on: everything the freeze fixed, so it never changes and may be kept in memory."""

    round_id: UUID
    method: Method
    options: tuple[Option, ...]
    max_choices: int
    frozen_hash: str
    public_key: bytes
    choice_size: int


class BallotPapers:
    """Papers of rounds lately voted in; without them every ballot would need a second round trip."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, UUID], BallotPaper] = OrderedDict()

    def find(self, community_id: UUID, round_id: UUID) -> BallotPaper | None:
        """Return a paper that is kept."""
        return self._kept.get((community_id, round_id))

    def keep(self, community_id: UUID, paper: BallotPaper) -> None:
        """Keep a paper, and drop the one kept longest when there are too many."""
        self._kept[community_id, paper.round_id] = paper
        if len(self._kept) > CARDS_KEPT:
            self._kept.popitem(last=False)


async def cast(
    database: Database,
    *,
    community_id: UUID,
    round_id: UUID,
    unit_id: UUID,
    resident_id: UUID | None,
    account_id: UUID,
    name: str,
    channel: str,
    ballot_id: UUID,
    sealed: bytes,
    leaf: str,
    leaf_hash: bytes,
    signature: bytes,
    frozen_hash: str,
    key: str | None,
    request_hash: bytes,
    now: datetime,
) -> dict[str, Any]:
    """Cast a ballot in one round trip and return the outcome as `cast_ballot.sql` describes it.

    Locks/IO: a transaction of its own; lock order in `cast_ballot.sql`.
    Idempotency: by `key`, refusals included.
    """
    outcome: dict[str, Any] = await database.call(
        CAST,
        community_id,
        round_id,
        unit_id,
        resident_id,
        account_id,
        name,
        channel,
        ballot_id,
        sealed,
        leaf,
        leaf_hash,
        signature,
        frozen_hash,
        key,
        request_hash,
        now,
    )
    return outcome


async def find_of_unit(session: AsyncSession, round_id: UUID, unit_id: UUID) -> Ballot | None:
    """Return the ballot of a unit, or None."""
    statement = select(Ballot).where(col(Ballot.round_id) == round_id, col(Ballot.unit_id) == unit_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def list_all(session: AsyncSession, round_id: UUID) -> Sequence[Ballot]:
    """Return every ballot of a round, sealed."""
    statement = select(Ballot).where(col(Ballot.round_id) == round_id).order_by(col(Ballot.unit_id))
    return (await session.execute(statement)).scalars().all()


async def count(session: AsyncSession, round_id: UUID) -> int:
    """Return how many units voted."""
    statement = select(func.count()).where(col(Ballot.round_id) == round_id)
    return int((await session.execute(statement)).scalar_one())


async def list_voters(session: AsyncSession, round_id: UUID) -> Sequence[UUID]:
    """Return the units that voted."""
    statement = select(col(Ballot.unit_id)).where(col(Ballot.round_id) == round_id)
    return (await session.execute(statement)).scalars().all()


async def list_waiting(session: AsyncSession, round_id: UUID, limit: int, *, is_patient: bool) -> Sequence[Ballot]:
    """Return ballots not yet in the log, in the order in which they were cast.

    Locks/IO: the waiting rows; the patient wait for those another sequencer holds, the others pass them by.
    """
    waiting = (
        select(col(BallotWaiting.ballot_id))
        .where(col(BallotWaiting.round_id) == round_id)
        .order_by(col(BallotWaiting.cast_at), col(BallotWaiting.ballot_id))
        .limit(limit)
        .with_for_update(skip_locked=not is_patient)
    )
    ids = list((await session.execute(waiting)).scalars())
    if not ids:
        return []
    statement = select(Ballot).where(col(Ballot.id).in_(ids)).order_by(col(Ballot.cast_at), col(Ballot.id))
    return (await session.execute(statement)).scalars().all()


async def remove_waiting(session: AsyncSession, round_id: UUID, ballot_ids: Sequence[UUID]) -> None:
    """Take ballots off the waiting list, because they are in the log."""
    await session.execute(
        delete(BallotWaiting)
        .where(col(BallotWaiting.round_id) == round_id, col(BallotWaiting.ballot_id).in_(list(ballot_ids)))
        .execution_options(synchronize_session=False)
    )


async def list_rounds_waiting(session: AsyncSession, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return the rounds of all communities with ballots not yet in the log, the longest wait first."""
    statement: Select[*tuple[Any, ...]] = (
        select(col(BallotWaiting.community_id), col(BallotWaiting.round_id))
        .group_by(col(BallotWaiting.community_id), col(BallotWaiting.round_id))
        .order_by(func.min(col(BallotWaiting.cast_at)))
        .limit(limit)
    )
    return [(community_id, round_id) for community_id, round_id in (await session.execute(statement)).all()]


async def list_voted_in(session: AsyncSession, unit_id: UUID, round_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Return in which of these rounds a unit has voted."""
    statement = select(col(Ballot.round_id)).where(
        col(Ballot.unit_id) == unit_id, col(Ballot.round_id).in_(list(round_ids))
    )
    return (await session.execute(statement)).scalars().all()
