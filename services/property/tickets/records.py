"""A ticket with everything around its log: words, place, pictures, the worker sent, the clocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.property.dispatch.domain import WorkerRecord
from services.property.tickets.domain import Ticket, TicketEvent
from services.property.tickets.transitions import Outcome, Priority, State


@dataclass(frozen=True, slots=True)
class Report:
    """What a resident says is broken. `resident_id` names whom the desk reports for."""

    description: str
    photo_ids: tuple[UUID, ...] = ()
    place: str | None = None
    category: str | None = None
    is_anonymous: bool = False
    channel: str = "mini_program"
    resident_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """A ticket with what the log does not hold: its number, place, words and pictures."""

    id: UUID
    ticket: Ticket
    number: str
    channel: str
    is_anonymous: bool
    grid_id: UUID | None
    building_id: UUID | None
    place: str
    description: str
    photo_ids: tuple[UUID, ...]
    wished_category: str | None
    summary: str | None
    after_photo_ids: tuple[UUID, ...]
    silent_close_at: datetime | None
    last_seal: bytes


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What a list of tickets is narrowed to; None means any."""

    state: State | None = None
    outcome: Outcome | None = None
    department: str | None = None
    category: str | None = None
    priority: Priority | None = None
    worker_id: UUID | None = None
    household_id: UUID | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log with its seals and the note written with it."""

    event: TicketEvent
    previous: bytes
    seal: bytes
    note: str | None

    @property
    def facts(self) -> dict[str, Any]:
        """What the step said, without who reported: the log is read by people who may not know."""
        return {name: fact for name, fact in self.event.facts.items() if name not in {"household_id", "resident_id"}}


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as one caller may see it."""

    record: TicketRecord
    worker: WorkerRecord | None
    clocks: Sequence[Mapping[str, Any]]
