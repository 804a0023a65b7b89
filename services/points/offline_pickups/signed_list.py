"""What a device needs to check six digits without network, without a list of codes lying open on it."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from uuid import UUID


def digest_of(salt: bytes, redemption_id: UUID, code: str) -> str:
    """Return what a device compares: SHA-256 of the list's salt, the redemption and the code it was told.

    It keeps codes from eyes, not from a determined machine; the upload brings the code itself, and the storekeeper's name stands under it.
    """
    return hashlib.sha256(salt + redemption_id.bytes + code.encode()).hexdigest()


def sign(key: bytes, list_id: UUID, device: str, items: Sequence[tuple[UUID, str]]) -> str:
    """Return the signature over a list; `items` are redemptions with their digests."""
    body = json.dumps([str(list_id), device, [[str(one), digest] for one, digest in items]], ensure_ascii=False)
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()


def sign_ticket(key: bytes, list_id: UUID, device: str) -> str:
    """Return what a device shows when it uploads: it can only have it from a list it was given."""
    return hmac.new(key, f"DYL1.{list_id.hex}.{device}".encode(), hashlib.sha256).hexdigest()


def is_ticket(key: bytes, list_id: UUID, device: str, ticket: str) -> bool:
    """Tell whether this is the ticket of the list."""
    return hmac.compare_digest(sign_ticket(key, list_id, device).encode(), ticket.encode())
