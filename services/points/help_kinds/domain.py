"""Kinds of help and what an hour of each is worth, published for everybody. Source: domain.md, [YY 黄柿坪]."""

from dataclasses import dataclass
from datetime import datetime

LEAST_PERCENT = 50
MOST_PERCENT = 300


@dataclass(frozen=True, slots=True)
class HelpKind:
    """One version of a kind of help. `rate_percent` minutes are credited for 100 minutes of it."""

    code: str
    version: int
    name: str
    description: str
    rate_percent: int
    is_active: bool
    decision: str
    entered_at: datetime
