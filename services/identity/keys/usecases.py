"""Making, replacing and withdrawing the keys that sign access tokens. Every unit of work here stands in NO_COMMUNITY."""

import json
from collections.abc import Sequence
from datetime import timedelta

from joserfc.jwk import OKPKey

from services.identity.keys import repository
from services.identity.keys.domain import SigningKey, next_key, signing_key, withdraw
from services.identity.keys.errors import KeyNotFoundError, NoSigningKeyError
from services.identity.keys.repository import StoredKey
from shared.crypto import FieldCipher
from shared.uow import UnitOfWork


async def list_signing_keys(*, uow: UnitOfWork) -> Sequence[StoredKey]:
    """Return every key, oldest first."""
    return await repository.list_keys(uow.session)


async def rotate_signing_key(*, uow: UnitOfWork, cipher: FieldCipher) -> SigningKey:
    """Make a new key that takes over once everybody has met it.

    Locks/IO: one rotation at a time.
    """
    await repository.lock_keys(uow.session)
    return await _add_key(uow, cipher, [stored.key for stored in await repository.list_keys(uow.session)])


async def ensure_signing_key(*, uow: UnitOfWork, cipher: FieldCipher, lifetime: timedelta) -> SigningKey:
    """Make a key when there is none that signs, or when the present one is older than `lifetime` and has no successor.

    Locks/IO: one decision at a time.
    Idempotency: does nothing while the present key is young.
    """
    await repository.lock_keys(uow.session)
    keys = [stored.key for stored in await repository.list_keys(uow.session)]
    try:
        present = signing_key(keys, uow.now)
    except NoSigningKeyError:
        return await _add_key(uow, cipher, keys)
    has_successor = any(key.withdrawn_at is None and key.signs_from > uow.now for key in keys)
    if uow.now - present.signs_from < lifetime or has_successor:
        return present
    return await _add_key(uow, cipher, keys)


async def withdraw_signing_key(*, uow: UnitOfWork, cipher: FieldCipher, kid: str) -> SigningKey:
    """Take a key that may have leaked out of use at once, and put a fresh one in its place.

    Errors: KeyNotFoundError.
    """
    await repository.lock_keys(uow.session)
    keys = {stored.key.kid: stored.key for stored in await repository.list_keys(uow.session)}
    if kid not in keys:
        raise KeyNotFoundError
    keys[kid] = withdraw(keys[kid], now=uow.now)
    await repository.save_key(uow.session, keys[kid])
    try:
        return signing_key(list(keys.values()), uow.now)
    except NoSigningKeyError:
        return await _add_key(uow, cipher, list(keys.values()))


async def _add_key(uow: UnitOfWork, cipher: FieldCipher, keys: Sequence[SigningKey]) -> SigningKey:
    kid = uow.new_id().hex
    pair = OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})
    key = next_key(keys, kid=kid, now=uow.now)
    private = cipher.encrypt(json.dumps(pair.as_dict(private=True)), context_of(kid))
    await repository.add_key(uow.session, StoredKey(key, private, dict(pair.as_dict(private=False))), uow.now)
    return key


def context_of(kid: str) -> str:
    """Return what binds a private key's cipher text to its row."""
    return f"identity.signing_key:{kid}"
