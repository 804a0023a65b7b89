"""Whether a page of another site may call the API. Closed unless a site is named in the settings."""

from collections.abc import Iterable
from typing import Final

from gateway.errors import CORS_CLOSED, RefusalError
from gateway.exchange import Exchange
from gateway.headers import RawHeaders

METHODS: Final = b"GET, POST, PUT, DELETE"
REQUEST_HEADERS: Final = (
    b"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id"
)
RESPONSE_HEADERS: Final = b"ETag, Idempotency-Replayed, Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"


class Cors:
    """Answers for the sites that are named; tokens travel in a header, so no cookies are ever allowed across sites."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.rstrip("/").encode() for origin in origins)

    def headers_for(self, origin: bytes) -> RawHeaders:
        """Return what an answer to a page of that site carries."""
        if not self._origins:
            return []
        vary = (b"vary", b"Origin")
        if origin not in self._origins:
            return [vary]
        return [
            vary,
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", RESPONSE_HEADERS),
            (b"cross-origin-resource-policy", b"cross-origin"),
        ]

    async def answer_preflight(self, origin: bytes, exchange: Exchange) -> None:
        """Answer a browser that asks before it calls.

        Errors: RefusalError 403 for a site that is not named.
        """
        if origin not in self._origins:
            raise RefusalError(CORS_CLOSED)
        exchange.extra_headers += [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-max-age", b"600"),
        ]
        await exchange.reply(204, None, b"")
