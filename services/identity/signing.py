"""The pen of the house: signs access tokens with the key whose hour it is, and publishes the keys that may be trusted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey

from services.identity.keys import usecases
from services.identity.keys.domain import ACCESS_LIFETIME, published_keys, signing_key
from services.identity.keys.errors import NoSigningKeyError
from shared.auth import ALGORITHM, ISSUER, claims_of
from shared.ids import new_id
from shared.kernel.ids import NO_COMMUNITY
from shared.uow import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.identity.keys.repository import StoredKey
    from services.identity.settings import Settings
    from shared.kernel.principal import Principal
    from shared.runtime import Runtime

REREAD_AFTER: Final = timedelta(seconds=60)
"""How long keys are remembered; far shorter than a new key is published before it signs."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and how long it is good."""

    value: str = field(repr=False)
    expires_in_seconds: int


class TokenSigner:
    """Signs for one process. Keys are read once a minute and kept decrypted in memory only."""

    def __init__(self, runtime: Runtime[Settings]) -> None:
        self._runtime = runtime
        self._stored: Sequence[StoredKey] = ()
        self._read_at: datetime | None = None
        self._pens: dict[str, OKPKey] = {}

    async def sign(
        self, principal: Principal, *, session_id: UUID | None = None, lifetime: timedelta = ACCESS_LIFETIME
    ) -> AccessToken:
        """Return an access token that says who the principal is.

        Locks/IO: at most one short read of the keys; never called inside a unit of work.
        """
        now = self._runtime.clock.now()
        key = signing_key([stored.key for stored in await self._keys(now)], now)
        issued_at = int(now.timestamp())
        seconds = int(lifetime.total_seconds())
        claims = claims_of(principal) | {
            "iss": ISSUER,
            "iat": issued_at,
            "exp": issued_at + seconds,
            "jti": new_id().hex,
        }
        if session_id is not None:
            claims["sid"] = str(session_id)
        token = jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, self._pen(key.kid), algorithms=[ALGORITHM])
        return AccessToken(token, seconds)

    async def key_set(self) -> dict[str, Any]:
        """Return the public halves of every key that may be trusted now."""
        now = self._runtime.clock.now()
        stored = {s.key.kid: s for s in await self._keys(now)}
        return {"keys": [stored[key.kid].public_key for key in published_keys([s.key for s in stored.values()], now)]}

    def forget(self) -> None:
        """Read the keys again before the next use."""
        self._read_at = None

    async def _keys(self, now: datetime) -> Sequence[StoredKey]:
        if self._read_at is None or not timedelta() <= now - self._read_at < REREAD_AFTER:
            async with unit_of_work(self._runtime.database, self._runtime.clock, NO_COMMUNITY) as uow:
                stored = await usecases.list_signing_keys(uow=uow)
                try:
                    signing_key([s.key for s in stored], now)
                except NoSigningKeyError:
                    lifetime = self._runtime.settings.signing_key_lifetime
                    await usecases.ensure_signing_key(uow=uow, cipher=self._runtime.cipher, lifetime=lifetime)
                    stored = await usecases.list_signing_keys(uow=uow)
            self._stored, self._read_at = stored, now
        return self._stored

    def _pen(self, kid: str) -> OKPKey:
        if kid not in self._pens:
            (sealed,) = [stored.private_key for stored in self._stored if stored.key.kid == kid]
            private = self._runtime.cipher.decrypt(sealed, usecases.context_of(kid))
            self._pens[kid] = OKPKey.import_key(json.loads(private))
        return self._pens[kid]
