"""Six digits to say and a QR code to show; both open one redemption once."""

import hashlib
import hmac
from uuid import UUID

from services.points.redemptions.errors import PickupTokenInvalidError

DIGITS = 6
SIGNATURE_CHARACTERS = 20
"""80 bits: guessing one needs more tries than the rate limit allows in the life of the code."""
MOST_WRONG = 10
"""Wrong codes at the door after which only a new one opens."""


def codes_of(number: int, count: int) -> list[str]:
    """Return `count` codes of six digits cut from one large random number, its last digits first."""
    codes = []
    for _ in range(count):
        number, code = divmod(number, 10**DIGITS)
        codes.append(f"{code:0{DIGITS}d}")
    return codes


def sign(key: bytes, redemption_id: UUID, code: str) -> str:
    """Return the text of the QR code: `DY1.<redemption>.<code>.<signature>`."""
    body = f"DY1.{redemption_id.hex}.{code}"
    return f"{body}.{_signature(key, body)}"


def read(key: bytes, token: str) -> tuple[UUID, str]:
    """Return the redemption and the code a QR text stands for.

    Errors: PickupTokenInvalidError for any text `sign` did not write.
    """
    body, _, signature = token.strip().rpartition(".")
    if not hmac.compare_digest(_signature(key, body).encode(), signature.encode()):
        raise PickupTokenInvalidError
    _, redemption, code = body.split(".")
    return UUID(redemption), code


def wrong_codes_key(redemption_id: UUID) -> str:
    """Return under which name the wrong codes told for a redemption are counted; a new code begins anew."""
    return f"diyuan:points:wrong-codes:{redemption_id}"


def _signature(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()[:SIGNATURE_CHARACTERS]
