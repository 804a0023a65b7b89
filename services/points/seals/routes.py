"""Seals over HTTP."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from services.points.seals import usecases
from services.points.seals.errors import SealNotFoundError
from services.points.seals.schemas import SealRead, seal_read
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/points", tags=["积分封签"], route_class=CommandRoute)

ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The export.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
CHUNK: Final = 256 * 1024


@router.post("/seals", status_code=201, responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError))
async def create_seal(uow: Uow, principal: CurrentPrincipal) -> SealRead:
    """Seal the books now, for a notice or an inspection. For supervisors and administrators; the clock seals every night."""
    made = await usecases.seal_books(uow=uow, principal=principal)
    assert made is not None
    return seal_read(made)


@router.get("/seals", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_seals(
    uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[SealRead]:
    """List seals, newest first. Anybody of the community may compare them with the notices."""
    return page_of((await usecases.list_seals(uow=uow, page=page)).map(seal_read), request, response)


@router.get("/seals/{number}", responses=problems(*AUTH_ERRORS, SealNotFoundError))
async def get_seal(
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the seal.")],
    uow: Uow,
    principal: CurrentPrincipal,
) -> SealRead:
    """Return a seal by its number."""
    return seal_read(await usecases.get_seal(uow=uow, number=number))


@router.get("/export", response_class=Response, responses=ZIP | problems(*AUTH_ERRORS, ForbiddenError))
async def export_books(principal: CurrentPrincipal, request: Request) -> Response:
    """Download all books and seals with the program that checks them: `python3 verify.py <file>`. For supervisors and administrators."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    file = await usecases.export_books(database=runtime.database, principal=principal, now=now)
    return StreamingResponse(
        iter(lambda: file.read(CHUNK), b""),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="points-{now:%Y%m%d}.zip"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
        background=BackgroundTask(file.close),
    )
