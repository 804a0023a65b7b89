"""The hash chain of a ticket's log: every line seals the one before it, so a later edit of any line shows."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from uuid import UUID

from services.property.tickets.domain import TicketEvent

GENESIS = bytes(32)
"""What the first line of a ticket follows."""


def seal(ticket_id: UUID, event: TicketEvent, previous: bytes) -> bytes:
    """Return the 32-byte SHA-256 of a line and of the seal before it.

    Moments are sealed to the microsecond, as PostgreSQL keeps them; keys are sorted, so that order in storage does not matter.
    """
    line = json.dumps(
        {
            "ticket_id": str(ticket_id),
            "seq": event.seq,
            "action": event.action.value,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": event.actor.value,
            "account_id": None if event.account_id is None else str(event.account_id),
            "facts": dict(event.facts),
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(previous + line.encode()).digest()


def first_broken(ticket_id: UUID, log: Sequence[tuple[TicketEvent, bytes, bytes]]) -> int | None:
    """Return the number of the first line whose seal does not fit; None when the log is whole.

    Units/shapes: `log` holds (event, previous seal, seal) in order of `seq`.
    """
    previous = GENESIS
    for position, (event, stored_previous, stored) in enumerate(log, start=1):
        if event.seq != position or stored_previous != previous or seal(ticket_id, event, previous) != stored:
            return position
        previous = stored
    return None
