"""The number of a ticket: short enough to read out on the telephone, unique without asking anybody."""

from datetime import datetime
from uuid import UUID

from shared.kernel.clock import local_date

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O or U, so nothing is misread."""


def number_of(ticket_id: UUID, submitted_at: datetime) -> str:
    """Return `261122-7K3M-9QXA`: the local date and 40 bits of the id."""
    low = ticket_id.int & (1 << 40) - 1
    letters = "".join(_ALPHABET[low >> shift & 31] for shift in range(35, -1, -5))
    return f"{local_date(submitted_at):%y%m%d}-{letters[:4]}-{letters[4:]}"
