"""What anybody may read without signing in. The community stands in the address, and row-level security keeps to it.

Every answer carries a strong ETag and may be kept by caches for a minute; the door counts requests by address.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from services.points.adoptions.domain import AssetKind
from services.points.communities import usecases as communities
from services.points.funds import usecases as funds
from services.points.funds.schemas import FundRead
from services.points.notices import usecases as notices
from services.points.notices.errors import StatementNotFoundError
from services.points.notices.notice_page import CONTENT_SECURITY_POLICY, render
from services.points.notices.schemas import NoticeRead
from services.points.periods.errors import PeriodNotFoundError, PeriodNotPublishedError
from services.points.public import usecases
from services.points.public.domain import etag_of, is_known
from services.points.public.errors import PublicPageClosedError, PublicPageNotFoundError
from services.points.public.schemas import (
    PublicAdoptionRead,
    PublicAwardRead,
    PublicBoardEntryRead,
    PublicBoards,
    PublicCommunityRead,
    PublicFunds,
    PublicPeriodRead,
    PublicPlaceRead,
    PublicSealRead,
    PublicTotalRead,
)
from services.points.rulebooks import usecases as rulebooks
from services.points.rulebooks.errors import RulebookNotFoundError
from services.points.rulebooks.schemas import RulebookRead
from services.points.seals import usecases as seals
from services.points.seals.errors import NoSealYetError
from services.points.statements.domain import Level
from shared.auth import runtime_of
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.uow import UnitOfWork, unit_of_work

router = APIRouter(prefix="/api/v1/points/public/{community_id}", tags=["公开页面"])

CACHE: Final = "public, max-age=60"
PERIOD_ERRORS = (PublicPageNotFoundError, PeriodNotFoundError, StatementNotFoundError)
UNCHANGED: Final[dict[int | str, dict[str, str]]] = {304: {"description": "The reader has this version."}}

GridQuery = Annotated[UUID | None, Query(description="Only this grid.")]


async def visitors_work(community_id: UUID, request: Request) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work for a visitor: it sees the community of the address and no other.

    A round that does not hang out yet is not there for a visitor: 404, like any id of nobody.
    """
    runtime = runtime_of(request)
    async with unit_of_work(runtime.database, runtime.clock, community_id) as uow:
        await usecases.require_community(uow=uow)
        try:
            yield uow
        except PeriodNotPublishedError:
            raise PeriodNotFoundError from None


VisitorsUow = Annotated[UnitOfWork, Depends(visitors_work, scope="function")]


