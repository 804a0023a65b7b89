"""Routes of roster imports."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Request, Response, UploadFile

from services.identity.bindings.card_codes import print_card_code
from services.identity.rosters import errors, usecases
from services.identity.rosters.columns import COLUMNS
from services.identity.rosters.repository import MAX_ATTEMPTS
from services.identity.rosters.schemas import (
    CardListRead,
    CardRead,
    ChangeCounts,
    ColumnRead,
    ProgressRead,
    RosterApplicationCreate,
    RosterChangeRead,
    RosterImportRead,
    RosterProblemRead,
)
from services.identity.rosters.workbook import MAX_FILE_BYTES, write_template
from services.identity.unremembered import SHOWN_ONCE_ERRORS, UnrememberedUow
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity/rosters", tags=["rosters"], route_class=CommandRoute)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LIST = problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError)
_ONE = problems(*AUTH_ERRORS, ForbiddenError, errors.RosterImportNotFoundError)
_LINES = problems(*AUTH_ERRORS, ForbiddenError, errors.RosterImportNotFoundError, CursorInvalidError)
_STEP = problems(*AUTH_ERRORS, ForbiddenError, errors.RosterImportNotFoundError, WrongStateError, *IDEMPOTENCY_ERRORS)


_TEMPLATE: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}}, "description": "The empty workbook."}}


def _read(row: Any, cards_waiting: int | None = None) -> RosterImportRead:
    return RosterImportRead(
        id=row.id,
        state=row.state,
        is_stuck=row.state in {"uploaded", "applying"} and (row.attempts or 0) >= MAX_ATTEMPTS,
        file_name=row.file_name,
        file_bytes=row.file_bytes,
        uploaded_at=row.uploaded_at,
        checked_at=row.checked_at,
        finished_at=row.finished_at,
        row_counts=row.row_counts,
        problem_count=row.problem_count,
        changes={kind: ChangeCounts(**counts) for kind, counts in row.change_counts.items()},
        removals=row.removals,
        refusal_code=row.refusal_code,
        refusal_detail=row.refusal_detail,
        progress=None if row.phase is None else ProgressRead(phase=row.phase, done=row.done, total=row.total),
        cards_waiting=cards_waiting,
    )


@router.get(
    "/template",
    response_class=Response,
    responses=problems(*AUTH_ERRORS) | _TEMPLATE,
)
async def get_roster_template(_principal: CurrentPrincipal) -> Response:
    """Download the empty workbook with its four sheets and an explanation of every column."""
    name = quote("花名册模板.xlsx")
    return Response(
        write_template(), media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


@router.get("/columns", responses=problems(*AUTH_ERRORS))
async def list_roster_columns(_principal: CurrentPrincipal) -> list[ColumnRead]:
    """List the columns of the workbook."""
    return [
        ColumnRead(
            sheet=sheet.value,
            title=column.title,
            aliases=list(column.aliases),
            is_required=column.is_required,
            help=column.help,
            example=column.example,
        )
        for sheet, columns in COLUMNS.items()
        for column in columns
    ]


@router.post(
    "",
    status_code=202,
    responses=problems(*AUTH_ERRORS, ForbiddenError, errors.FileTooLargeError, *IDEMPOTENCY_ERRORS),
)
async def upload_roster(
    request: Request,
    response: Response,
    uow: Uow,
    principal: CurrentPrincipal,
    file: Annotated[UploadFile, File(description="The workbook, .xlsx or .csv, at most 20 MB.")],
) -> RosterImportRead:
    """Upload a roster to have it checked. Nothing is imported yet: read the import until it is `checked`, then apply it."""
    content = await file.read(MAX_FILE_BYTES + 1)
    import_id = await usecases.upload_roster(
        uow=uow,
        principal=principal,
        cipher=runtime_of(request).cipher,
        file_name=(file.filename or "").replace("\x00", ""),
        content=content,
    )
    response.headers["Location"] = f"{router.prefix}/{import_id}"
    row, cards = await usecases.get_import(uow=uow, principal=principal, import_id=import_id)
    return _read(row, cards)


@router.get("", responses=_LIST)
async def list_rosters(
    request: Request, response: Response, uow: Uow, principal: CurrentPrincipal, page: Paging
) -> Page[RosterImportRead]:
    """List the roster imports of the community, newest first."""
    rows = await usecases.list_imports(uow=uow, principal=principal, page=page)
    return page_of(rows.map(_read), request, response)


@router.get("/{import_id}", responses=_ONE)
async def get_roster(import_id: UUID, uow: Uow, principal: CurrentPrincipal) -> RosterImportRead:
    """Read an import: its state, its progress, how many problems it has and what applying would do."""
    return _read(*await usecases.get_import(uow=uow, principal=principal, import_id=import_id))


@router.get("/{import_id}/problems", responses=_LINES)
async def list_roster_problems(
    import_id: UUID, request: Request, response: Response, uow: Uow, principal: CurrentPrincipal, page: Paging
) -> Page[RosterProblemRead]:
    """List what is wrong with the file: sheet, row, column, value, and what to do."""
    rows = await usecases.list_problems(uow=uow, principal=principal, import_id=import_id, page=page)
    return page_of(rows.map(RosterProblemRead.model_validate), request, response)


@router.get("/{import_id}/changes", responses=_LINES)
async def list_roster_changes(
    import_id: UUID, request: Request, response: Response, uow: Uow, principal: CurrentPrincipal, page: Paging
) -> Page[RosterChangeRead]:
    """List what applying would add, change and remove; at most the first 2,000 lines."""
    rows = await usecases.list_changes(uow=uow, principal=principal, import_id=import_id, page=page)
    return page_of(rows.map(RosterChangeRead.model_validate), request, response)


@router.post("/{import_id}/applications", status_code=202, responses=_STEP)
async def apply_roster(
    import_id: UUID, command: RosterApplicationCreate, uow: Uow, principal: CurrentPrincipal
) -> RosterImportRead:
    """Apply a checked roster, all or nothing; read the import for its progress."""
    await usecases.apply_roster(uow=uow, principal=principal, import_id=import_id, removals=command.removals)
    return _read(*await usecases.get_import(uow=uow, principal=principal, import_id=import_id))


@router.post("/{import_id}/discards", responses=_STEP)
async def discard_roster(import_id: UUID, uow: Uow, principal: CurrentPrincipal) -> RosterImportRead:
    """Forget an upload that is not to be applied."""
    await usecases.discard_roster(uow=uow, principal=principal, import_id=import_id)
    return _read(*await usecases.get_import(uow=uow, principal=principal, import_id=import_id))


@router.post(
    "/{import_id}/card_lists",
    responses=problems(
        *AUTH_ERRORS,
        *SHOWN_ONCE_ERRORS,
        ForbiddenError,
        errors.RosterImportNotFoundError,
        errors.CardsAlreadyTakenError,
    ),
)
async def take_roster_cards(
    import_id: UUID, request: Request, uow: UnrememberedUow, principal: CurrentPrincipal
) -> CardListRead:
    """Take the one-time codes of the newly registered households, to be printed on their cards. They are handed out once.

    A code is kept nowhere, not even for a replay: the same Idempotency-Key again is refused.
    """
    cards = await usecases.take_cards(
        uow=uow, principal=principal, cipher=runtime_of(request).cipher, import_id=import_id
    )
    return CardListRead(cards=[CardRead(household_number=number, code=print_card_code(code)) for number, code in cards])
