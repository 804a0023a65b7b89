"""What an address that the door answers itself looks like."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from gateway.asgi import Receive, Scope
from gateway.exchange import Exchange
from gateway.headers import RawHeaders
from gateway.routes_table import Auth
from shared.kernel.principal import Principal

JSON: Final = b"application/json"
HTML: Final = b"text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, admitted, as an own page sees it."""

    exchange: Exchange
    scope: Scope
    receive: Receive
    principal: Principal | None

    async def reply_json(self, status: int, document: Any, headers: RawHeaders | None = None) -> None:
        """Answer with JSON."""
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        await self.exchange.reply(status, JSON, body, headers)


Page = Callable[[Call], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """An address the door answers itself. `auth` None: neither counted nor verified, for probes."""

    label: str
    page: Page
    methods: tuple[str, ...] = ("GET", "HEAD")
    auth: Auth | None = Auth.OPTIONAL
