"""Ballots over HTTP: cast one, ask why not, see the turnout."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.proposals.ballots import usecases
from services.proposals.ballots.domain import REASON_TEXTS, Reason
from services.proposals.ballots.errors import (
    AlreadyVotedError,
    BallotTextChangedError,
    CheckInFirstError,
    ChoiceInvalidError,
    MayNotActError,
    NotOnRollError,
    RoundClosedError,
    RoundNotOpenError,
)
from services.proposals.ballots.schemas import BallotCast, EligibilityRead, ReceiptRead, TurnoutRead
from services.proposals.dependencies import papers_of, sealing_keys_of, signer_of
from services.proposals.rounds.errors import RoundNotDueError, RoundNotFoundError
from services.proposals.rounds.schemas import RoundRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.hot import HotRoute
from shared.idempotency import IDEMPOTENCY_ERRORS, REPLAYED, CommandRoute, Uow, read_key, request_hash
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/proposals", tags=["选票"], route_class=CommandRoute)
hot_router = APIRouter(prefix=router.prefix, tags=["选票"], route_class=HotRoute)
"""The one route that everybody takes at once."""


@hot_router.post(
    "/rounds/{round_id}/ballots",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        NoHouseholdError,
        ChoiceInvalidError,
        RoundNotFoundError,
        RoundNotOpenError,
        RoundClosedError,
        BallotTextChangedError,
        NotOnRollError,
        MayNotActError,
        CheckInFirstError,
        AlreadyVotedError,
    ),
)
async def cast_ballot(
    round_id: UUID, body: BallotCast, principal: CurrentPrincipal, request: Request, response: Response
) -> ReceiptRead:
    """Cast the ballot of one's household and get a signed receipt at once.

    Send an `Idempotency-Key` and keep it until an answer has come; sending the request again with the same key gives the same
    receipt and never votes twice.
    """
    runtime, signer = runtime_of(request), signer_of(request)
    paper = await usecases.get_paper(
        runtime.database,
        runtime.clock,
        papers_of(request),
        community_id=principal.community_id,
        round_id=round_id,
    )
    cast = await usecases.cast_ballot(
        database=runtime.database,
        clock=runtime.clock,
        signer=signer,
        sealing_keys=sealing_keys_of(request),
        paper=paper,
        principal=principal,
        choice=body.choice,
        shown_hash=body.frozen_hash,
        key=read_key(request),
        request_hash=await request_hash(request),
        new_id=new_id,
    )
    if cast.is_replayed:
        response.headers[REPLAYED] = "true"
    return ReceiptRead(**cast.receipt, public_key=signer.public_key.hex(), key_id=signer.key_id)


@router.get("/rounds/{round_id}/eligibility", responses=problems(*AUTH_ERRORS, RoundNotFoundError))
async def get_eligibility(round_id: UUID, uow: Uow, principal: CurrentPrincipal) -> EligibilityRead:
    """Say whether the caller can vote, and if not, why; a household sees who cast its ballot and when."""
    found = await usecases.get_eligibility(uow=uow, principal=principal, round_id=round_id)
    ballot = found.ballot
    return EligibilityRead(
        can_vote=found.reason is Reason.NONE,
        reason=found.reason,
        text=REASON_TEXTS[found.reason],
        voted_by=None if ballot is None else ballot.cast_by_name,
        voted_at=None if ballot is None else ballot.cast_at,
        ballot_id=None if ballot is None else ballot.id,
        leaf_hash=None if ballot is None else ballot.leaf_hash.hex(),
        frozen_hash=found.round.frozen_hash,
    )


@router.get("/rounds/{round_id}/turnout", responses=problems(*AUTH_ERRORS, RoundNotFoundError))
async def get_turnout(round_id: UUID, uow: Uow, principal: CurrentPrincipal) -> TurnoutRead:
    """Return how many voted of how many; no choice is told before the close."""
    return TurnoutRead.model_validate(await usecases.get_turnout(uow=uow, round_id=round_id))


@router.post(
    "/rounds/{round_id}/closings",
    responses=problems(
        *AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, RoundNotFoundError, WrongStateError, RoundNotDueError
    ),
)
async def close_round(round_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> RoundRead:
    """Close a vote when its time ran out, or earlier when every unit has voted; it closes by itself otherwise."""
    row = await usecases.close_round(uow=uow, principal=principal, round_id=round_id, signer=signer_of(request))
    return RoundRead.model_validate(row)


@router.get("/ballots/open", responses=problems(*AUTH_ERRORS))
async def list_open_ballots(
    uow: Uow,
    principal: CurrentPrincipal,
    limit: Annotated[int, Query(ge=1, le=50, description="At most so many.")] = 20,
) -> list[RoundRead]:
    """List the votes in which the caller can cast their household's ballot now, the soonest close first."""
    rows = await usecases.list_open(uow=uow, principal=principal, limit=limit)
    return [RoundRead.model_validate(row) for row in rows]
