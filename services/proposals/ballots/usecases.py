"""What happens to ballots: cast, put into the log, opened after close, asked about."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.proposals.ballots import domain, repository
from services.proposals.ballots.domain import Reason, Standing
from services.proposals.ballots.errors import (
    AlreadyVotedError,
    BallotTextChangedError,
    CheckInFirstError,
    MayNotActError,
    NotOnRollError,
    RoundClosedError,
    RoundNotOpenError,
)
from services.proposals.ballots.merkle import Receipt, leaf_hash
from services.proposals.ballots.models import Ballot
from services.proposals.ballots.repository import BallotPaper, BallotPapers
from services.proposals.ballots.sealing import KEY_BYTES, SealingKeys, unseal
from services.proposals.logs import usecases as logs
from services.proposals.logs.signing import Signer
from services.proposals.logs.usecases import CAST, NewLeaf
from services.proposals.rolls import usecases as rolls
from services.proposals.rounds import usecases as rounds
from services.proposals.rounds.domain import RoundState
from services.proposals.rounds.errors import RoundNotFoundError
from services.proposals.rounds.usecases import RoundRow
from shared.contracts.events import RoundClosed
from shared.crypto import FieldCipher
from shared.db import Database
from shared.idempotency import IdempotencyKeyReusedError
from shared.kernel.clock import Clock
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.principal import Principal
from shared.uow import UnitOfWork, unit_of_work

BATCH: Final = 500

REFUSALS: Final[dict[str, type[DomainError]]] = {
    "DV001": RoundNotFoundError,
    "DV002": RoundNotOpenError,
    "DV003": RoundClosedError,
    "DV004": BallotTextChangedError,
    "DV005": NotOnRollError,
    "DV006": MayNotActError,
    "DV007": CheckInFirstError,
    "DV008": AlreadyVotedError,
}


@dataclass(frozen=True, slots=True)
class Cast:
    """What casting came to: the receipt as written, and whether the answer is a repeated one."""

    receipt: dict[str, Any]
    is_replayed: bool


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether the caller can vote in a round, and if not, why; `ballot` is the household's, whoever cast it."""

    round: RoundRow
    reason: Reason
    ballot: Ballot | None


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many voted of how many; this much is told while a round is open, and no choice."""

    units: int
    heads: int
    area_cm2e2: int
    voted_units: int
    voted_heads: int
    voted_area_cm2e2: int
    present_units: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A ballot after the round's key was opened."""

    ballot: Ballot
    choice: tuple[str, ...]


async def get_paper(
    database: Database, clock: Clock, papers: BallotPapers, *, community_id: UUID, round_id: UUID
) -> BallotPaper:
    """Return what a ballot is made out on; read once per process and round.

    Errors: RoundNotFoundError before the freeze.
    """
    kept = papers.find(community_id, round_id)
    if kept is not None:
        return kept
    async with unit_of_work(database, clock, community_id) as uow:
        row = await rounds.get_round(uow=uow, round_id=round_id)
        public_key = await rounds.get_public_key(uow=uow, round_id=round_id)
    frozen = rounds.as_domain(row)
    paper = BallotPaper(
        round_id=round_id,
        method=frozen.method,
        options=frozen.options,
        max_choices=frozen.max_choices,
        frozen_hash=frozen.frozen_hash,
        public_key=public_key,
        choice_size=domain.choice_size(frozen.options),
    )
    papers.keep(community_id, paper)
    return paper


