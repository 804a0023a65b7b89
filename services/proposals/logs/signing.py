"""The service's signature under receipts and tree heads: Ed25519, from a secret of the settings."""

from functools import cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_PURPOSE = b"diyuan.proposals.signing.v1\x00"


class Signer:
    """Signs what the service promises; anybody can check it with the public key."""

    def __init__(self, secret: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(sha256(_PURPOSE + secret.encode()).digest())
        self.public_key = self._key.public_key().public_bytes_raw()
        self.key_id = sha256(self.public_key).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        return self._key.sign(message)


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is good."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@cache
def signer_from(secret: str) -> Signer:
    """Return the signer of a secret, made once per process."""
    return Signer(secret)
