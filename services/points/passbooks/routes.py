"""时间存折 over HTTP: read it, give, donate, grant, exchange."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.budgets.errors import BudgetExhaustedError
from services.points.claim_photos.errors import MinutesNotArrivedError
from services.points.ledger.errors import AccountNotFoundError, HouseholdClosedError
from services.points.passbooks import usecases
from services.points.passbooks.domain import MoveKind, PassbookStatement, read_quarter
from services.points.passbooks.errors import (
    ExchangeClosedError,
    ExchangeLimitError,
    ExchangeUnevenError,
    GiftOutsideFamilyError,
    GiftToSelfError,
    GrantToOwnHouseholdError,
    MemberNotFoundError,
    MinutesShortError,
    PoolDecisionUsedError,
    QuarterInvalidError,
    ResidentNeededError,
)
from services.points.passbooks.schemas import (
    DonationCreate,
    ExchangeCreate,
    GiftCreate,
    GrantCreate,
    IssueCreate,
    IssueRead,
    MoveRead,
    PassbookRead,
    PoolRead,
    StatementRead,
)
from services.points.rulebooks.errors import DecisionNotFoundError, MinutesMissingError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.values import Minutes
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.sheets import SHEET_RESPONSES, SheetFormat, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points/time-bank", tags=["时间存折"], route_class=CommandRoute)

SPEND_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ResidentNeededError, MinutesShortError)
STATEMENT_ERRORS = (*AUTH_ERRORS, ForbiddenError, ResidentNeededError, MemberNotFoundError, QuarterInvalidError)
HEADER: Final = ("时间", "类别", "事由", "分钟", "结余")
KINDS: Final = {
    "time_credit": "服务入账",
    "time_gift": "家人互赠",
    "time_donation": "捐赠",
    "time_grant": "帮扶",
    "time_escrow": "求助预留",
    "time_refund": "预留退回",
    "time_exchange": "兑换积分",
}

WhoseQuery = Annotated[UUID | None, Query(description="Somebody else's, for officials and supervisors.")]
QuarterQuery = Annotated[str | None, Query(max_length=10, description="Such as 2026Q2; by default this quarter.")]


@router.get("/passbook", responses=problems(*AUTH_ERRORS, ResidentNeededError))
async def get_passbook(uow: Uow, principal: CurrentPrincipal) -> PassbookRead:
    """Return the caller's minutes, and the family they can be given to."""
    return PassbookRead.model_validate(await usecases.get_passbook(uow=uow, principal=principal))


@router.post(
    "/gifts",
    status_code=201,
    responses=problems(*SPEND_ERRORS, MemberNotFoundError, GiftToSelfError, GiftOutsideFamilyError),
)
async def give_minutes(payload: GiftCreate, uow: Uow, principal: CurrentPrincipal) -> MoveRead:
    """Give minutes to another member of the household."""
    move = await usecases.give_minutes(
        uow=uow,
        principal=principal,
        to_resident_id=payload.to_resident_id,
        minutes=Minutes(payload.minutes),
        reason=payload.reason,
    )
    return MoveRead.model_validate(move)


@router.post("/donations", status_code=201, responses=problems(*SPEND_ERRORS))
async def donate_minutes(payload: DonationCreate, uow: Uow, principal: CurrentPrincipal) -> MoveRead:
    """Give minutes to the community's pool, from which those who need help and have none are helped."""
    move = await usecases.donate_minutes(
        uow=uow, principal=principal, minutes=Minutes(payload.minutes), reason=payload.reason
    )
    return MoveRead.model_validate(move)


@router.post(
    "/grants",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        MemberNotFoundError,
        GrantToOwnHouseholdError,
        MinutesShortError,
    ),
)
async def grant_minutes(payload: GrantCreate, uow: Uow, principal: CurrentPrincipal) -> MoveRead:
    """Give minutes of the pool to a person in need. For committee members and administrators, not in their own household."""
    move = await usecases.grant_minutes(
        uow=uow,
        principal=principal,
        to_resident_id=payload.to_resident_id,
        minutes=Minutes(payload.minutes),
        reason=payload.reason,
    )
    return MoveRead.model_validate(move)


