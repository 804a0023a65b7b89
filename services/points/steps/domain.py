"""A step as other slices read it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what, when and why; `account_id` is None for the clock."""

    action: str
    account_id: UUID | None
    reason: str
    at: datetime
