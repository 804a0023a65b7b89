"""The live stream of an account: what its inbox gets while a page is open (server-sent events)."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import StreamingResponse

from services.notifications.live import LiveStream
from services.notifications.streams.errors import StreamsFullError, TooManyStreamsError
from services.notifications.streams.resume import parse_last_event_id
from services.notifications.wakeups import Seat, hub_of
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/notifications", tags=["消息"])

EVENT_STREAM = "text/event-stream"
ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `inbox_item` (data: an inbox item; id: its sequence) and `unread` (data: the counts).",
        "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
    }
}


async def open_stream(request: Request, principal: CurrentPrincipal) -> AsyncIterator[Seat]:
    """Keep a place in the hub until the answer has ended, however it ends."""
    async with hub_of(request).stream(principal.community_id, principal.account_id) as seat:
        yield seat


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses=ANSWER | problems(*AUTH_ERRORS, TooManyStreamsError, StreamsFullError),
)
async def follow_inbox(
    request: Request,
    principal: CurrentPrincipal,
    seat: Annotated[Seat, Depends(open_stream)],
    last_event_id: Annotated[
        str | None, Header(description="Id of the last event seen; what came after it is told first.")
    ] = None,
) -> StreamingResponse:
    """Follow the caller's inbox live (server-sent events).

    Without `Last-Event-ID` the stream begins with what is told from now on; the list shows what was before. It ends after a quarter of
    an hour: come back with a fresh token and the last id. Comments keep the connection alive.
    """
    stream = LiveStream(runtime_of(request), principal, seat, parse_last_event_id(last_event_id))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream.run(), headers=headers, media_type=EVENT_STREAM)
