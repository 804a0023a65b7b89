"""Entering assessment results for all households at once, over HTTP."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from services.points.claim_sheets import usecases
from services.points.claim_sheets.checking import COLUMNS
from services.points.claim_sheets.domain import ClaimSheet, State
from services.points.claim_sheets.errors import AssessedOnInvalidError, ClaimSheetNotFoundError, SheetVotedError
from services.points.claim_sheets.repository import MAX_ATTEMPTS
from services.points.claim_sheets.schemas import ClaimSheetRead, ProgressRead, SheetProblemRead
from services.points.claims.errors import ClerkError, ReasonMissingError
from services.points.claims.schemas import Vote
from services.points.histories.errors import DaysReversedError
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.schemas import ActionList, Day
from shared.sheets import SHEET_RESPONSES, SheetFormat, sheet_response
from shared.workbooks import MAX_FILE_BYTES, SheetTooLargeError

router = APIRouter(prefix="/api/v1/points/claim_sheets", tags=["双月考评表"], route_class=CommandRoute)

ONE_ERRORS = (*AUTH_ERRORS, ForbiddenError, ClaimSheetNotFoundError)
MOVE_ERRORS = (*ONE_ERRORS, *IDEMPOTENCY_ERRORS, WrongStateError)


def _read(sheet: ClaimSheet, lines: Mapping[str, int] | None = None) -> ClaimSheetRead:
    facts = {name: getattr(sheet, name) for name in ClaimSheet.__slots__}
    is_waiting = sheet.state in {State.UPLOADED, State.APPLYING}
    return ClaimSheetRead.model_validate(
        facts
        | {
            "is_stuck": is_waiting and sheet.attempts >= MAX_ATTEMPTS,
            "progress": ProgressRead(phase=sheet.phase, done=sheet.done, total=sheet.total) if sheet.phase else None,
            "lines": dict(lines or {}),
        }
    )


@router.get("/template", response_class=Response, responses=problems(*AUTH_ERRORS) | SHEET_RESPONSES)
async def get_claim_sheet_template(_principal: CurrentPrincipal) -> Response:
    """Download an empty sheet with one line as an example."""
    example = [example for _, _, example in COLUMNS.values()]
    return await sheet_response(SheetFormat.XLSX, "双月考评表模板", list(COLUMNS), [example])


@router.post(
    "",
    status_code=202,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, AssessedOnInvalidError, SheetTooLargeError),
)
async def upload_claim_sheet(
    uow: Uow,
    principal: CurrentPrincipal,
    response: Response,
    file: Annotated[UploadFile, File(description="The sheet, .xlsx or .csv, at most 20 MB.")],
    name: Annotated[
        str, Form(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$", description="What it is called.")
    ],
    assessed_on: Annotated[Day, Form(description="Day of the assessment.", examples=["2026-05-10"])],
) -> ClaimSheetRead:
    """Upload assessment results to have them checked. For assessors; nothing is entered until a checked sheet is applied."""
    sheet = await usecases.upload_sheet(
        uow=uow,
        principal=principal,
        name=name,
        assessed_on=assessed_on,
        file_name=(file.filename or "").replace("\x00", ""),
        content=await file.read(MAX_FILE_BYTES + 1),
    )
    response.headers["Location"] = f"{router.prefix}/{sheet.id}"
    return _read(sheet)


@router.get("", responses=problems(*AUTH_ERRORS, ForbiddenError, DaysReversedError, CursorInvalidError))
async def list_claim_sheets(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[ClaimSheetRead]:
    """List the sheets, newest first, perhaps by the day of the assessment. For assessors, supervisors and administrators."""
    rows = await usecases.list_sheets(
        uow=uow, principal=principal, page=page, state=state, from_on=from_on, to_on=to_on
    )
    return page_of(rows.map(_read), request, response)


@router.get("/{sheet_id}", responses=problems(*ONE_ERRORS))
async def get_claim_sheet(sheet_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ClaimSheetRead:
    """Read a sheet: its state, its progress, how many problems it has, and how far its lines have come."""
    return _read(*await usecases.get_sheet(uow=uow, principal=principal, sheet_id=sheet_id))


@router.get("/{sheet_id}/actions", responses=problems(*ONE_ERRORS))
async def list_claim_sheet_actions(sheet_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a sheet now."""
    sheet, actions = await usecases.list_actions(uow=uow, principal=principal, sheet_id=sheet_id)
    return ActionList(state=sheet.state, actions=[action.value for action in actions])


@router.get("/{sheet_id}/steps", responses=problems(*ONE_ERRORS, CursorInvalidError))
async def list_claim_sheet_steps(
    sheet_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who uploaded, applied, discarded and voted on a sheet, oldest first. Its lines are claims with steps of their own."""
    await usecases.get_sheet(uow=uow, principal=principal, sheet_id=sheet_id)
    rows = await steps.list_steps(uow=uow, subject_id=sheet_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.get("/{sheet_id}/problems", responses=problems(*ONE_ERRORS, CursorInvalidError))
async def list_claim_sheet_problems(
    sheet_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[SheetProblemRead]:
    """List what is wrong with a sheet: row, column, value, and what to do."""
    rows = await usecases.list_problems(uow=uow, principal=principal, sheet_id=sheet_id, page=page)
    return page_of(rows.map(SheetProblemRead.model_validate), request, response)


@router.post("/{sheet_id}/applications", status_code=202, responses=problems(*MOVE_ERRORS))
async def apply_claim_sheet(sheet_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ClaimSheetRead:
    """Enter a checked sheet, all or nothing; read the sheet for its progress. For assessors."""
    return _read(await usecases.apply_sheet(uow=uow, principal=principal, sheet_id=sheet_id))


@router.post("/{sheet_id}/discards", responses=problems(*MOVE_ERRORS))
async def discard_claim_sheet(sheet_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ClaimSheetRead:
    """Forget an upload that is not to be entered. For assessors."""
    return _read(await usecases.discard_sheet(uow=uow, principal=principal, sheet_id=sheet_id))


@router.post("/{sheet_id}/votes", responses=problems(*MOVE_ERRORS, ClerkError, ReasonMissingError, SheetVotedError))
async def vote_on_claim_sheet(sheet_id: UUID, payload: Vote, uow: Uow, principal: CurrentPrincipal) -> ClaimSheetRead:
    """Vote on all lines of an entered sheet. For assessors other than who uploaded it; lines of the own household and of kin are left out."""
    await usecases.vote_on_sheet(
        uow=uow, principal=principal, sheet_id=sheet_id, is_approved=payload.is_approved, reason=payload.reason
    )
    return _read(*await usecases.get_sheet(uow=uow, principal=principal, sheet_id=sheet_id))