def _answer(request: Request, body: bytes, media_type: str, headers: dict[str, str]) -> Response:
    etag = etag_of(body)
    headers = headers | {"ETag": etag, "Cache-Control": CACHE}
    if is_known(etag, request.headers.get("If-None-Match")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _json(request: Request, body: BaseModel, response: Response | None = None) -> Response:
    link = {} if response is None or "Link" not in response.headers else {"Link": response.headers["Link"]}
    return _answer(request, body.model_dump_json().encode(), "application/json", link)


@router.get("", response_model=PublicCommunityRead, responses=problems(PublicPageNotFoundError) | UNCHANGED)
async def get_public_community(community_id: UUID, uow: VisitorsUow, request: Request) -> Response:
    """Return what the community is called, to stand on top of its pages."""
    name = await communities.name_of(uow=uow)
    return _json(request, PublicCommunityRead(id=community_id, name=name))


@router.get(
    "/periods",
    response_model=Page[PublicPeriodRead],
    responses=problems(PublicPageNotFoundError, CursorInvalidError) | UNCHANGED,
)
async def list_public_periods(
    community_id: UUID, uow: VisitorsUow, page: Paging, request: Request, response: Response
) -> Response:
    """List the rounds whose totals hang out or are sealed, newest first."""
    rows = await usecases.list_periods(uow=uow, page=page)
    return _json(request, page_of(rows.map(PublicPeriodRead.model_validate), request, response), response)


@router.get("/periods/{period_id}", response_model=NoticeRead, responses=problems(*PERIOD_ERRORS) | UNCHANGED)
async def get_public_notice(
    community_id: UUID, period_id: UUID, uow: VisitorsUow, request: Request, grid_id: GridQuery = None
) -> Response:
    """Return the notice of a round: terms, totals grid by grid, and the hashes that freeze them."""
    url = runtime_of(request).settings.public_url
    notice = await notices.get_notice(
        uow=uow, period_id=period_id, grid_id=grid_id, public_url=url, with_households=False
    )
    return _json(request, NoticeRead.of(notice))


@router.get("/periods/{period_id}/page", response_class=HTMLResponse, responses=problems(*PERIOD_ERRORS) | UNCHANGED)
async def show_public_notice(
    community_id: UUID, period_id: UUID, uow: VisitorsUow, request: Request, grid_id: GridQuery = None
) -> Response:
    """Return the notice of a round as a page: where the QR code of the printed one leads."""
    url = runtime_of(request).settings.public_url
    notice = await notices.get_notice(
        uow=uow, period_id=period_id, grid_id=grid_id, public_url=url, with_households=True
    )
    page = await asyncio.to_thread(render, notice)
    return _answer(
        request, page.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    )


@router.get(
    "/periods/{period_id}/statements",
    response_model=Page[PublicTotalRead],
    responses=problems(*PERIOD_ERRORS, CursorInvalidError) | UNCHANGED,
)
async def list_public_statements(
    community_id: UUID,
    period_id: UUID,
    uow: VisitorsUow,
    page: Paging,
    request: Request,
    response: Response,
    level: Annotated[Level, Query(description="household, building, grid or community.")] = Level.HOUSEHOLD,
    grid_id: GridQuery = None,
) -> Response:
    """List a round's totals by label; households that want to stay unnamed are left out."""
    rows = await notices.list_statements(
        uow=uow, principal=None, period_id=period_id, page=page, level=level, grid_id=grid_id
    )
    return _json(request, page_of(rows.map(PublicTotalRead.of), request, response), response)


@router.get(
    "/rulebook",
    response_model=RulebookRead,
    responses=problems(PublicPageNotFoundError, RulebookNotFoundError) | UNCHANGED,
)
async def get_public_rulebook(community_id: UUID, uow: VisitorsUow, request: Request) -> Response:
    """Return the list of what earns and costs points that is in force today."""
    return _json(request, RulebookRead.of(await rulebooks.get_rulebook_in_force(uow=uow)))


@router.get("/funds", response_model=PublicFunds, responses=problems(PublicPageNotFoundError) | UNCHANGED)
async def list_public_funds(community_id: UUID, uow: VisitorsUow, request: Request) -> Response:
    """List the funds behind the store with what came in, went out and is left."""
    found = await funds.public_funds(uow=uow)
    return _json(request, PublicFunds(items=[FundRead.model_validate(fund) for fund in found]))


@router.get(
    "/seal",
    response_model=PublicSealRead,
    responses=problems(PublicPageNotFoundError, NoSealYetError) | UNCHANGED,
)
async def get_public_seal(community_id: UUID, uow: VisitorsUow, request: Request) -> Response:
    """Return the last seal of the community's books, to compare with the one printed on a notice."""
    seal = await seals.latest_seal(uow=uow)
    if seal is None:
        raise NoSealYetError
    body = PublicSealRead(
        community_name=await communities.name_of(uow=uow),
        number=seal.number,
        code=seal.code,
        root=seal.root.hex(),
        hash=seal.hash.hex(),
        made_at=seal.made_at,
    )
    return _json(request, body)


@router.get("/boards", response_model=PublicBoards, responses=problems(PublicPageNotFoundError) | UNCHANGED)
async def list_public_boards(community_id: UUID, uow: VisitorsUow, request: Request) -> Response:
    """List what hangs on the boards; who needs help is shown only where the community decided so."""
    hanging = await usecases.list_board(uow=uow)
    return _json(request, PublicBoards(items=[PublicBoardEntryRead.of(*row) for row in hanging]))


@router.get(
    "/rankings",
    response_model=Page[PublicPlaceRead],
    responses=problems(*PERIOD_ERRORS, PublicPageClosedError, CursorInvalidError) | UNCHANGED,
)
async def list_public_ranking(
    community_id: UUID,
    uow: VisitorsUow,
    page: Paging,
    request: Request,
    response: Response,
    level: Annotated[
        Literal["household", "building", "grid"], Query(description="Households, buildings or grids.")
    ] = "household",
    period_id: Annotated[UUID | None, Query(description="One published period; over all without it.")] = None,
) -> Response:
    """List households, buildings or grids by standing, best first, where the community publishes it."""
    rows, made_at = await usecases.list_ranking(uow=uow, page=page, level=Level(level), period_id=period_id)
    places = rows.map(lambda place: PublicPlaceRead.of(place, made_at))
    return _json(request, page_of(places, request, response), response)


@router.get(
    "/adoptions",
    response_model=Page[PublicAdoptionRead],
    responses=problems(PublicPageNotFoundError, CursorInvalidError) | UNCHANGED,
)
async def list_public_adoptions(
    community_id: UUID,
    uow: VisitorsUow,
    page: Paging,
    request: Request,
    response: Response,
    kind: Annotated[AssetKind | None, Query(description="Only this kind.")] = None,
    is_free: Annotated[bool | None, Query(description="Only what nobody has, or only what somebody has.")] = None,
) -> Response:
    """List the trees, benches, stairwells and plots in the neighbours' care or waiting for it, with their place on the map."""
    rows = await usecases.list_adoptions(uow=uow, page=page, kind=kind, is_free=is_free)
    things = rows.map(lambda row: PublicAdoptionRead.of(*row))
    return _json(request, page_of(things, request, response), response)


@router.get(
    "/awards",
    response_model=Page[PublicAwardRead],
    responses=problems(PublicPageNotFoundError, CursorInvalidError) | UNCHANGED,
)
async def list_public_awards(
    community_id: UUID, uow: VisitorsUow, page: Paging, request: Request, response: Response
) -> Response:
    """List the awards that hang out or were granted, newest first."""
    rows = (await usecases.list_awards(uow=uow, page=page)).map(lambda row: PublicAwardRead.of(*row))
    return _json(request, page_of(rows, request, response), response)
