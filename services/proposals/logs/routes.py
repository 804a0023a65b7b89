"""The public log over HTTP: heads, entries and proofs, so that nobody has to believe us."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.proposals.dependencies import signer_of
from services.proposals.logs import usecases
from services.proposals.logs.errors import LeafNotFoundError, LogNotFoundError
from services.proposals.logs.models import LogEntry, TreeHead
from services.proposals.logs.schemas import ConsistencyRead, InclusionRead, LogEntryRead, TreeHeadRead
from services.proposals.logs.signing import Signer
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/proposals", tags=["公开日志"], route_class=CommandRoute)


def _head(head: TreeHead, signer: Signer) -> TreeHeadRead:
    return TreeHeadRead(
        round_id=head.round_id,
        size=head.size,
        root=head.root.hex(),
        chain=head.chain.hex(),
        signed_at=head.signed_at,
        signature=head.signature.hex(),
        public_key=signer.public_key.hex(),
        key_id=signer.key_id,
    )


def _entry(entry: LogEntry) -> LogEntryRead:
    return LogEntryRead(
        position=entry.position,
        kind=entry.kind,
        leaf=entry.leaf,
        leaf_hash=entry.leaf_hash.hex(),
        logged_at=entry.logged_at,
    )


@router.get("/rounds/{round_id}/log", responses=problems(*AUTH_ERRORS, LogNotFoundError, CursorInvalidError))
async def list_log(
    round_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[LogEntryRead]:
    """List the events of a round in order. Ballots show the hash of their sealed choice and never the choice."""
    rows = await usecases.list_entries(uow=uow, round_id=round_id, page=page)
    return page_of(rows.map(_entry), request, response)


@router.get("/rounds/{round_id}/log/head", responses=problems(*AUTH_ERRORS, LogNotFoundError))
async def get_log_head(round_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> TreeHeadRead:
    """Return the newest signed tree head. Write it down: later heads must be consistent with it."""
    return _head(await usecases.get_head(uow=uow, round_id=round_id), signer_of(request))


@router.get(
    "/rounds/{round_id}/log/inclusion/{leaf_hash}",
    responses=problems(*AUTH_ERRORS, LogNotFoundError, LeafNotFoundError),
)
async def prove_inclusion(
    round_id: UUID,
    leaf_hash: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Leaf hash of the receipt, hex.")],
    uow: Uow,
    principal: CurrentPrincipal,
    request: Request,
) -> InclusionRead:
    """Prove that the ballot of a receipt is in the log."""
    proof = await usecases.prove_inclusion(uow=uow, round_id=round_id, leaf=bytes.fromhex(leaf_hash))
    return InclusionRead(
        position=proof.position,
        leaf_hash=leaf_hash,
        path=[node.hex() for node in proof.path],
        head=_head(proof.head, signer_of(request)),
    )


@router.get("/rounds/{round_id}/log/consistency", responses=problems(*AUTH_ERRORS, LogNotFoundError))
async def prove_consistency(
    round_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    request: Request,
    old_size: Annotated[int, Query(ge=0, le=2**31 - 1, description="Size of a head seen before.")],
) -> ConsistencyRead:
    """Prove that a log seen before was not rewritten."""
    head, path = await usecases.prove_consistency(uow=uow, round_id=round_id, old_size=old_size)
    return ConsistencyRead(old_size=old_size, path=[node.hex() for node in path], head=_head(head, signer_of(request)))
