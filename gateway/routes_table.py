"""Which address belongs to which service, and what the door asks of a request before it lets it through. Data only."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Auth(StrEnum):
    """Whether a request needs a token. A token that is sent is always verified, whatever the route asks."""

    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the door waits for a service.

    Units/shapes: `first_byte_seconds` until the response starts; `idle_seconds` between two pieces of a body, None = for ever.
    """

    name: str
    first_byte_seconds: float
    idle_seconds: float | None


QUICK: Final = Patience("quick", first_byte_seconds=30, idle_seconds=30)
SLOW: Final = Patience("slow", first_byte_seconds=120, idle_seconds=60)
STREAM: Final = Patience("stream", first_byte_seconds=30, idle_seconds=None)

KIB: Final = 1024
MIB: Final = 1024 * KIB
FORM_OVERHEAD: Final = 64 * KIB
"""What multipart boundaries and field names add to a file."""
JSON_LIMIT: Final = 1 * MIB
PHOTO_LIMIT: Final = 10 * MIB + FORM_OVERHEAD
SHEET_LIMIT: Final = 20 * MIB + FORM_OVERHEAD
PUSH_LIMIT: Final = 64 * KIB


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table. `prefix` matches whole path segments; the longest prefix wins."""

    prefix: str
    service: str
    auth: Auth = Auth.REQUIRED
    body_limit: int = JSON_LIMIT
    patience: Patience = QUICK
    is_sign_in: bool = False
    """Guessing passwords and codes starts here, so the stricter limit per address applies."""


SERVICES: Final = ("identity", "points", "proposals", "property", "media", "notifications")

ROUTES: Final = (
    Route("/.well-known/jwks.json", "identity", Auth.OPTIONAL),
    Route("/api/v1/identity", "identity", Auth.OPTIONAL),
    Route("/api/v1/identity/bindings", "identity", Auth.OPTIONAL, is_sign_in=True),
    Route("/api/v1/identity/oauth", "identity", Auth.OPTIONAL, is_sign_in=True),
    Route("/api/v1/identity/rosters", "identity", Auth.REQUIRED, SHEET_LIMIT, SLOW),
    # Two hundred new accounts are two hundred password hashes.
    Route("/api/v1/identity/staff", "identity", Auth.REQUIRED, patience=SLOW),
    Route("/api/v1/identity/staff_sessions", "identity", Auth.OPTIONAL, is_sign_in=True),
    Route("/api/v1/identity/wechat_sessions", "identity", Auth.OPTIONAL, is_sign_in=True),
    Route("/api/v1/points", "points"),
    # Both read all books of the community before they say anything.
    Route("/api/v1/points/audit", "points", patience=SLOW),
    Route("/api/v1/points/export", "points", patience=SLOW),
    Route("/api/v1/points/claim_sheets", "points", Auth.REQUIRED, SHEET_LIMIT, SLOW),
    # Notices, rulebook, funds and boards hang out for everybody.
    Route("/api/v1/points/public", "points", Auth.OPTIONAL),
    Route("/api/v1/proposals", "proposals"),
    Route("/api/v1/property", "property"),
    Route("/api/v1/media", "media"),
    Route("/api/v1/media/assets", "media", Auth.REQUIRED, PHOTO_LIMIT, SLOW),
    Route("/api/v1/media/files", "media", Auth.OPTIONAL),
    # WeChat proves itself by a signature, not by a token.
    Route("/api/v1/media/wechat_pushes", "media", Auth.OPTIONAL, PUSH_LIMIT),
    Route("/api/v1/notifications", "notifications"),
    Route("/api/v1/notifications/stream", "notifications", patience=STREAM),
)


class RoutesTable:
    """Finds the row of a path: the longest prefix that ends at a segment boundary."""

    def __init__(self, routes: Iterable[Route] = ROUTES) -> None:
        self._routes = {route.prefix: route for route in routes}
        self._depths = sorted({prefix.count("/") for prefix in self._routes}, reverse=True)
        self.services = tuple(dict.fromkeys(route.service for route in self._routes.values()))

    def match(self, path: str) -> Route | None:
        """Return the row that owns the path, or None."""
        segments = path.split("/", self._depths[0] + 1)
        for depth in self._depths:
            if len(segments) > depth:
                route = self._routes.get("/".join(segments[: depth + 1]))
                if route is not None:
                    return route
        return None
