"""Carries a request to a service and its answer back, both ways as a stream.

Two carriers with one shape: `InProcess` calls the service's ASGI application, `Remote` (its own file)
speaks HTTP to one of its replicas.
Whoever calls them bounds the body and the time; they raise RefusalError(UNREACHABLE) while nothing of the answer was sent,
and CutError when an answer that began cannot be finished.
"""

from collections.abc import Mapping
from typing import Protocol

import structlog

from gateway.asgi import AsgiApp, Receive, Scope, Send
from gateway.errors import UNREACHABLE, RefusalError
from gateway.lifespan import Lifespan

log = structlog.get_logger(__name__)


class CutError(Exception):
    """The answer began and cannot be finished; the connection to the client must break so that it notices."""


class Carrier(Protocol):
    """Brings requests to services."""

    async def start(self) -> None:
        """Open what carrying needs."""

    async def stop(self) -> None:
        """Close it again."""

    async def carry(self, service: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on and its answer back.

        An answer may stay incomplete; whoever called sees that by what was sent.

        Errors: RefusalError before the answer began, CutError after.
        """


class InProcess:
    """The services live in this process."""

    def __init__(self, apps: Mapping[str, AsgiApp]) -> None:
        self._apps = dict(apps)
        # An application that answers for two services starts once.
        lives: dict[int, Lifespan] = {}
        self._lifespans = {
            service: lives.setdefault(id(app), Lifespan(service, app)) for service, app in self._apps.items()
        }
        self._lives = tuple(lives.values())

    async def start(self) -> None:
        """Start every service, in the order given; those that started are stopped again when one fails."""
        started: list[Lifespan] = []
        try:
            for lifespan in self._lives:
                await lifespan.start()
                started.append(lifespan)
        except BaseException:
            for lifespan in reversed(started):
                await lifespan.stop()
            raise

    async def stop(self) -> None:
        """Stop every service, last started first."""
        for lifespan in reversed(self._lives):
            await lifespan.stop()

    async def carry(self, service: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the service's application."""
        app = self._apps.get(service)
        if app is None:
            raise RefusalError(UNREACHABLE, service=service)
        scope["state"] = self._lifespans[service].state.copy()
        try:
            await app(scope, receive, send)
        except RefusalError:
            raise
        except Exception:
            # The application has answered with its own problem, if it could; Starlette raises again for the server's log.
            log.exception("service_failed", service=service, path=scope["path"])
