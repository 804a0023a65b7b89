"""Tallies over HTTP."""

from uuid import UUID

from fastapi import APIRouter, Request

from services.proposals.ballots.sealing import SealBrokenError
from services.proposals.rounds.errors import RoundNotFoundError
from services.proposals.rounds.usecases import RoundRow
from services.proposals.tallies import usecases
from services.proposals.tallies.errors import BallotsDisagreeError, InterimResultError
from services.proposals.tallies.models import Tally
from services.proposals.tallies.schemas import RecountRead, TallyRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/proposals", tags=["计票"], route_class=CommandRoute)


def _read(row: RoundRow, tally: Tally) -> TallyRead:
    return TallyRead.model_validate(tally.model_dump() | {"state": row.state, "tied": tally.result.get("tied", [])})


@router.get(
    "/rounds/{round_id}/tally",
    responses=problems(*AUTH_ERRORS, RoundNotFoundError, InterimResultError),
)
async def get_tally(round_id: UUID, uow: Uow, principal: CurrentPrincipal) -> TallyRead:
    """Return the result with its derivation. Before the tally nobody can read it, whatever the role."""
    return _read(*await usecases.get_tally(uow=uow, round_id=round_id))


@router.get(
    "/rounds/{round_id}/recount",
    responses=problems(
        *AUTH_ERRORS,
        ForbiddenError,
        RoundNotFoundError,
        InterimResultError,
        SealBrokenError,
        BallotsDisagreeError,
    ),
)
async def recount(round_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> RecountRead:
    """Open and count the ballots again. For the committees, the administrator and supervisors."""
    tally, outcome = await usecases.recount(
        uow=uow, principal=principal, round_id=round_id, cipher=runtime_of(request).cipher
    )
    return RecountRead(
        agrees=outcome.result_hash() == tally.result_hash,
        stored_hash=tally.result_hash,
        recounted_hash=outcome.result_hash(),
        result=outcome.to_json(),
    )
