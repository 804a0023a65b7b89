"""Verifies the token of a request, with the same verifier and the same keys as every service."""

from typing import Final

from gateway.errors import UNAUTHENTICATED, Reason, RefusalError
from shared.auth import TokenVerifier
from shared.kernel.errors import DomainError, Kind
from shared.kernel.principal import Principal

CHALLENGE: Final = ((b"www-authenticate", b"Bearer"),)
TRY_AGAIN: Final = ((b"retry-after", b"2"),)
BEARER: Final = b"bearer"
LONGEST_TOKEN: Final = 8192


def bearer_token(authorization: bytes | None) -> str | None:
    """Return the token of an Authorization header; None without one, or with another scheme, which is the service's business.

    Errors: RefusalError 401 for what cannot be a token.
    """
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != BEARER:
        return None
    token = token.strip()
    if not token.isascii() or not 0 < len(token) <= LONGEST_TOKEN:
        raise RefusalError(UNAUTHENTICATED, headers=CHALLENGE)
    return token.decode()


async def verify(token: str, verifier: TokenVerifier) -> Principal:
    """Return who the token speaks for.

    Errors: RefusalError 401, or 503 while identity's keys cannot be had.
    """
    try:
        return await verifier.verify(token)
    except DomainError as error:
        if error.kind is Kind.UNAUTHENTICATED:
            raise RefusalError(Reason(401, error.code, error.title, error.message), headers=CHALLENGE) from error
        raise RefusalError(Reason(503, error.code, error.title, error.message), headers=TRY_AGAIN) from error
