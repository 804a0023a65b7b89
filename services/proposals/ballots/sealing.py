"""Sealed choices: a ballot is encrypted to the round's public key and opened only after close.

X25519 with a one-time key, HKDF-SHA-256, ChaCha20-Poly1305. Round and ballot go into the key and stand as associated data, so a
sealed choice cannot be moved to another ballot. Keys and one-time secrets are arguments: nothing here is random.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kernel.errors import ConflictError

KEY_BYTES = 32
KEY_LIFETIME = timedelta(seconds=1)
_INFO = b"diyuan.sealed_choice.v2"
_NONCE = b"\x00" * 12
"""Every ballot has a key of its own, used for one message, so a constant nonce is safe."""


class SealBrokenError(ConflictError):
    code = "proposals.seal_broken"
    title = "选票无法启封"
    detail = "有选票无法用本轮密钥启封，选票可能被改动；计票已停止，请联系监督委员会。"


def public_key_of(secret: bytes) -> bytes:
    """Return the public half of a 32-byte secret."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


class SealingKey:
    """A one-time key and what it shares with one round: it seals the ballots of a moment, each under a key derived for it alone."""

    def __init__(self, public_key: bytes, one_time_secret: bytes) -> None:
        one_time = X25519PrivateKey.from_private_bytes(one_time_secret)
        self._shared = one_time.exchange(X25519PublicKey.from_public_bytes(public_key))
        self._sender = one_time.public_key().public_bytes_raw()
        self._receiver = public_key

    def seal(self, choice: bytes, *, bound_to: bytes) -> bytes:
        """Encrypt a choice to the round; the first 32 bytes of the result are the one-time public key."""
        key = _derive(self._shared, self._sender, self._receiver, bound_to)
        return self._sender + ChaCha20Poly1305(key).encrypt(_NONCE, choice, bound_to)


class SealingKeys:
    """The sealing keys in use, none older than `KEY_LIFETIME`: in a rush one key agreement serves many ballots.

    Nothing is given away by that: whoever can read them here can read the keys of the rounds here, too.
    """

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[SealingKey, datetime]] = {}

    def key_of(self, public_key: bytes, *, now: datetime, make_secret: Callable[[], bytes]) -> SealingKey:
        """Return the key that seals to a round now."""
        kept = self._kept.get(public_key)
        if kept is None or now - kept[1] >= KEY_LIFETIME:
            self._kept = {to: one for to, one in self._kept.items() if now - one[1] < KEY_LIFETIME}
            kept = self._kept[public_key] = (SealingKey(public_key, make_secret()), now)
        return kept[0]


def unseal(sealed: bytes, *, secret: bytes, bound_to: bytes) -> bytes:
    """Decrypt a sealed choice.

    Errors: SealBrokenError when a single bit was altered or the key is another round's.
    """
    own = X25519PrivateKey.from_private_bytes(secret)
    sender, body = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(sender))
        key = _derive(shared, sender, own.public_key().public_bytes_raw(), bound_to)
        return ChaCha20Poly1305(key).decrypt(_NONCE, body, bound_to)
    except (InvalidTag, ValueError):
        raise SealBrokenError from None


def pad_choice(choice: bytes, *, size: int) -> bytes:
    """Fill a choice with spaces to one size for the whole round, so that its length does not tell it.

    Errors: ValueError when the choice is longer than the size the round promised.
    """
    if len(choice) > size:
        msg = f"a choice of {len(choice)} bytes does not fit into {size}"
        raise ValueError(msg)
    return choice.ljust(size)


def split_secret(secret: bytes, pad: bytes) -> tuple[bytes, bytes]:
    """Split a secret between two keyholders; neither half tells anything without the other."""
    return pad, bytes(a ^ b for a, b in zip(secret, pad, strict=True))


def join_secret(first: bytes, second: bytes) -> bytes:
    """Put the two halves together again."""
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def _derive(shared: bytes, sender: bytes, receiver: bytes, bound_to: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=sender + receiver, info=_INFO + bound_to).derive(shared)
