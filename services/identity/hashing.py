"""Password hashing off the event loop.

Source: OWASP Password Storage (argon2id, 19 MiB, two passes); two at a time, so that a hundred sign-ins in one minute take
time and not memory.
"""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = 2
_NOBODY = _HASHER.hash("nobody has this password")


class _Gate:
    """A semaphore per event loop: tests and workers may run several loops in one process."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._semaphore = asyncio.Semaphore(_AT_ONCE)

    def __call__(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._semaphore = loop, asyncio.Semaphore(_AT_ONCE)
        return self._semaphore


_gate = _Gate()


async def hash_password(password: str) -> str:
    """Return the argon2id hash of a normalised password."""
    async with _gate():
        return await asyncio.to_thread(_HASHER.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether a normalised password has this hash.

    Without a hash it takes as long as with one and is false: an unknown user name must not answer faster than a known one.
    """
    async with _gate():
        return await asyncio.to_thread(_matches, password_hash, password)


def _matches(password_hash: str | None, password: str) -> bool:
    try:
        _HASHER.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
