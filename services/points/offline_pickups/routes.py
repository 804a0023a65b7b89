"""Pickups without network over HTTP."""

import secrets
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.histories.domain import span_of
from services.points.histories.errors import DaysReversedError
from services.points.ledger.errors import HoldAlreadyResolvedError
from services.points.offline_pickups import signed_list, usecases
from services.points.offline_pickups.domain import OfflinePolicy
from services.points.offline_pickups.errors import (
    OfflineConflictNotFoundError,
    OfflineConflictSettledError,
    OfflineListInvalidError,
    OwnUploadError,
    UploadTooLargeError,
)
from services.points.offline_pickups.schemas import (
    OfflineConflictRead,
    OfflineItem,
    OfflineListCreate,
    OfflineListRead,
    OfflinePickupRead,
    OfflineSettlement,
    OfflineUpload,
)
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points/offline", tags=["离线核销"], route_class=CommandRoute)

SALT_BYTES = 16


def _key(request: Request) -> bytes:
    key: bytes = runtime_of(request).settings.pickup_key.get_secret_value().encode()
    return key


@router.post("/lists", status_code=201, responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError))
async def issue_offline_list(
    payload: OfflineListCreate, uow: Uow, principal: CurrentPrincipal, request: Request
) -> OfflineListRead:
    """Give a device a signed list of open codes, to check them without network. For storekeepers.

    The list holds digests, not codes: six digits told at the counter are compared with the digest of the redemption.
    """
    issued = await usecases.issue_list(
        uow=uow,
        principal=principal,
        device=payload.device,
        salt=secrets.token_bytes(SALT_BYTES),
        policy=OfflinePolicy(),
    )
    key, row = _key(request), issued.row
    return OfflineListRead(
        id=row.id,
        device=row.device,
        salt=row.salt.hex(),
        ticket=signed_list.sign_ticket(key, row.id, row.device),
        signature=signed_list.sign(key, row.id, row.device, [(one.id, digest) for one, digest in issued.items]),
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        items=[
            OfflineItem(
                redemption_id=one.id,
                product_name=one.product_name,
                quantity=one.quantity,
                expires_at=one.expires_at,
                code_digest=digest,
            )
            for one, digest in issued.items
        ],
    )


@router.post(
    "/uploads",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        OfflineListInvalidError,
        UploadTooLargeError,
        HoldAlreadyResolvedError,
    ),
)
async def upload_offline_pickups(
    payload: OfflineUpload, uow: Uow, principal: CurrentPrincipal, request: Request
) -> list[OfflinePickupRead]:
    """Bring back what a device handed over; each code counts once, and what does not fit is told and kept. For storekeepers."""
    rows = await usecases.reconcile_upload(
        uow=uow,
        principal=principal,
        list_id=payload.list_id,
        device=payload.device,
        ticket=payload.ticket,
        key=_key(request),
        hand_overs=[one.hand_over() for one in payload.hand_overs],
        policy=OfflinePolicy(),
    )
    return [OfflinePickupRead.model_validate(row) for row in rows]


@router.get("/conflicts", responses=problems(*AUTH_ERRORS, ForbiddenError, DaysReversedError, CursorInvalidError))
async def list_offline_conflicts(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    is_settled: Annotated[
        bool | None, Query(description="Only those a person has settled, or only those that wait for one.")
    ] = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[OfflineConflictRead]:
    """List hand-overs that could not be applied by the day they were told, newest first, with both devices and times.

    For storekeepers and those who watch.
    """
    rows = await usecases.list_conflicts(
        uow=uow, principal=principal, page=page, is_settled=is_settled, span=span_of(from_on, to_on)
    )
    return page_of(rows.map(lambda pair: OfflineConflictRead.of_conflict(*pair)), request, response)


@router.post(
    "/conflicts/{pickup_id}/settlements",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        OfflineConflictNotFoundError,
        OwnUploadError,
        OfflineConflictSettledError,
    ),
)
async def settle_offline_conflict(
    pickup_id: UUID, payload: OfflineSettlement, uow: Uow, principal: CurrentPrincipal
) -> OfflineConflictRead:
    """Write down how a conflict was settled. For storekeepers and those who watch, except who uploaded it; no points move by it."""
    settled = await usecases.settle_conflict(uow=uow, principal=principal, pickup_id=pickup_id, reason=payload.reason)
    return OfflineConflictRead.of_conflict(*settled)
