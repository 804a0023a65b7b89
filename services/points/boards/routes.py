"""The boards over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.boards import usecases
from services.points.boards.domain import TONE_WORDS, Action, Board, Concerns, Entry, State
from services.points.boards.errors import (
    BoardAlreadyVotedError,
    BoardEntryNotFoundError,
    BoardEntryOpenError,
    BoardExemptError,
    BoardHouseholdGoneError,
    BoardPolicyDateError,
    BoardReasonMissingError,
    BoardRecusedError,
)
from services.points.boards.schemas import (
    BoardAnswer,
    BoardEntryCreate,
    BoardEntryRead,
    BoardPolicyCreate,
    BoardPolicyRead,
    BoardReason,
    BoardVoteCreate,
    BoardVoteRead,
    ExemptionBody,
    ExemptionRead,
)
from services.points.ledger.errors import AccountNotFoundError
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/boards", tags=["红黑榜"], route_class=CommandRoute)

MOVE_ERRORS = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    BoardEntryNotFoundError,
    ForbiddenError,
    WrongStateError,
    BoardRecusedError,
    BoardReasonMissingError,
)


@router.post(
    "/entries",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        AccountNotFoundError,
        BoardExemptError,
        BoardHouseholdGoneError,
        BoardEntryOpenError,
    ),
)
async def propose_board_entry(
    payload: BoardEntryCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> BoardEntryRead:
    """Propose a household for a board. For grid workers, assessors and the committee; the panel decides."""
    entry = await usecases.propose_entry(
        uow=uow,
        principal=principal,
        board=payload.board,
        household_id=payload.household_id,
        concerns=payload.concerns,
        tone=payload.tone,
        title=payload.title,
        reason=payload.reason,
    )
    response.headers["Location"] = f"{router.prefix}/entries/{entry.id}"
    return BoardEntryRead.of(entry)


@router.get("/entries", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_board_entries(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    board: Annotated[Board | None, Query(description="Only this board.")] = None,
    state: Annotated[State | None, Query(description="Only this state; listed is what hangs now.")] = None,
    household_id: Annotated[UUID | None, Query(description="Only this household.")] = None,
) -> Page[BoardEntryRead]:
    """List entries, newest first: what hangs, the own household's, and for officials all."""
    rows = await usecases.list_entries(
        uow=uow, principal=principal, page=page, board=board, state=state, household_id=household_id
    )
    return page_of(rows.map(BoardEntryRead.of), request, response)


HEADER = ("榜", "户号", "标题", "事由", "状态", "提出时间", "改正期限", "上榜日期", "下榜日期", "办结时间", "答复")


def _line(entry: Entry, number: str) -> tuple[Value, ...]:
    return (
        "光荣榜" if entry.board is Board.HONOUR else TONE_WORDS[entry.tone],
        number,
        entry.title,
        entry.reason,
        entry.state.word,
        entry.proposed_at,
        entry.cure_until,
        entry.listed_on,
        entry.removal_on,
        entry.ended_at,
        entry.answer,
    )


@router.get(
    "/entries/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError)
)
async def export_board_entries(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
    board: Annotated[Board | None, Query(description="Only this board.")] = None,
    state: Annotated[State | None, Query(description="Only this state; listed is what hangs now.")] = None,
) -> Response:
    """Download the entries as a sheet. For those who see every entry, and grid workers of the own grid."""
    entries = await usecases.list_for_export(uow=uow, principal=principal, board=board, state=state)
    return await sheet_response(file_format, "红黑榜", HEADER, [_line(entry, number) for entry, number in entries])


@router.get("/entries/{entry_id}", responses=problems(*AUTH_ERRORS, BoardEntryNotFoundError))
async def get_board_entry(entry_id: UUID, uow: Uow, principal: CurrentPrincipal) -> BoardEntryRead:
    """Return an entry."""
    return BoardEntryRead.of(await usecases.get_entry(uow=uow, principal=principal, entry_id=entry_id))


