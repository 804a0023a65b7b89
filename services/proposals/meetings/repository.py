"""Every statement of meetings."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.meetings import domain
from services.proposals.meetings.domain import MeetingState
from services.proposals.meetings.errors import AttendeeNotFoundError, MeetingNotFoundError
from services.proposals.meetings.models import Attendee, Meeting


async def add(session: AsyncSession, meeting: Meeting, names: Sequence[str]) -> None:
    """Enter a meeting with the names of those due."""
    session.add(meeting)
    await session.flush()
    session.add_all(
        Attendee(community_id=meeting.community_id, meeting_id=meeting.id, number=number, name=name)
        for number, name in enumerate(names, start=1)
    )
    await session.flush()


async def get(session: AsyncSession, meeting_id: UUID) -> Meeting:
    """Return a meeting.

    Errors: MeetingNotFoundError.
    """
    row = (await session.execute(select(Meeting).where(col(Meeting.id) == meeting_id))).scalar_one_or_none()
    if row is None:
        raise MeetingNotFoundError
    return row


async def get_for_update(session: AsyncSession, meeting_id: UUID) -> Meeting:
    """Return and lock a meeting.

    Errors: MeetingNotFoundError.
    """
    statement = select(Meeting).where(col(Meeting.id) == meeting_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise MeetingNotFoundError
    return row


async def list_of_process(session: AsyncSession, process_id: UUID) -> Sequence[Meeting]:
    """Return the meetings of a process, oldest first."""
    statement = select(Meeting).where(col(Meeting.process_id) == process_id).order_by(col(Meeting.id))
    return (await session.execute(statement)).scalars().all()


async def is_held(session: AsyncSession, process_id: UUID, step_code: str, attempt: int) -> bool:
    """Tell whether the meeting of an attempt of a step was held, whatever it decided."""
    held = select(col(Meeting.id)).where(
        col(Meeting.process_id) == process_id,
        col(Meeting.step_code) == step_code,
        col(Meeting.attempt) == attempt,
        col(Meeting.is_held).is_(True),
    )
    return (await session.execute(held)).first() is not None


async def list_attendees(session: AsyncSession, meeting_id: UUID) -> Sequence[Attendee]:
    """Return who was due at a meeting and who came."""
    statement = select(Attendee).where(col(Attendee.meeting_id) == meeting_id).order_by(col(Attendee.number))
    return (await session.execute(statement)).scalars().all()


async def count(session: AsyncSession, meeting_id: UUID) -> tuple[int, int]:
    """Return how many were due and how many came."""
    statement = select(func.count(), func.count(col(Attendee.present_at))).where(col(Attendee.meeting_id) == meeting_id)
    due, present = (await session.execute(statement)).one()
    return int(due), int(present)


async def mark_present(
    session: AsyncSession, meeting_id: UUID, numbers: Sequence[int], *, method: str, now: datetime
) -> None:
    """Note that people came; whoever is already there keeps the first time.

    Errors: AttendeeNotFoundError when a number is not on the list.
    """
    on_list = select(func.count()).where(
        col(Attendee.meeting_id) == meeting_id, col(Attendee.number).in_(list(numbers))
    )
    if int((await session.execute(on_list)).scalar_one()) != len(set(numbers)):
        raise AttendeeNotFoundError
    await session.execute(
        update(Attendee)
        .where(
            col(Attendee.meeting_id) == meeting_id,
            col(Attendee.number).in_(list(numbers)),
            col(Attendee.present_at).is_(None),
        )
        .values(present_at=now, method=method)
        .execution_options(synchronize_session=False)
    )


def to_domain(row: Meeting, due: int, present: int) -> domain.Meeting:
    """Return a row with its counts as the domain knows it."""
    return domain.Meeting(
        meeting_id=row.id,
        process_id=row.process_id,
        step_code=row.step_code,
        state=MeetingState(row.state),
        held_at=row.held_at,
        due=due,
        present=present,
        yes=row.yes,
        no=row.no,
        abstain=row.abstain,
        minutes=row.minutes,
    )
