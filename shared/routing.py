"""Finds a request's route among the few of its slice instead of among the hundreds of its service.

Routes are tried one by one, each with a regular expression. All paths of a service begin alike (`/api/v1/<service>/<slice>`), so the
fourth part tells which of them can match at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from fastapi.routing import APIRoute

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PLACE: Final = 4
"""Which part of the path tells the slice: `/api/v1/points/claims` splits into '', 'api', 'v1', 'points', 'claims'."""


class RouteIndex:
    """An ASGI app that hands each request to a router of the routes it can match, in their own order.

    `router` is complete when the index is made; what the index does not know goes to it.
    """

    def __init__(self, router: APIRouter) -> None:
        self._all = router
        parts = {_part(route.path) for route in router.routes if isinstance(route, APIRoute)}
        self._by_part = {
            part: APIRouter(
                routes=[route for route in router.routes if _can_match(route, part)],
                redirect_slashes=router.redirect_slashes,
                default=router.default,
            )
            for part in parts
            if part and not part.startswith("{")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or the server's start and stop."""
        router = self._by_part.get(_part(scope["path"])) if scope["type"] == "http" else None
        await (router or self._all).app(scope, receive, send)


def _part(path: str) -> str:
    parts = path.split("/", PLACE + 1)
    return parts[PLACE] if len(parts) > PLACE else ""


def _can_match(route: object, part: str) -> bool:
    return not isinstance(route, APIRoute) or _part(route.path) == part or _part(route.path).startswith("{")
