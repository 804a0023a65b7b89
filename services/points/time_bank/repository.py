"""Every statement of the time bank."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.help_policies.domain import TimePolicy
from services.points.time_bank.domain import OFFICIALS, HelpLine, Participant, Payer, Request, Side, State
from services.points.time_bank.errors import HelpRequestNotFoundError
from services.points.time_bank.models import HelpEvent, HelpParticipantRow, HelpRequestRow
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Minutes
from shared.pagination import PageRequest, Slice, before

LOOKED_FOR = (State.REQUESTED, State.MATCHED)
"""States in which neighbours may see a request, to offer help."""


def _takes_part(resident_id: UUID | None) -> ColumnElement[bool]:
    return exists().where(
        col(HelpParticipantRow.community_id) == col(HelpRequestRow.community_id),
        col(HelpParticipantRow.request_id) == col(HelpRequestRow.id),
        col(HelpParticipantRow.resident_id) == resident_id,
    )


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which requests this principal may see: those that look for help, those it takes part in, or all for officials."""
    if principal.has(*OFFICIALS, Role.SUPERVISOR):
        return true()
    return col(HelpRequestRow.state).in_(LOOKED_FOR) | _takes_part(principal.resident_id)


def _participant(row: HelpParticipantRow) -> Participant:
    return Participant(
        id=row.id,
        resident_id=row.resident_id,
        household_id=row.household_id,
        account_id=row.account_id,
        name=row.name,
        side=Side(row.side),
        joined_at=row.joined_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        served_minutes=Minutes(row.served_minutes),
        credited_minutes=Minutes(row.credited_minutes),
        confirmed_at=row.confirmed_at,
    )


def _request(row: HelpRequestRow, participants: Sequence[Participant]) -> Request:
    return Request(
        id=row.id,
        kind_code=row.kind_code,
        kind_version=row.kind_version,
        kind_name=row.kind_name,
        rate_percent=row.rate_percent,
        note=row.note,
        location=row.location,
        payer=Payer(row.payer),
        requester_resident_id=row.requester_resident_id,
        requester_household_id=row.requester_household_id,
        requester_account_id=row.requester_account_id,
        helpers_wanted=row.helpers_wanted,
        minutes=Minutes(row.minutes),
        wanted_from=row.wanted_from,
        wanted_until=row.wanted_until,
        state=State(row.state),
        approved_by=row.approved_by,
        escrow_account_id=row.escrow_account_id,
        escrow_minutes=Minutes(row.escrow_minutes),
        started_at=row.started_at,
        ended_at=row.ended_at,
        is_ended_by_clock=row.is_ended_by_clock,
        policy=TimePolicy(**row.policy),
        due_at=row.due_at,
        reason=row.reason,
        created_at=row.created_at,
        participants=tuple(participants),
    )


async def _with_participants(session: AsyncSession, rows: Sequence[HelpRequestRow]) -> list[Request]:
    statement = (
        select(HelpParticipantRow)
        .where(col(HelpParticipantRow.request_id).in_([row.id for row in rows]))
        .order_by(col(HelpParticipantRow.joined_at), col(HelpParticipantRow.id))
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, list[Participant]] = {row.id: [] for row in rows}
    for row in (await session.execute(statement)).scalars():
        found[row.request_id].append(_participant(row))
    return [_request(row, found[row.id]) for row in rows]


async def add(session: AsyncSession, community_id: UUID, request: Request) -> None:
    """Enter a request with those who take part from the beginning."""
    fields = {n: getattr(request, n) for n in Request.__slots__ if n != "participants"}
    session.add(HelpRequestRow(community_id=community_id, **fields | {"policy": asdict(request.policy)}))
    await session.flush()
    for participant in request.participants:
        await add_participant(session, community_id, request.id, participant)


async def add_participant(
    session: AsyncSession, community_id: UUID, request_id: UUID, participant: Participant
) -> None:
    """Enter one person on one side.

    Errors: AlreadyTakesPartError (uq_help_participant_community_id_request_id_resident_id).
    """
    fields = {name: getattr(participant, name) for name in Participant.__slots__}
    session.add(HelpParticipantRow(community_id=community_id, request_id=request_id, **fields))
    await session.flush()


