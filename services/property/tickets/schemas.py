"""What is said about tickets over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from services.property.tickets.capacities import may_know_reporter
from services.property.tickets.records import LogLine, TicketRecord, TicketView
from services.property.tickets.transitions import (
    Action,
    Actor,
    HoldReason,
    Outcome,
    Priority,
    State,
)
from shared.kernel.principal import Principal
from shared.schemas import Input, LongText, Output, ShortText

Channel = Literal["mini_program", "desk", "hotline", "group_chat", "asset_qr"]


class TicketCreate(Input):
    """A report. Only the description is needed; the desk finds the category."""

    description: LongText = Field(
        description="What is broken, in one's own words.", examples=["三单元二楼的楼道灯不亮了"]
    )
    photo_ids: list[UUID] = Field(
        default_factory=list,
        max_length=9,
        description="Assets uploaded to media before. Not looked up here: an id that media does not show appears as a placeholder.",
        examples=[[]],
    )
    place: ShortText | None = Field(
        None, description="Where it is; one's own address when empty.", examples=["3 单元 2 楼"]
    )
    category: ShortText | None = Field(None, description="Category code, when known.", examples=["stair_lamp"])
    is_anonymous: bool = Field(
        False, description="Hide who reported from neighbours and workers; the desk still knows."
    )
    channel: Channel = Field("mini_program", description="How it reached us.")
    resident_id: UUID | None = Field(
        None, description="The resident the desk reports for; they confirm and rate.", examples=[None]
    )


class WithdrawalCreate(Input):
    """The resident needs it no more."""

    note: LongText | None = Field(None, description="Why, if one likes to say.", examples=["已经自己修好了"])


class ReopeningCreate(Input):
    """It is broken again."""

    reason: Literal["broken_again", "not_fixed", "other"] = Field(
        description="Why it is reopened.", examples=["broken_again"]
    )
    note: LongText | None = Field(None, description="More about it.", examples=["第二天又不亮了"])


class ReporterRead(Output):
    """Who reported; shown to whom it may be shown."""

    household_id: UUID = Field(description="The household served.")
    resident_id: UUID = Field(description="The resident served.")


class TicketWorkerRead(Output):
    """Who was sent."""

    id: UUID = Field(description="Worker.")
    name: str = Field(description="Name as on the badge.", examples=["李师傅"])
    department: str = Field(description="Department code.", examples=["engineering"])


class ClockRead(Output):
    """A promised time; seconds are working seconds of the calendar named."""

    kind: str = Field(description="respond or resolve.", examples=["resolve"])
    attempt: int = Field(description="Which attempt, from 1.", examples=[1])
    state: str = Field(description="running, paused, met or breached.", examples=["running"])
    calendar: str = Field(description="Calendar code.", examples=["daily"])
    target_seconds: int = Field(description="Promised.", examples=[86400])
    elapsed_seconds: int = Field(description="Used.", examples=[3600])
    started_at: datetime = Field(description="When it began to run.")
    due_at: datetime | None = Field(description="When the promise breaks; null while paused.")
    stopped_at: datetime | None = Field(description="When it stopped.")
    is_late: bool = Field(description="Later than promised.")


class TicketSummary(Output):
    """A ticket in a list."""

    id: UUID = Field(description="Ticket.")
    number: str = Field(description="Number to read out.", examples=["261122-7K3M-9QXA"])
    state: State = Field(description="Where the work stands.", examples=["accepted"])
    state_name: str = Field(description="The state in words.", examples=["已受理，等派工"])
    outcome: Outcome | None = Field(description="What came of it; closed never implies fixed.", examples=[None])
    attempt: int = Field(description="1, and one more for each rework or reopening.", examples=[1])
    category: str | None = Field(description="Category code; null before the desk decides.", examples=["stair_lamp"])
    department: str | None = Field(description="Department code.", examples=["engineering"])
    priority: Priority = Field(description="How urgent.", examples=["normal"])
    place: str = Field(description="Where it is.", examples=["3 单元 2 楼"])
    description: str = Field(description="The report.", examples=["楼道灯不亮了"])
    worker_id: UUID | None = Field(description="Who was sent.")
    submitted_at: datetime = Field(description="When it was reported.")
    closed_at: datetime | None = Field(description="When it ended.")

    @classmethod
    def of(cls, record: TicketRecord) -> TicketSummary:
        """Return a ticket for a list."""
        return TicketSummary(**_summary(record))


def _summary(record: TicketRecord) -> dict[str, Any]:
    ticket = record.ticket
    return {
        "id": record.id,
        "number": record.number,
        "state": ticket.state,
        "state_name": ticket.state.word,
        "outcome": ticket.outcome,
        "attempt": ticket.attempt,
        "category": ticket.category,
        "department": ticket.department,
        "priority": ticket.priority,
        "place": record.place,
        "description": record.description,
        "worker_id": ticket.worker_id,
        "submitted_at": ticket.submitted_at,
        "closed_at": ticket.closed_at,
    }


class TicketRead(TicketSummary):
    """A ticket with everything the caller may see."""

    version: int = Field(description="Number of lines in the log; the ETag.", examples=[3])
    channel: str = Field(description="How it reached us.", examples=["mini_program"])
    is_anonymous: bool = Field(description="Whether neighbours and workers do not learn who reported.")
    wished_category: str | None = Field(description="What the reporter chose.", examples=[None])
    photo_ids: list[UUID] = Field(
        description="Pictures of the report (media assets); one that media answers with 404 is shown as a placeholder."
    )
    reporter: ReporterRead | None = Field(description="Who reported; null when it is not for the caller to know.")
    worker: TicketWorkerRead | None = Field(description="Who was sent.")
    first_receiver_id: UUID | None = Field(description="The account that took it on and answers for it.")
    summary: str | None = Field(description="What the worker says was done.", examples=["更换灯泡和声控开关"])
    after_photo_ids: list[UUID] = Field(description="Pictures after the work.")
    hold_reason: HoldReason | None = Field(description="Why work waits.", examples=[None])
    hold_until: datetime | None = Field(description="The day it goes on.")
    accepted_at: datetime | None = Field(description="When the desk took it on.")
    finished_at: datetime | None = Field(description="When the worker finished.")
    confirmed_at: datetime | None = Field(description="When the resident confirmed.")
    rated_at: datetime | None = Field(description="When the resident rated; null is never satisfied.")
    silent_close_at: datetime | None = Field(description="When it closes by itself if nobody answers.")
    clocks: list[ClockRead] = Field(description="The promised times, as they stand now.")

    @classmethod
    def seen_by(cls, view: TicketView, principal: Principal) -> TicketRead:
        """Return a ticket as this caller may see it."""
        record, ticket = view.record, view.record.ticket
        is_reporter_shown = not record.is_anonymous or may_know_reporter(principal, ticket)
        return cls(
            **_summary(record),
            version=ticket.version,
            channel=record.channel,
            is_anonymous=record.is_anonymous,
            wished_category=record.wished_category,
            photo_ids=list(record.photo_ids),
            reporter=ReporterRead.model_validate(ticket) if is_reporter_shown else None,
            worker=None if view.worker is None else TicketWorkerRead.model_validate(view.worker),
            first_receiver_id=ticket.first_receiver_id,
            summary=record.summary,
            after_photo_ids=list(record.after_photo_ids),
            hold_reason=ticket.hold_reason,
            hold_until=ticket.hold_until,
            accepted_at=ticket.accepted_at,
            finished_at=ticket.finished_at,
            confirmed_at=ticket.confirmed_at,
            rated_at=ticket.rated_at,
            silent_close_at=record.silent_close_at,
            clocks=[ClockRead.model_validate(dict(clock)) for clock in view.clocks],
        )


class LogLineRead(Output):
    """One line of the log."""

    seq: int = Field(description="Number of the line, from 1.", examples=[1])
    action: Action = Field(description="What was done.", examples=["accept"])
    action_name: str = Field(description="In words.", examples=["受理"])
    at: datetime = Field(description="When.")
    actor: Actor = Field(description="In which capacity.", examples=["agent"])
    facts: dict[str, Any] = Field(description="What the step said.", examples=[{"category": "stair_lamp"}])
    note: str | None = Field(description="What was written with it.", examples=[None])
    seal: str = Field(description="SHA-256 of this line and the seal before it, hex.")


class LogRead(Output):
    """A ticket's log and whether it is whole."""

    lines: list[LogLineRead] = Field(description="First to last.")
    is_sound: bool = Field(description="Whether every line follows from the one before it.")
    broken_seq: int | None = Field(description="First altered line, or null.", examples=[None])

    @classmethod
    def of(cls, lines: Sequence[LogLine], broken_seq: int | None) -> LogRead:
        """Return a log and the verdict on its seals."""
        return cls(
            lines=[
                LogLineRead(
                    seq=line.event.seq,
                    action=line.event.action,
                    action_name=line.event.action.word,
                    at=line.event.at,
                    actor=line.event.actor,
                    facts=line.facts,
                    note=line.note,
                    seal=line.seal.hex(),
                )
                for line in lines
            ],
            is_sound=broken_seq is None,
            broken_seq=broken_seq,
        )


class PublicTicketRead(Output):
    """A ticket as neighbours see it: nobody is named, nothing private is shown."""

    number: str = Field(description="Number.", examples=["261122-7K3M-9QXA"])
    category: str | None = Field(description="Category code.", examples=["stair_lamp"])
    department: str | None = Field(description="Department code.", examples=["engineering"])
    building_id: UUID | None = Field(description="Building; null for an anonymous report.")
    state: State = Field(description="Where the work stands.", examples=["working"])
    state_name: str = Field(description="The state in words.", examples=["正在处理"])
    outcome: Outcome | None = Field(description="What came of it.", examples=[None])
    submitted_at: datetime = Field(description="When it was reported.")
    closed_at: datetime | None = Field(description="When it ended.")

    @classmethod
    def of(cls, record: TicketRecord) -> PublicTicketRead:
        """Return a ticket as neighbours see it."""
        ticket = record.ticket
        return cls(
            number=record.number,
            category=ticket.category,
            department=ticket.department,
            building_id=None if record.is_anonymous else record.building_id,
            state=ticket.state,
            state_name=ticket.state.word,
            outcome=ticket.outcome,
            submitted_at=ticket.submitted_at,
            closed_at=ticket.closed_at,
        )
