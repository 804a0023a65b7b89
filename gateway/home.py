"""A resident's home screen in one call: each part is asked of its service at the same time, and a part that fails is marked.

Which parts there are is data; what they mean is the services' business.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from gateway.errors import RefusalError
from gateway.fetch import fetch
from gateway.pages import Call
from gateway.proxy import Carrier

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the screen: the member of the answer, and where it comes from."""

    name: str
    service: str
    path: str
    query: bytes = b""


PARTS: Final = (
    Part("balance", "points", "/api/v1/points/account"),
    Part("votes", "proposals", "/api/v1/proposals/ballots/open", b"limit=5"),
    Part("notices", "proposals", "/api/v1/proposals/notices", b"limit=5"),
    Part("tickets", "property", "/api/v1/property/tickets", b"limit=5"),
    Part("inbox", "notifications", "/api/v1/notifications/inbox/unread"),
)

PASSED_ON: Final = frozenset(
    {
        b"accept-language",
        b"authorization",
        b"host",
        b"traceparent",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-request-id",
    }
)


class Home:
    """`GET /api/v1/home`."""

    def __init__(self, carrier: Carrier, *, part_seconds: float, parts: Sequence[Part] = PARTS) -> None:
        self._carrier = carrier
        self._part_seconds = part_seconds
        self._parts = parts

    async def page(self, call: Call) -> None:
        """Answer every part, each with its own status."""
        headers = [pair for pair in call.scope["headers"] if pair[0] in PASSED_ON]
        answers = await asyncio.gather(*(self._ask(part, headers) for part in self._parts))
        document = {part.name: answer for part, answer in zip(self._parts, answers, strict=True)}
        await call.reply_json(200, document, [(b"cache-control", b"private, no-store")])

    async def _ask(self, part: Part, headers: Sequence[tuple[bytes, bytes]]) -> dict[str, Any]:
        """Return `ok` with the data, `none` with the problem when there is nothing for this person, else `unavailable`."""
        try:
            answer = await fetch(
                self._carrier,
                part.service,
                part.path,
                query=part.query,
                headers=headers,
                within_seconds=self._part_seconds,
            )
            if answer.is_ok:
                return {"status": "ok", "data": answer.json()}
            if answer.status in {403, 404}:
                problem = answer.json()
                return {"status": "none", "code": problem.get("code"), "detail": problem.get("detail")}
        except (RefusalError, ValueError, AttributeError) as error:
            log.warning("home_part_unavailable", part=part.name, error=repr(error))
            return {"status": "unavailable"}
        log.warning("home_part_unavailable", part=part.name, status=answer.status)
        return {"status": "unavailable"}
