"""WeChat's message push: who really sent it, and what it says.

The handshake and plain messages are signed with sha1 over the sorted token, time stamp and nonce; in safe mode the body is
AES-CBC and a second signature covers the cipher text. Pure functions: randomness is an argument.

Source: developers.weixin.qq.com, "消息推送".
"""

import base64
import binascii
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from shared.kernel.errors import ForbiddenError

_BLOCK = 32
_PREFIX = 16


class WechatPushError(ForbiddenError):
    """A push that WeChat did not send: wrong signature, wrong app or unreadable cipher text."""

    code = "wechat.push_forged"
    title = "消息来源不对"
    detail = "这条推送不是微信发来的，已拒绝。"


def sign(*parts: str) -> str:
    """Return the signature WeChat makes of token, time stamp, nonce (and the cipher text in safe mode)."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def require_signature(signature: str, *parts: str) -> None:
    """Pass when the signature fits, compared in constant time.

    Errors: WechatPushError.
    """
    if not hmac.compare_digest(sign(*parts).encode(), signature.encode()):
        raise WechatPushError


def encrypt(plain: bytes, *, aes_key: str, app_id: str, prefix: bytes) -> str:
    """Encrypt a message in safe mode.

    Units/shapes: `aes_key` is the 43-character EncodingAESKey, `prefix` 16 random bytes.
    """
    body = prefix + struct.pack(">I", len(plain)) + plain + app_id.encode()
    pad = _BLOCK - len(body) % _BLOCK
    encryptor = _cipher(aes_key).encryptor()
    sealed = encryptor.update(body + bytes([pad]) * pad) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(sealed: str, *, aes_key: str, app_id: str) -> bytes:
    """Read a message of safe mode and check that it was meant for this app.

    Errors: WechatPushError for anything that is not exactly what WeChat would send.
    """
    try:
        raw = base64.b64decode(sealed, validate=True)
        decryptor = _cipher(aes_key).decryptor()
        body = decryptor.update(raw) + decryptor.finalize()
    except (binascii.Error, ValueError) as error:
        raise WechatPushError from error
    if not body or not 1 <= body[-1] <= _BLOCK or len(body) < _PREFIX + 4 + body[-1]:
        raise WechatPushError
    body = body[: -body[-1]]
    (length,) = struct.unpack(">I", body[_PREFIX : _PREFIX + 4])
    start = _PREFIX + 4
    plain, owner = body[start : start + length], body[start + length :]
    if len(plain) != length or owner != app_id.encode():
        raise WechatPushError
    return plain


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    # WeChat's protocol fixes the first block of the key as the initial vector.
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
