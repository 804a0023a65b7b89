"""Which key signs and which keys are published, at any moment.

A new key is published before it signs, so that whoever keeps a copy of the key set has met it by then; an old key stays
published until the last token it signed has run out. A key that leaked is withdrawn at once, and its tokens with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from services.identity.keys.errors import NoSigningKeyError

ACCESS_LIFETIME = timedelta(minutes=15)
"""How long an access token is good: short, because a service believes it without asking again."""
PUBLISHED_BEFORE = timedelta(minutes=10)
"""Longer than anyone may keep a copy of the key set."""
PUBLISHED_AFTER = ACCESS_LIFETIME + timedelta(minutes=1)
KEY_SET_MAX_AGE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key's place in time; the key itself lies elsewhere, encrypted."""

    kid: str
    signs_from: datetime
    withdrawn_at: datetime | None = None


def signing_key(keys: Sequence[SigningKey], now: datetime) -> SigningKey:
    """Return the key that signs at this moment: the newest one whose time has come.

    Errors: NoSigningKeyError.
    """
    ready = [key for key in keys if key.withdrawn_at is None and key.signs_from <= now]
    if not ready:
        raise NoSigningKeyError
    return max(ready, key=lambda key: (key.signs_from, key.kid))


def published_keys(keys: Sequence[SigningKey], now: datetime) -> list[SigningKey]:
    """Return the keys that may be trusted at this moment: the next one, the present one, and those whose tokens still live."""
    usable = sorted((key for key in keys if key.withdrawn_at is None), key=lambda key: (key.signs_from, key.kid))
    return [
        key
        for key, successor in zip_longest(usable, usable[1:])
        if successor is None or now < successor.signs_from + PUBLISHED_AFTER
    ]


def next_key(keys: Sequence[SigningKey], *, kid: str, now: datetime) -> SigningKey:
    """Return the key that takes over; the very first one signs at once, because nobody could be surprised by it."""
    has_present = any(key.withdrawn_at is None and key.signs_from <= now for key in keys)
    return SigningKey(kid=kid, signs_from=now + PUBLISHED_BEFORE if has_present else now)


def withdraw(key: SigningKey, *, now: datetime) -> SigningKey:
    """Take a key out of use and out of sight, for one that may have leaked."""
    return key if key.withdrawn_at is not None else replace(key, withdrawn_at=now)