async def cast_ballot(
    *,
    database: Database,
    clock: Clock,
    signer: Signer,
    sealing_keys: SealingKeys,
    paper: BallotPaper,
    principal: Principal,
    choice: Sequence[str],
    shown_hash: str,
    key: str | None,
    request_hash: bytes,
    new_id: IdSource,
) -> Cast:
    """Seal a choice, sign its receipt and put both down in one transaction.

    Locks/IO: one round trip; see `cast_ballot.sql`.
    Errors: NoHouseholdError, ChoiceInvalidError, IdempotencyKeyReusedError, and those of REFUSALS.
    Idempotency: by `key`, refusals of the database included; a choice that is no choice is refused anew each time.
    """
    unit_id = principal.require_household()
    checked = domain.check_choice(paper.method, paper.options, paper.max_choices, choice)
    now, ballot_id = clock.now(), new_id()
    key_of_now = sealing_keys.key_of(paper.public_key, now=now, make_secret=_one_time_secret)
    sealed = key_of_now.seal(
        domain.choice_bytes(checked, paper.choice_size), bound_to=domain.bound_to(paper.round_id, ballot_id)
    )
    leaf = domain.cast_leaf(
        round_id=paper.round_id,
        ballot_id=ballot_id,
        unit_id=unit_id,
        frozen_hash=paper.frozen_hash,
        sealed=sealed,
        cast_at=now,
    )
    hashed = leaf_hash(leaf)
    receipt = Receipt(str(paper.round_id), str(ballot_id), hashed, now)
    outcome = await repository.cast(
        database,
        community_id=principal.community_id,
        round_id=paper.round_id,
        unit_id=unit_id,
        resident_id=principal.resident_id,
        account_id=principal.account_id,
        name=principal.name,
        channel="online",
        ballot_id=ballot_id,
        sealed=sealed,
        leaf=leaf.decode(),
        leaf_hash=hashed,
        signature=signer.sign(receipt.signing_bytes()),
        frozen_hash=shown_hash,
        key=key,
        request_hash=request_hash,
        now=now,
    )
    return read_outcome(outcome)


def _one_time_secret() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def read_outcome(outcome: dict[str, Any]) -> Cast:
    """Read what the hot path's function answered.

    Errors: the refusal it tells; IdempotencyKeyReusedError when the key stands for another request.
    """
    if "reused" in outcome:
        raise IdempotencyKeyReusedError
    if "refusal" in outcome:
        raise REFUSALS[outcome["refusal"]](**outcome["facts"])
    return Cast(outcome["receipt"], is_replayed="replayed" in outcome)


async def sequence_ballots(*, uow: UnitOfWork, round_id: UUID, signer: Signer, is_patient: bool = False) -> int:
    """Put waiting ballots into the log in the order in which they were cast; return how many.

    `is_patient` waits for ballots another sequencer holds, so that none is left behind.

    Locks/IO: the waiting rows, then the state of the log.
    Idempotency: a ballot leaves the waiting list in the transaction that logs it.
    """
    waiting = await repository.list_waiting(uow.session, round_id, BATCH, is_patient=is_patient)
    if not waiting:
        return 0
    leaves = [NewLeaf(CAST, ballot.leaf.encode(), ballot.id) for ballot in waiting]
    await logs.append(uow=uow, signer=signer, round_id=round_id, leaves=leaves)
    await repository.remove_waiting(uow.session, round_id, [ballot.id for ballot in waiting])
    return len(waiting)


async def close_round(
    *, uow: UnitOfWork, principal: Principal | None, round_id: UUID, signer: Signer
) -> RoundRow | None:
    """Close a round: no ballot comes after, every ballot before is in the log, then the close itself.

    Locks/IO: the round's advisory lock, its row, its waiting ballots, its log.
    Errors: RoundNotFoundError, ForbiddenError, WrongStateError, RoundNotDueError.
    Idempotency: as a sweep (no principal), without effect when the round is no longer open.
    """
    row = await rounds.lock_for_closing(uow=uow, round_id=round_id, is_sweep=principal is None)
    if row is None:
        return None
    roll = await rolls.get_roll(uow=uow, roll_id=row.roll_id)
    voted = await repository.count(uow.session, round_id)
    rounds.close_round(uow=uow, principal=principal, row=row, units=roll.units, voted=voted)
    await _log_the_rest(uow, round_id, signer)
    facts = {"frozen": row.frozen_hash, "ballots": voted}
    await logs.append_event(uow=uow, signer=signer, round_id=round_id, kind="close", facts=facts)
    uow.announce(
        round_id,
        RoundClosed(
            round_id=round_id, proposal_id=row.proposal_id, question=row.question, ballots=voted, units=roll.units
        ),
    )
    return row


async def _log_the_rest(uow: UnitOfWork, round_id: UUID, signer: Signer) -> None:
    while await sequence_ballots(uow=uow, round_id=round_id, signer=signer, is_patient=True):
        pass


