"""The proposals service's background half: `python -m services.proposals.worker`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.proposals.ballots import repository as ballot_rows
from services.proposals.ballots import usecases as ballots
from services.proposals.logs.signing import signer_from
from services.proposals.main import build_runtime
from services.proposals.notices import repository as notice_rows
from services.proposals.rolls import events as roll_events
from services.proposals.rounds import repository as round_rows
from services.proposals.rounds import usecases as rounds
from services.proposals.rounds.domain import RoundState
from services.proposals.settings import Settings
from services.proposals.steps import usecases as steps
from services.proposals.tallies import usecases as tallies
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.uow import UnitOfWork
from shared.worker import Worker, run_worker


def _rounds_due(state: RoundState) -> Callable[[AsyncSession, datetime, int], Awaitable[Sequence[tuple[UUID, UUID]]]]:
    async def find(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        return await round_rows.list_due(session, state, now, limit)

    return find


async def _logs_due(session: AsyncSession, _now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    return await ballot_rows.list_rounds_waiting(session, limit)


def sweeps_of(runtime: Runtime[Settings]) -> Sequence[Sweep]:
    """Return what the clock does: open, log, close, tally, complete."""
    signer = signer_from(runtime.settings.receipt_key.get_secret_value())
    cipher = runtime.cipher

    async def open_round(uow: UnitOfWork, round_id: UUID) -> None:
        await rounds.open_due_round(uow=uow, round_id=round_id, signer=signer)

    async def sequence_ballots(uow: UnitOfWork, round_id: UUID) -> None:
        await ballots.sequence_ballots(uow=uow, round_id=round_id, signer=signer)

    async def close_round(uow: UnitOfWork, round_id: UUID) -> None:
        await ballots.close_round(uow=uow, principal=None, round_id=round_id, signer=signer)

    async def tally_round(uow: UnitOfWork, round_id: UUID) -> None:
        await tallies.tally_round(uow=uow, round_id=round_id, cipher=cipher, signer=signer)

    async def complete_notice(uow: UnitOfWork, notice_id: UUID) -> None:
        await steps.complete_due_notice(uow=uow, notice_id=notice_id, signer=signer)

    return (
        Sweep("open_rounds", _rounds_due(RoundState.FROZEN), open_round),
        Sweep("sequence_ballots", _logs_due, sequence_ballots),
        Sweep("close_rounds", _rounds_due(RoundState.OPEN), close_round),
        Sweep("tally_rounds", _rounds_due(RoundState.CLOSED), tally_round),
        Sweep("complete_notices", notice_rows.list_due, complete_notice),
    )


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime."""
    return Worker(runtime=runtime, handlers=roll_events.HANDLERS, sweeps=sweeps_of(runtime))


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
