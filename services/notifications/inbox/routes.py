"""Routes of the inbox. An inbox has one reader: its account."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.notifications.inbox import usecases
from services.notifications.inbox.domain import Topic
from services.notifications.inbox.errors import ItemNotFoundError
from services.notifications.inbox.schemas import InboxItemRead, ReadAll, UnreadRead
from services.notifications.wakeups import wakeups_of
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/notifications/inbox", tags=["消息"], route_class=CommandRoute)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_inbox(
    *,
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    topic: Annotated[Topic | None, Query(description="Only items about this.")] = None,
    unread: Annotated[bool, Query(description="Only what has not been read.")] = False,
) -> Page[InboxItemRead]:
    """List what the caller was told, newest first."""
    items = await usecases.list_items(uow=uow, principal=principal, page=page, topic=topic, is_unread=unread)
    return page_of(items.map(InboxItemRead.model_validate), request, response)


@router.get("/unread", responses=problems(*AUTH_ERRORS))
async def count_unread(uow: Uow, principal: CurrentPrincipal) -> UnreadRead:
    """Count what the caller has not read."""
    return UnreadRead.model_validate(await usecases.get_unread(uow=uow, principal=principal))


@router.post("/reads", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS))
async def read_all(uow: Uow, principal: CurrentPrincipal, command: ReadAll, request: Request) -> UnreadRead:
    """Mark everything as read, or everything up to what the page has shown; answer what is still unread."""
    unread = await usecases.read_all(uow=uow, principal=principal, up_to=command.up_to)
    wakeups_of(request).after_commit(uow, {principal.account_id})
    return UnreadRead.model_validate(unread)


@router.post("/{item_id}/reads", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ItemNotFoundError))
async def read_item(uow: Uow, principal: CurrentPrincipal, item_id: UUID, request: Request) -> InboxItemRead:
    """Mark one item as read."""
    item = await usecases.read_item(uow=uow, principal=principal, item_id=item_id)
    wakeups_of(request).after_commit(uow, {principal.account_id})
    return InboxItemRead.model_validate(item)
