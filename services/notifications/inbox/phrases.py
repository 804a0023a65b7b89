"""Turns of phrase the wordings share."""

from datetime import datetime

_ENDS = "。.！!；; "


def because(reason: str) -> str:
    """Return a reason as a sentence of its own, or nothing when none was given."""
    return f"原因：{reason.rstrip(_ENDS)}。" if reason.strip(_ENDS) else ""


def words_of(said: str) -> str:
    """Return what somebody wrote as a sentence with one full stop."""
    return f"{said.rstrip(_ENDS)}。"


def step(state: str, moved_at: datetime | None) -> str:
    """Return what tells one step from the same step taken again later: a gig can be given up and taken twice."""
    return state if moved_at is None else f"{state}:{moved_at.isoformat()}"