async def remove_participant(session: AsyncSession, participant_id: UUID) -> None:
    """Take out a person who left before it began; the record keeps that they were there."""
    await session.execute(
        delete(HelpParticipantRow)
        .where(col(HelpParticipantRow.id) == participant_id)
        .execution_options(synchronize_session=False)
    )


async def get(session: AsyncSession, principal: Principal, request_id: UUID, *, for_update: bool = False) -> Request:
    """Return a request this principal may see; `for_update` locks its row, which every change takes first.

    Errors: HelpRequestNotFoundError.
    """
    statement = (
        select(HelpRequestRow)
        .where(col(HelpRequestRow.id) == request_id, visible_to(principal))
        .execution_options(populate_existing=True)
    )
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise HelpRequestNotFoundError
    (request,) = await _with_participants(session, [row])
    return request


async def find_due_for_update(session: AsyncSession, request_id: UUID, now: datetime) -> Request | None:
    """Return a request past its time and lock it; None when it moved on or somebody is at it."""
    statement = (
        select(HelpRequestRow)
        .where(col(HelpRequestRow.id) == request_id, col(HelpRequestRow.due_at) <= now)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        return None
    (request,) = await _with_participants(session, [row])
    return request


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return requests past a time at which the clock moves them, in all communities, oldest first."""
    statement = (
        select(col(HelpRequestRow.community_id), col(HelpRequestRow.id))
        .where(col(HelpRequestRow.due_at) <= now)
        .order_by(col(HelpRequestRow.due_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def list_page(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    state: State | None,
    kind_code: str | None,
    resident_id: UUID | None,
) -> Slice[Request]:
    """Return requests this principal may see, newest first; with `resident_id` those a person takes part in."""
    statement = (
        select(HelpRequestRow)
        .where(visible_to(principal))
        .order_by(col(HelpRequestRow.created_at).desc(), col(HelpRequestRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(HelpRequestRow.state) == state)
    if kind_code is not None:
        statement = statement.where(col(HelpRequestRow.kind_code) == kind_code)
    if resident_id is not None:
        statement = statement.where(_takes_part(resident_id))
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(HelpRequestRow.created_at), col(HelpRequestRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    requests = await _with_participants(session, rows)
    return Slice.cut(requests, page.limit, lambda request: (request.created_at, request.id))


async def list_for_export(session: AsyncSession, since: datetime, until: datetime) -> list[Request]:
    """Return every request made in a span, oldest first."""
    statement = (
        select(HelpRequestRow)
        .where(col(HelpRequestRow.created_at) >= since, col(HelpRequestRow.created_at) < until)
        .order_by(col(HelpRequestRow.created_at), col(HelpRequestRow.id))
    )
    rows = (await session.execute(statement)).scalars().all()
    return await _with_participants(session, rows)


async def save(session: AsyncSession, request: Request) -> None:
    """Write what a locked request and its participants became.

    Errors: AlreadyHelpingError (uq_help_participant_present).
    """
    changing = ("state", "approved_by", "started_at", "ended_at", "is_ended_by_clock", "due_at", "reason")
    await session.execute(
        update(HelpRequestRow)
        .where(col(HelpRequestRow.id) == request.id)
        .values({name: getattr(request, name) for name in changing})
        .execution_options(synchronize_session=False)
    )
    moving = ("started_at", "ended_at", "served_minutes", "credited_minutes", "confirmed_at")
    for participant in request.participants:
        await session.execute(
            update(HelpParticipantRow)
            .where(col(HelpParticipantRow.id) == participant.id)
            .values({name: getattr(participant, name) for name in moving})
            .execution_options(synchronize_session=False)
        )


async def add_line(session: AsyncSession, community_id: UUID, request_id: UUID, line: HelpLine) -> None:
    """Write down what happened."""
    fields = {name: getattr(line, name) for name in HelpLine.__slots__}
    session.add(HelpEvent(community_id=community_id, request_id=request_id, **fields))
    await session.flush()


async def list_lines(session: AsyncSession, request_id: UUID) -> list[HelpLine]:
    """Return everything that happened to a request, oldest first."""
    statement = (
        select(HelpEvent)
        .where(col(HelpEvent.request_id) == request_id)
        .order_by(col(HelpEvent.happened_at), col(HelpEvent.id))
    )
    rows = (await session.execute(statement)).scalars()
    return [HelpLine(**{name: getattr(row, name) for name in HelpLine.__slots__}) for row in rows]
