"""Personal fields: encrypted at rest, found by a blind index, shown masked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from shared.settings import ServiceSettings

NONCE_BYTES: Final = 12


class CipherError(Exception):
    """A stored field cannot be read: its key is gone, or somebody changed it or moved it to another row."""


class FieldCipher:
    """AES-256-GCM over single fields and HMAC-SHA256 blind indexes over normalised values.

    `keys` maps key ids to 32-byte keys; the last one encrypts, all of them decrypt. `context` binds a ciphertext to its row and
    column, so that it cannot be moved to another person.
    """

    def __init__(self, keys: Mapping[str, bytes], index_key: bytes) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(reversed(self._ciphers))
        self._index_key = index_key

    @classmethod
    def from_settings(cls, settings: ServiceSettings) -> FieldCipher:
        """Build it from a service's settings."""
        return cls(
            {key_id: base64.b64decode(key.get_secret_value()) for key_id, key in settings.field_keys.items()},
            base64.b64decode(settings.index_key.get_secret_value()),
        )

    def encrypt(self, plain: str, context: str) -> str:
        """Return `key id:base64(nonce + ciphertext)`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, plain.encode(), context.encode())
        return f"{self._current}:{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, sealed: str, context: str) -> str:
        """Return the plain text.

        Errors: CipherError.
        """
        key_id, _, encoded = sealed.partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
            return self._ciphers[key_id].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
        except (KeyError, ValueError, InvalidTag) as error:
            raise CipherError from error

    def blind_index(self, value: str, purpose: str) -> bytes:
        """Return the 32-byte index under which a value is found without being readable."""
        return hmac.new(self._index_key, f"{purpose}\0{value.strip().upper()}".encode(), hashlib.sha256).digest()


def mask_phone(phone: str) -> str:
    """`13812341234` → `138****1234`."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def mask_identity_number(number: str) -> str:
    """Keep the first three and the last two characters: `420***********12`."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}" if len(number) > 5 else "****"


def mask_name(name: str) -> str:
    """Keep the surname: `王小明` → `王**`, `王明` → `王*`."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""
