"""The service's signature under receipts and tree heads: Ed25519, from a secret of the settings.

Every ballot waits for one, so libsodium makes them: it takes two thirds of OpenSSL's time.
"""

from functools import cache
from hashlib import sha256

from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_seed_keypair

_PURPOSE = b"diyuan.proposals.signing.v1\x00"


class Signer:
    """Signs what the service promises; anybody can check it with the public key."""

    def __init__(self, secret: str) -> None:
        self.public_key, self._key = crypto_sign_seed_keypair(sha256(_PURPOSE + secret.encode()).digest())
        self.key_id = sha256(self.public_key).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        return crypto_sign(message, self._key)[:crypto_sign_BYTES]


@cache
def signer_from(secret: str) -> Signer:
    """Return the signer of a secret, made once per process."""
    return Signer(secret)
