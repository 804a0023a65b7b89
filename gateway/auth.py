"""Verifies the token of a request, with the same verifier and the same keys as every service."""

from typing import Final

from gateway.asgi import Scope, header
from gateway.errors import UNAUTHENTICATED, Reason, RefusalError
from gateway.routes_table import Auth
from shared.auth import TokenVerifier
from shared.kernel.errors import DomainError, Kind
from shared.kernel.principal import Principal

CHALLENGE: Final = ((b"www-authenticate", b"Bearer"),)
BEARER: Final = b"bearer "
LONGEST_TOKEN: Final = 8192


async def authenticate(scope: Scope, verifier: TokenVerifier, need: Auth) -> Principal | None:
    """Return who calls, or None for a visitor where visitors are welcome.

    A token that is sent is verified even where none is asked for: whoever shows a bad one should hear so.

    Errors: RefusalError 401, or 503 while identity's keys cannot be had.
    """
    offered = header(scope, b"authorization")
    if offered is None or offered[:7].lower() != BEARER:
        # Other schemes (a client's Basic credentials at the token endpoint) are the service's business.
        if need is Auth.REQUIRED:
            raise RefusalError(UNAUTHENTICATED, headers=CHALLENGE)
        return None
    token = offered[7:].strip()
    if not token.isascii() or not 0 < len(token) <= LONGEST_TOKEN:
        raise RefusalError(UNAUTHENTICATED, headers=CHALLENGE)
    try:
        return await verifier.verify(token.decode())
    except DomainError as error:
        if error.kind is Kind.UNAUTHENTICATED:
            raise RefusalError(Reason(401, error.code, error.title, error.message), headers=CHALLENGE) from error
        raise RefusalError(
            Reason(503, error.code, error.title, error.message), headers=((b"retry-after", b"2"),)
        ) from error