@router.post(
    "/pool/issues",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        MinutesMissingError,
        MinutesNotArrivedError,
        DecisionNotFoundError,
        PoolDecisionUsedError,
    ),
)
async def issue_minutes(payload: IssueCreate, uow: Uow, principal: CurrentPrincipal) -> IssueRead:
    """Put minutes into the pool in the community's name. For committee members and administrators.

    Name the proposal whose decision was published, or attach the minutes of the meeting; either allows one issue.
    """
    move = await usecases.issue_minutes(
        uow=uow,
        principal=principal,
        minutes=Minutes(payload.minutes),
        reason=payload.reason,
        decision_id=payload.decision_id,
        minutes_asset_id=payload.minutes_asset_id,
    )
    return IssueRead.model_validate(move)


@router.get("/pool/issues", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_pool_issues(
    uow: Uow, _principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[IssueRead]:
    """List what the community put into its pool and by which decision, newest first. For everybody who lives here."""
    rows = await usecases.list_issues(uow=uow, page=page)
    return page_of(rows.map(IssueRead.model_validate), request, response)


@router.get("/pool", responses=problems(*AUTH_ERRORS))
async def get_pool(uow: Uow, _principal: CurrentPrincipal) -> PoolRead:
    """Return what is in the community's pool."""
    return PoolRead(minutes=await usecases.get_pool(uow=uow))


@router.post(
    "/exchanges",
    status_code=201,
    responses=problems(
        *SPEND_ERRORS,
        AccountNotFoundError,
        HouseholdClosedError,
        ExchangeClosedError,
        ExchangeUnevenError,
        ExchangeLimitError,
        BudgetExhaustedError,
    ),
)
async def exchange_minutes(payload: ExchangeCreate, uow: Uow, principal: CurrentPrincipal) -> MoveRead:
    """Turn minutes into spendable points of the household, where the community allows it."""
    move = await usecases.exchange_minutes(uow=uow, principal=principal, minutes=Minutes(payload.minutes))
    return MoveRead.model_validate(move)


@router.get("/moves", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_time_moves(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    kind: Annotated[MoveKind | None, Query(description="Only this kind.")] = None,
) -> Page[MoveRead]:
    """List gifts, donations, grants, issues and exchanges, newest first. For officials and supervisors."""
    rows = await usecases.list_moves(uow=uow, principal=principal, page=page, kind=kind)
    return page_of(rows.map(MoveRead.model_validate), request, response)


async def _statement(
    uow: Uow, principal: CurrentPrincipal, resident_id: UUID | None, quarter: str | None
) -> PassbookStatement:
    wanted = None if quarter is None else read_quarter(quarter)
    return await usecases.get_statement(uow=uow, principal=principal, resident_id=resident_id, quarter=wanted)


@router.get("/statement", responses=problems(*STATEMENT_ERRORS))
async def get_time_statement(
    uow: Uow, principal: CurrentPrincipal, resident_id: WhoseQuery = None, quarter: QuarterQuery = None
) -> StatementRead:
    """Return a quarter of a passbook: what was there, every line, what is left."""
    return StatementRead.of(await _statement(uow, principal, resident_id, quarter))


@router.get("/statement/export", response_class=Response, responses=SHEET_RESPONSES | problems(*STATEMENT_ERRORS))
async def export_time_statement(
    uow: Uow,
    principal: CurrentPrincipal,
    resident_id: WhoseQuery = None,
    quarter: QuarterQuery = None,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download a quarter of a passbook."""
    statement = await _statement(uow, principal, resident_id, quarter)
    rows = [
        (line.created_at, KINDS.get(line.kind, line.kind), line.summary, line.minutes, line.balance_after)
        for line in statement.lines
    ]
    first = ("", "期初", "", "", statement.opening)
    last = ("", "期末", "", statement.earned - statement.spent, statement.closing)
    return await sheet_response(file_format, f"时间存折-{statement.quarter}", HEADER, [first, *rows, last])
