"""Exports over HTTP."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.proposals.ballots.errors import LogSealedError
from services.proposals.dependencies import signer_of
from services.proposals.exports import usecases
from services.proposals.rounds.errors import RoundNotFoundError
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import CommandRoute, Uow
from shared.problems import problems

router = APIRouter(prefix="/api/v1/proposals", tags=["公开日志"], route_class=CommandRoute)

ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The export.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/rounds/{round_id}/export",
    response_class=Response,
    responses=ZIP | problems(*AUTH_ERRORS, RoundNotFoundError, LogSealedError),
)
async def export_round(round_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> Response:
    """Download everything needed to check a vote, with the program that does it: `python3 verify.py <file>`.

    The public edition holds the log and the signed heads; the full one, for scrutineers or for public grades, also roll, ballots and key.
    """
    bundle = await usecases.export_round(
        uow=uow,
        principal=principal,
        round_id=round_id,
        cipher=runtime_of(request).cipher,
        signer=signer_of(request),
    )
    headers = {"Content-Disposition": f'attachment; filename="round-{round_id}.zip"'}
    return Response(bundle, media_type="application/zip", headers=headers)