async def shut_boxes(*, uow: UnitOfWork, process_id: UUID, signer: Signer) -> None:
    """Let no ballot into the open rounds of a process any more, and put those cast into the log, before the rounds are annulled.

    Locks/IO: the rounds' advisory locks, their waiting ballots, their logs.
    """
    for round_id in await rounds.list_open_of(uow=uow, process_id=process_id):
        await rounds.shut_out_ballots(uow=uow, round_id=round_id)
        await _log_the_rest(uow, round_id, signer)


async def get_eligibility(*, uow: UnitOfWork, principal: Principal, round_id: UUID) -> Eligibility:
    """Say whether the caller can vote, and if not, why; tell a household who cast its ballot and when.

    Errors: RoundNotFoundError.
    """
    row = await rounds.get_round(uow=uow, round_id=round_id)
    unit, ballot, present = None, None, False
    if principal.household_id is not None:
        unit = await rolls.find_unit(uow=uow, roll_id=row.roll_id, unit_id=principal.household_id)
        ballot = await repository.find_of_unit(uow.session, round_id, principal.household_id)
        present = await rounds.is_present(uow=uow, round_id=round_id, unit_id=principal.household_id)
    standing = Standing(
        has_household=principal.household_id is not None,
        is_on_roll=unit is not None,
        may_act=unit is not None and principal.resident_id in unit.actors,
        has_voted=ballot is not None,
        is_present=present,
        needs_presence=row.needs_presence,
    )
    state = RoundState(row.state)
    # The sweep closes within a second; nobody votes in that second.
    if state is RoundState.OPEN and uow.now >= row.closes_at:
        state = RoundState.CLOSED
    return Eligibility(row, domain.why_not(state, standing), ballot)


async def get_turnout(*, uow: UnitOfWork, round_id: UUID) -> Turnout:
    """Return how many voted of how many.

    Errors: RoundNotFoundError.
    """
    row = await rounds.get_round(uow=uow, round_id=round_id)
    roll = await rolls.get_roll(uow=uow, roll_id=row.roll_id)
    voters = await repository.list_voters(uow.session, round_id)
    heads, area = await rolls.sum_units(uow=uow, roll_id=row.roll_id, unit_ids=voters)
    present = await rounds.count_present(uow=uow, round_id=round_id)
    return Turnout(roll.units, roll.heads, roll.area_cm2e2, len(voters), heads, area, present)


async def list_open(*, uow: UnitOfWork, principal: Principal, limit: int) -> Sequence[RoundRow]:
    """Return the rounds in which the caller's household still can vote through the caller."""
    if principal.household_id is None or principal.resident_id is None:
        return []
    is_on = await rolls.list_rolls_of_actor(uow=uow, unit_id=principal.household_id, resident_id=principal.resident_id)
    mine = await rounds.list_open_on(uow=uow, roll_ids=is_on)
    voted = await repository.list_voted_in(uow.session, principal.household_id, [row.id for row in mine])
    return [row for row in mine if row.id not in voted and uow.now < row.closes_at][:limit]


async def open_ballots(*, uow: UnitOfWork, row: RoundRow, cipher: FieldCipher) -> list[Opened]:
    """Open every ballot of a closed round.

    Errors: WrongStateError before the close, SealBrokenError when a ballot was altered.
    """
    secret = await rounds.open_key(uow=uow, row=row, cipher=cipher)
    return [
        Opened(
            ballot,
            domain.read_choice(unseal(ballot.sealed, secret=secret, bound_to=domain.bound_to(row.id, ballot.id))),
        )
        for ballot in await repository.list_all(uow.session, row.id)
    ]


async def count_ballots(*, uow: UnitOfWork, round_id: UUID) -> int:
    """Return how many units voted."""
    return await repository.count(uow.session, round_id)


async def list_sealed(*, uow: UnitOfWork, round_id: UUID) -> list[tuple[UUID, bytes]]:
    """Return every ballot of a round as it lies in the box."""
    return [(ballot.id, ballot.sealed) for ballot in await repository.list_all(uow.session, round_id)]
