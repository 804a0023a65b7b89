"""What happens to tallies: counted once after close, shown, recounted by whoever doubts."""

from uuid import UUID

from services.proposals.ballots import usecases as ballots
from services.proposals.logs import usecases as logs
from services.proposals.logs.signing import Signer
from services.proposals.rolls import usecases as rolls
from services.proposals.rounds import usecases as rounds
from services.proposals.rounds.domain import RoundAction
from services.proposals.rounds.usecases import RoundRow
from services.proposals.tallies import domain, repository
from services.proposals.tallies.domain import OpenedBallot, Outcome
from services.proposals.tallies.errors import InterimResultError
from services.proposals.tallies.models import Tally
from shared.contracts.events import RoundTallied
from shared.crypto import FieldCipher
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork

COUNTERS = (Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN, Role.SUPERVISOR)


async def tally_round(*, uow: UnitOfWork, round_id: UUID, cipher: FieldCipher, signer: Signer) -> None:
    """Count a closed round by the clock; the result is preliminary until its notice is complete.

    Locks/IO: the round unless somebody is at it, then its log.
    Errors: SealBrokenError, BallotsDisagreeError: then nothing is counted and somebody has to look.
    Idempotency: without effect when the round is no longer closed.
    """
    row = await rounds.lock_closed_round(uow=uow, round_id=round_id)
    if row is None:
        return
    outcome = await _count(uow, row, cipher)
    tally = Tally(
        community_id=uow.community_id,
        round_id=round_id,
        winner=outcome.winner,
        needs_runoff=outcome.needs_runoff,
        is_held=outcome.is_held,
        is_decided=outcome.is_decided,
        is_passed=outcome.is_passed,
        ballots=await ballots.count_ballots(uow=uow, round_id=round_id),
        result=outcome.to_json(),
        derivation=outcome.table(),
        derivation_text=outcome.text(),
        result_hash=outcome.result_hash(),
        tallied_at=uow.now,
    )
    await repository.add(uow.session, tally)
    rounds.move_round(row=row, action=RoundAction.TALLY)
    facts = {"frozen": row.frozen_hash, "result": tally.result, "result_hash": tally.result_hash}
    await logs.append_event(uow=uow, signer=signer, round_id=round_id, kind="tally", facts=facts)
    uow.announce(
        round_id,
        RoundTallied(
            round_id=round_id,
            proposal_id=row.proposal_id,
            question=row.question,
            is_held=tally.is_held,
            is_passed=tally.is_passed,
            derivation=tally.derivation_text,
            result_hash=tally.result_hash,
            needs_runoff=tally.needs_runoff,
        ),
    )


async def _count(uow: UnitOfWork, row: RoundRow, cipher: FieldCipher) -> Outcome:
    opened = await ballots.open_ballots(uow=uow, row=row, cipher=cipher)
    return domain.count(
        rounds.as_domain(row),
        await rolls.list_all_units(uow=uow, roll_id=row.roll_id),
        [OpenedBallot(one.ballot.unit_id, one.choice) for one in opened],
        present=await rounds.count_present(uow=uow, round_id=row.id) if row.needs_presence else None,
        logged=await logs.count_ballots(uow=uow, round_id=row.id),
    )


async def is_tallied(*, uow: UnitOfWork, round_id: UUID) -> bool:
    """Tell whether a round was counted."""
    return await repository.find(uow.session, round_id) is not None


async def get_tally(*, uow: UnitOfWork, round_id: UUID) -> tuple[RoundRow, Tally]:
    """Return the result of a round.

    Errors: RoundNotFoundError, InterimResultError before the tally, for everybody.
    """
    row = await rounds.get_round(uow=uow, round_id=round_id)
    tally = await repository.find(uow.session, round_id)
    if tally is None:
        raise InterimResultError
    return row, tally


async def recount(
    *, uow: UnitOfWork, principal: Principal, round_id: UUID, cipher: FieldCipher
) -> tuple[Tally, Outcome]:
    """Open and count the ballots again, and return the new count beside the stored one; nothing is changed.

    Errors: ForbiddenError, RoundNotFoundError, InterimResultError, SealBrokenError, BallotsDisagreeError.
    """
    principal.require(*COUNTERS)
    row, tally = await get_tally(uow=uow, round_id=round_id)
    return tally, await _count(uow, row, cipher)
