"""The exchange supermarket's shelf over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.histories.domain import span_of
from services.points.histories.errors import DaysReversedError
from services.points.steps.schemas import StepRead
from services.points.store import usecases
from services.points.store.domain import ProductState
from services.points.store.errors import CashWithInstallationError, ProductCodeTakenError, ProductNotFoundError
from services.points.store.schemas import CategoryRead, PriceRead, ProductChange, ProductCreate, ProductRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.etags import IF_MATCH_ERRORS, IfMatch, set_etag
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.clock import local_date
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, FromOn, Page, Paging, ToOn, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/points/products", tags=["爱心超市"], route_class=CommandRoute)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_products(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    category: Annotated[str | None, Query(max_length=100, description="Only this group of goods.")] = None,
    state: Annotated[ProductState | None, Query(description="Only this state; residents see on_sale alone.")] = None,
) -> Page[ProductRead]:
    """List the goods with their stock."""
    rows = await usecases.list_shelves(uow=uow, principal=principal, page=page, category=category, state=state)
    return page_of(rows.map(lambda shelf: ProductRead.of(shelf, local_date(uow.now))), request, response)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, ProductCodeTakenError, CashWithInstallationError
    ),
)
async def create_product(
    payload: ProductCreate, uow: Uow, principal: CurrentPrincipal, response: Response
) -> ProductRead:
    """Enter a product. For storekeepers and administrators."""
    shelf = await usecases.create_product(
        uow=uow, principal=principal, code=payload.code, facts=payload.facts(), reason=payload.reason or ""
    )
    set_etag(response, shelf.product.version)
    response.headers["Location"] = f"{router.prefix}/{shelf.product.id}"
    return ProductRead.of(shelf, local_date(uow.now))


@router.get("/categories", responses=problems(*AUTH_ERRORS))
async def list_categories(uow: Uow, principal: CurrentPrincipal) -> list[CategoryRead]:
    """List the groups of goods; a community has a handful, so there are no pages."""
    rows = await usecases.list_categories(uow=uow, principal=principal)
    return [CategoryRead(name=name, product_count=count) for name, count in rows]


@router.get("/{product_id}", responses=problems(*AUTH_ERRORS, ProductNotFoundError))
async def get_product(product_id: UUID, uow: Uow, principal: CurrentPrincipal, response: Response) -> ProductRead:
    """Return a product with its stock; the ETag is needed to change it."""
    shelf = await usecases.get_shelf(uow=uow, principal=principal, product_id=product_id)
    set_etag(response, shelf.product.version)
    return ProductRead.of(shelf, local_date(uow.now))


@router.put(
    "/{product_id}",
    responses=problems(*AUTH_ERRORS, *IF_MATCH_ERRORS, ForbiddenError, ProductNotFoundError, CashWithInstallationError),
)
async def change_product(
    product_id: UUID,
    payload: ProductChange,
    uow: Uow,
    principal: CurrentPrincipal,
    seen: IfMatch,
    response: Response,
) -> ProductRead:
    """Replace what is said of a product, or withdraw it. Redemptions already made keep their price."""
    shelf = await usecases.change_product(
        uow=uow,
        principal=principal,
        product_id=product_id,
        facts=payload.facts(),
        seen=seen,
        reason=payload.reason or "",
    )
    set_etag(response, shelf.product.version)
    return ProductRead.of(shelf, local_date(uow.now))


@router.get("/{product_id}/actions", responses=problems(*AUTH_ERRORS, ProductNotFoundError))
async def list_product_actions(product_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return whether the caller could put a product on sale, withdraw it or take it back; all by changing its `state`."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, product_id=product_id)
    return ActionList(state=state, actions=[action.value for action in actions])


@router.get(
    "/{product_id}/steps",
    responses=problems(*AUTH_ERRORS, ForbiddenError, ProductNotFoundError, CursorInvalidError),
)
async def list_product_steps(
    product_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who entered, changed, priced, offered and withdrew a product, when and why, oldest first.

    `state` tells what it became: its state, its price, or what else was changed. For storekeepers, administrators and supervisors.
    """
    rows = await usecases.list_product_steps(uow=uow, principal=principal, product_id=product_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.get(
    "/{product_id}/prices",
    responses=problems(*AUTH_ERRORS, ProductNotFoundError, DaysReversedError, CursorInvalidError),
)
async def list_prices(
    product_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    from_on: FromOn = None,
    to_on: ToOn = None,
) -> Page[PriceRead]:
    """List the prices a product got, newest first."""
    span = span_of(from_on, to_on)
    rows = await usecases.list_prices(uow=uow, principal=principal, product_id=product_id, page=page, span=span)
    return page_of(rows.map(PriceRead.model_validate), request, response)
