"""A step as other slices read it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what, when and why; `account_id` is None for the clock and for another service, `state` what it became."""

    id: UUID
    action: str
    state: str
    account_id: UUID | None
    reason: str
    at: datetime
