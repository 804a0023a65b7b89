"""时间银行 over HTTP: ask for help, offer it, begin and end with codes of both sides, agree."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.help_kinds.errors import HelpKindNotFoundError
from services.points.ledger.errors import HouseholdClosedError
from services.points.passbooks.errors import MinutesShortError, ResidentNeededError
from services.points.time_bank import usecases
from services.points.time_bank.domain import State
from services.points.time_bank.errors import (
    AlreadyConfirmedError,
    AlreadyHelpingError,
    AlreadyTakesPartError,
    HelpFullError,
    HelpNotApprovedError,
    HelpOfOwnHouseholdError,
    HelpRequestNotFoundError,
    HelpSettlementInvalidError,
    HelpTimesInvalidError,
    NotPresentError,
    OwnHelpError,
    TimeCodeLockedError,
    TimeCodeUsedError,
    TimeCodeWrongError,
)
from services.points.time_bank.schemas import (
    HelpLineRead,
    HelpOffer,
    HelpReason,
    HelpRequestCreate,
    HelpRequestRead,
    HelpSettlement,
    TimeCodeEntry,
    TimeCodeRead,
)
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Minutes
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, FirstDay, LastDay, SheetFormat, WantedFormat, sheet_response
from shared.tries import counted_tries

router = APIRouter(prefix="/api/v1/points/time-bank/requests", tags=["时间银行"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, HelpRequestNotFoundError, ForbiddenError, WrongStateError)
MOST_TRIES: Final = 10
LOCKED_FOR: Final = timedelta(minutes=10)
"""Ten guesses in ten minutes at one of a million codes; a request is over long before one is found."""
HEADER: Final = (
    "求助时间",
    "服务",
    "状态",
    "支付方式",
    "求助人",
    "志愿者",
    "开始",
    "结束",
    "服务分钟",
    "入账分钟",
    "说明",
)


def _key(request: Request) -> bytes:
    return bytes(runtime_of(request).settings.pickup_key.get_secret_value(), "utf-8")


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ResidentNeededError,
        HouseholdClosedError,
        HelpKindNotFoundError,
        HelpTimesInvalidError,
        MinutesShortError,
    ),
)
async def request_help(
    payload: HelpRequestCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> HelpRequestRead:
    """Ask for help. What it can cost at most is set aside at once, from the caller's passbook or, once approved, from the pool."""
    fields = payload.model_dump() | {"minutes": Minutes(payload.minutes)}
    asked = await usecases.request_help(uow=uow, principal=principal, **fields)
    response.headers["Location"] = f"{router.prefix}/{asked.id}"
    return HelpRequestRead.of(asked, principal)


@router.get("", responses=problems(*AUTH_ERRORS, ResidentNeededError, CursorInvalidError))
async def list_help_requests(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    kind_code: Annotated[str | None, Query(max_length=40, description="Only this kind of help.")] = None,
    mine: Annotated[bool, Query(description="Only those the caller takes part in.")] = False,
) -> Page[HelpRequestRead]:
    """List requests, newest first: those that look for help, those the caller takes part in, or all for officials."""
    rows = await usecases.list_requests(
        uow=uow, principal=principal, page=page, state=state, kind_code=kind_code, is_mine=mine
    )
    return page_of(rows.map(lambda row: HelpRequestRead.of(row, principal)), request, response)


