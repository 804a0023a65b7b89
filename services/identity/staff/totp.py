"""Time-based one-time passwords, as a function of the moment.

Source: RFC 4226 (HOTP), RFC 6238 (TOTP); the defaults are what every authenticator app supports.
"""

import base64
import hmac
import re
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
WINDOW = 1
"""Steps before and after the present one that are accepted: a phone's clock may be half a minute off."""


def hotp(secret: bytes, counter: int, *, digits: int = DIGITS, algorithm: str = "sha1") -> str:
    """Return the password of a counter.

    Source: RFC 4226 §5.3.
    """
    digest = hmac.new(secret, counter.to_bytes(8, "big"), algorithm).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(at: datetime) -> int:
    """Return the number of the half-minute a moment lies in."""
    return int(at.timestamp()) // STEP_SECONDS


def totp(secret: bytes, at: datetime) -> str:
    """Return the password an authenticator app shows at a moment."""
    return hotp(secret, step_of(at))


def matching_step(secret: bytes, code: str, *, at: datetime, used_step: int) -> int | None:
    """Return the step whose password was given, or None.

    A step at or before `used_step` never matches again, so a password seen over a shoulder is worth nothing.

    Source: RFC 6238 §5.2.
    """
    given = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", given):
        return None
    now = step_of(at)
    for step in range(now - WINDOW, now + WINDOW + 1):
        if step > used_step and hmac.compare_digest(hotp(secret, step), given):
            return step
    return None


def to_base32(secret: bytes) -> str:
    """Write a secret as authenticator apps take it."""
    return base64.b32encode(secret).decode().rstrip("=")


def from_base32(text: str) -> bytes:
    """Read a secret as authenticator apps take it."""
    return base64.b32decode(text + "=" * (-len(text) % 8))


def provisioning_uri(secret: bytes, *, issuer: str, label: str) -> str:
    """Return the address behind the QR code that adds the account to an authenticator app."""
    query = urlencode({"secret": to_base32(secret), "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS})
    return f"otpauth://totp/{quote(issuer)}:{quote(label)}?{query}"
