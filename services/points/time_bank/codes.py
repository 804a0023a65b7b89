"""Short codes each side shows the other at the beginning and at the end, so that neither can invent time alone."""

import hashlib
import hmac
from enum import StrEnum
from uuid import UUID

DIGITS = 6


class Phase(StrEnum):
    """开始, 结束: a code of one is worth nothing at the other."""

    START = "start"
    STOP = "stop"


def code_of(key: bytes, request_id: UUID, resident_id: UUID, phase: Phase) -> str:
    """Return the six digits a person shows in a phase of a request."""
    text = b"time" + request_id.bytes + resident_id.bytes + phase.value.encode()
    number = int.from_bytes(hmac.new(key, text, hashlib.sha256).digest()[:8])
    return f"{number % 10**DIGITS:0{DIGITS}d}"