@router.get("/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError))
async def export_help_requests(
    uow: Uow,
    principal: CurrentPrincipal,
    from_on: FirstDay,
    to_on: LastDay,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download the requests of a span, a row for each helper. For officials and supervisors."""
    requests = await usecases.export_requests(uow=uow, principal=principal, from_on=from_on, to_on=to_on)
    lines = [
        (
            asked.created_at,
            asked.kind_name,
            asked.state.value,
            "社区时间池" if asked.payer == "pool" else "本人",
            asked.helped[0].name if asked.helped else "",
            helper.name if helper else "",
            helper.started_at if helper else None,
            helper.ended_at if helper else None,
            helper.served_minutes if helper else 0,
            helper.credited_minutes if helper else 0,
            asked.reason,
        )
        for asked in requests
        for helper in (asked.helpers or (None,))
    ]
    return await sheet_response(file_format, f"时间银行-{from_on}-{to_on}", HEADER, lines)


@router.get("/{request_id}", responses=problems(*AUTH_ERRORS, HelpRequestNotFoundError))
async def get_help_request(request_id: UUID, uow: Uow, principal: CurrentPrincipal) -> HelpRequestRead:
    """Return a request with who takes part."""
    asked = await usecases.get_request(uow=uow, principal=principal, request_id=request_id)
    return HelpRequestRead.of(asked, principal)


@router.get("/{request_id}/actions", responses=problems(*AUTH_ERRORS, HelpRequestNotFoundError))
async def list_help_actions(request_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a request now."""
    asked, actions = await usecases.list_actions(uow=uow, principal=principal, request_id=request_id)
    return ActionList(state=asked.state, actions=[action.value for action in actions])


@router.get("/{request_id}/record", responses=problems(*AUTH_ERRORS, HelpRequestNotFoundError))
async def list_help_record(request_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[HelpLineRead]:
    """List who did what with a request and why, oldest first."""
    lines = await usecases.list_lines(uow=uow, principal=principal, request_id=request_id)
    return [HelpLineRead.model_validate(line) for line in lines]


@router.post(
    "/{request_id}/approvals", responses=problems(*MOVE_ERRORS, OwnHelpError, AlreadyConfirmedError, MinutesShortError)
)
async def approve_help(request_id: UUID, uow: Uow, principal: CurrentPrincipal) -> HelpRequestRead:
    """Let the community's pool pay for a request. For committee members and administrators of another household."""
    asked = await usecases.approve_request(uow=uow, principal=principal, request_id=request_id)
    return HelpRequestRead.of(asked, principal)


@router.post(
    "/{request_id}/participants",
    responses=problems(
        *MOVE_ERRORS,
        ResidentNeededError,
        HouseholdClosedError,
        AlreadyTakesPartError,
        HelpNotApprovedError,
        HelpOfOwnHouseholdError,
        HelpFullError,
    ),
)
async def join_help(request_id: UUID, payload: HelpOffer, uow: Uow, principal: CurrentPrincipal) -> HelpRequestRead:
    """Offer help, or join those who are helped. Members of one household never stand on both sides."""
    asked = await usecases.join_request(uow=uow, principal=principal, request_id=request_id, side=payload.side)
    return HelpRequestRead.of(asked, principal)


@router.post("/{request_id}/departures", responses=problems(*MOVE_ERRORS))
async def leave_help(request_id: UUID, uow: Uow, principal: CurrentPrincipal) -> HelpRequestRead:
    """Step back before it has begun."""
    asked = await usecases.leave_request(uow=uow, principal=principal, request_id=request_id)
    return HelpRequestRead.of(asked, principal)


@router.post("/{request_id}/cancellations", responses=problems(*MOVE_ERRORS))
async def cancel_help(request_id: UUID, payload: HelpReason, uow: Uow, principal: CurrentPrincipal) -> HelpRequestRead:
    """Call a request off before it has begun; the minutes go back where they came from."""
    asked = await usecases.cancel_request(uow=uow, principal=principal, request_id=request_id, reason=payload.reason)
    return HelpRequestRead.of(asked, principal)


@router.get(
    "/{request_id}/code", responses=problems(*AUTH_ERRORS, HelpRequestNotFoundError, ForbiddenError, WrongStateError)
)
async def get_time_code(request_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> TimeCodeRead:
    """Return the six digits the caller shows the other side: to begin first, later to end. Nobody sees another's."""
    phase, code = await usecases.get_own_code(uow=uow, principal=principal, request_id=request_id, key=_key(request))
    return TimeCodeRead(phase=phase, code=code)


@router.post(
    "/{request_id}/codes",
    responses=problems(
        *MOVE_ERRORS,
        TimeCodeWrongError,
        TimeCodeUsedError,
        TimeCodeLockedError,
        NotPresentError,
        AlreadyHelpingError,
    ),
)
async def enter_time_code(
    request_id: UUID, payload: TimeCodeEntry, uow: Uow, principal: CurrentPrincipal, request: Request
) -> HelpRequestRead:
    """Enter the code somebody of the other side shows. With both sides there the time begins; with both sides' stop codes it ends."""
    async with counted_tries(
        runtime_of(request).redis,
        f"diyuan:points:time-codes:{principal.account_id}",
        most=MOST_TRIES,
        lasts=LOCKED_FOR,
        wrong=TimeCodeWrongError,
        locked=TimeCodeLockedError,
    ):
        asked = await usecases.enter_time_code(
            uow=uow,
            principal=principal,
            request_id=request_id,
            phase=payload.phase,
            code=payload.code,
            key=_key(request),
        )
    return HelpRequestRead.of(asked, principal)


@router.post("/{request_id}/confirmations", responses=problems(*MOVE_ERRORS, NotPresentError, AlreadyConfirmedError))
async def confirm_help(request_id: UUID, uow: Uow, principal: CurrentPrincipal) -> HelpRequestRead:
    """Agree to the minutes. When every helper who came and one of the helped have, they are credited."""
    asked = await usecases.confirm_help(uow=uow, principal=principal, request_id=request_id)
    return HelpRequestRead.of(asked, principal)


@router.post("/{request_id}/disputes", responses=problems(*MOVE_ERRORS))
async def dispute_help(request_id: UUID, payload: HelpReason, uow: Uow, principal: CurrentPrincipal) -> HelpRequestRead:
    """Object to the minutes; they stay in escrow until a supervisor settles it."""
    asked = await usecases.dispute_help(uow=uow, principal=principal, request_id=request_id, reason=payload.reason)
    return HelpRequestRead.of(asked, principal)


@router.post("/{request_id}/settlements", responses=problems(*MOVE_ERRORS, OwnHelpError, HelpSettlementInvalidError))
async def settle_help(
    request_id: UUID, payload: HelpSettlement, uow: Uow, principal: CurrentPrincipal
) -> HelpRequestRead:
    """Say how long each helper who came really helped; credited at once. For supervisors of none of the households."""
    asked = await usecases.settle_help(
        uow=uow,
        principal=principal,
        request_id=request_id,
        minutes={found.resident_id: found.minutes for found in payload.helpers},
        reason=payload.reason,
    )
    return HelpRequestRead.of(asked, principal)