@router.get("/entries/{entry_id}/actions", responses=problems(*AUTH_ERRORS, BoardEntryNotFoundError))
async def list_board_entry_actions(entry_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with an entry now."""
    entry, actions = await usecases.list_actions(uow=uow, principal=principal, entry_id=entry_id)
    return ActionList(state=entry.state, actions=[action.value for action in actions])


@router.get(
    "/entries/{entry_id}/steps",
    responses=problems(*AUTH_ERRORS, BoardEntryNotFoundError, ForbiddenError, CursorInvalidError),
)
async def list_board_entry_steps(
    entry_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who did what with an entry, when and why, oldest first. For its household and for those who see every entry."""
    entry = await usecases.get_record(uow=uow, principal=principal, entry_id=entry_id)
    rows = await steps.list_steps(uow=uow, subject_id=entry.id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.get("/entries/{entry_id}/votes", responses=problems(*AUTH_ERRORS, BoardEntryNotFoundError, ForbiddenError))
async def list_board_votes(entry_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[BoardVoteRead]:
    """Return the panel's votes with their reasons. Assessors read those of others once it is decided; supervisors at any time."""
    votes = await usecases.list_votes(uow=uow, principal=principal, entry_id=entry_id)
    return [BoardVoteRead.model_validate(vote) for vote in votes]


@router.post("/entries/{entry_id}/votes", responses=problems(*MOVE_ERRORS, BoardAlreadyVotedError, BoardExemptError))
async def vote_on_board_entry(
    entry_id: UUID, payload: BoardVoteCreate, uow: Uow, principal: CurrentPrincipal
) -> BoardEntryRead:
    """Vote on an entry. For assessors, each once, not on their own household; enough votes decide."""
    entry = await usecases.vote_on_entry(
        uow=uow,
        principal=principal,
        entry_id=entry_id,
        is_approved=payload.is_approved,
        reason=payload.reason,
    )
    return BoardEntryRead.of(entry)


@router.post("/entries/{entry_id}/objections", responses=problems(*MOVE_ERRORS))
async def object_to_board_entry(
    entry_id: UUID, payload: BoardReason, uow: Uow, principal: CurrentPrincipal
) -> BoardEntryRead:
    """Object to a warning before it hangs. For its household; it waits for a supervisor's answer."""
    return await _act(uow, principal, entry_id, Action.OBJECT, payload.reason)


@router.post("/entries/{entry_id}/answers", responses=problems(*MOVE_ERRORS))
async def answer_board_objection(
    entry_id: UUID, payload: BoardAnswer, uow: Uow, principal: CurrentPrincipal
) -> BoardEntryRead:
    """Answer a household's objection. For supervisors; overruled, the days to put things right begin anew."""
    action = Action.UPHOLD if payload.is_upheld else Action.OVERRULE
    return await _act(uow, principal, entry_id, action, payload.reason)


@router.post("/entries/{entry_id}/cures", responses=problems(*MOVE_ERRORS))
async def cure_board_entry(
    entry_id: UUID, payload: BoardReason, uow: Uow, principal: CurrentPrincipal
) -> BoardEntryRead:
    """Say, having looked, that things were put right; the warning ends. For grid workers, assessors and supervisors."""
    return await _act(uow, principal, entry_id, Action.CURE, payload.reason)


@router.post("/entries/{entry_id}/removals", responses=problems(*MOVE_ERRORS))
async def remove_board_entry(
    entry_id: UUID, payload: BoardReason, uow: Uow, principal: CurrentPrincipal
) -> BoardEntryRead:
    """Take an entry down before its day. For supervisors."""
    return await _act(uow, principal, entry_id, Action.REMOVE, payload.reason)


async def _act(uow: Uow, principal: CurrentPrincipal, entry_id: UUID, action: Action, reason: str) -> BoardEntryRead:
    entry = await usecases.act_on_entry(uow=uow, principal=principal, entry_id=entry_id, action=action, reason=reason)
    return BoardEntryRead.of(entry)


@router.get("/exemptions", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_board_exemptions(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    is_current: Annotated[
        bool | None, Query(description="Only those that hold today, or only those that ended.")
    ] = None,
    household_id: Annotated[UUID | None, Query(description="Only this household.")] = None,
) -> Page[ExemptionRead]:
    """List the households that are not warned. For officials."""
    rows = await usecases.list_exemptions(
        uow=uow, principal=principal, page=page, is_current=is_current, household_id=household_id
    )
    return page_of(rows.map(ExemptionRead.model_validate), request, response)


@router.get(
    "/exemptions/{household_id}/steps",
    responses=problems(*AUTH_ERRORS, ForbiddenError, AccountNotFoundError, CursorInvalidError),
)
async def list_exemption_steps(
    household_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who said that a household is not warned, until when, and who took it back, oldest first. For officials."""
    rows = await usecases.list_exemption_steps(uow=uow, principal=principal, household_id=household_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.put(
    "/exemptions/{household_id}",
    responses=problems(*AUTH_ERRORS, ForbiddenError, AccountNotFoundError, BoardRecusedError),
)
async def exempt_household(
    household_id: UUID, payload: ExemptionBody, uow: Uow, principal: CurrentPrincipal
) -> ExemptionRead:
    """Say that a household is not warned until a day, because a child or illness is concerned; what hangs comes down at once.

    Not for the own household, nor for one in which declared kin live.
    """
    exemption = await usecases.exempt_household(
        uow=uow,
        principal=principal,
        household_id=household_id,
        kind=Concerns(payload.kind),
        until=payload.until,
        note=payload.note,
    )
    return ExemptionRead.model_validate(exemption)


@router.get("/policies/current", responses=problems(*AUTH_ERRORS))
async def get_board_policy(uow: Uow, _principal: CurrentPrincipal) -> BoardPolicyRead:
    """Return the rules of the boards in force today."""
    return BoardPolicyRead.model_validate(await usecases.get_policy(uow=uow))


@router.post(
    "/policies",
    status_code=201,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, BoardPolicyDateError),
)
async def adopt_board_policy(payload: BoardPolicyCreate, uow: Uow, principal: CurrentPrincipal) -> BoardPolicyRead:
    """Enter the rules a meeting adopted. For committee members and administrators; earlier versions stay."""
    policy = await usecases.adopt_policy(uow=uow, principal=principal, policy=payload.policy())
    return BoardPolicyRead.model_validate(policy)
