"""Eight digits to say and a QR code to show; both open one voucher once, at its own shop."""

import hashlib
import hmac
from uuid import UUID

from services.points.vouchers.errors import VoucherTokenInvalidError

DIGITS = 8
"""Two more than at the store's counter: a shop gains by guessing, a storekeeper does not."""
SIGNATURE_CHARACTERS = 20


def codes_of(number: int, count: int) -> list[str]:
    """Return `count` codes cut from one large random number, its last digits first."""
    codes = []
    for _ in range(count):
        number, code = divmod(number, 10**DIGITS)
        codes.append(f"{code:0{DIGITS}d}")
    return codes


def sign(key: bytes, voucher_id: UUID, code: str) -> str:
    """Return the text of the QR code: `DV1.<voucher>.<code>.<signature>`."""
    body = f"DV1.{voucher_id.hex}.{code}"
    return f"{body}.{_signature(key, body)}"


def read(key: bytes, token: str) -> tuple[UUID, str]:
    """Return the voucher and the code a QR text stands for.

    Errors: VoucherTokenInvalidError for any text `sign` did not write, a pickup code of the store included.
    """
    body, _, signature = token.strip().rpartition(".")
    is_ours = body.startswith("DV1.") and hmac.compare_digest(_signature(key, body).encode(), signature.encode())
    if not is_ours:
        raise VoucherTokenInvalidError
    _, voucher, code = body.split(".")
    return UUID(voucher), code


def _signature(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()[:SIGNATURE_CHARACTERS]
