"""What happens to meetings: called with a list of names, checked in, closed with a count and minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.proposals.meetings import domain, repository
from services.proposals.meetings.domain import LIFE, MeetingAction, MeetingState
from services.proposals.meetings.errors import MeetingAlreadyHeldError
from services.proposals.meetings.models import Attendee, Meeting
from services.proposals.processes import usecases as processes
from services.proposals.rounds.derivation import derivation_rows, print_derivation
from services.proposals.rounds.presets import get_preset
from services.proposals.rounds.quorum import evaluate
from shared.kernel.principal import Principal
from shared.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class MeetingFile:
    """A meeting with the list of those due."""

    meeting: Meeting
    attendees: Sequence[Attendee]


async def call_meeting(
    *,
    uow: UnitOfWork,
    principal: Principal,
    process_id: UUID,
    step_code: str,
    attempt: int,
    rule: str,
    title: str,
    place: str,
    held_at: datetime,
    names: list[str],
) -> MeetingFile:
    """Call a meeting of an attempt of a step; whoever runs the step has been checked by the caller.

    Errors: NobodyDueError, MeetingAlreadyHeldError.
    """
    if await repository.is_held(uow.session, process_id, step_code, attempt):
        raise MeetingAlreadyHeldError
    checked = domain.check_names(names)
    meeting = Meeting(
        community_id=uow.community_id,
        id=uow.new_id(),
        process_id=process_id,
        step_code=step_code,
        attempt=attempt,
        title=title,
        place=place,
        rule=rule,
        state=MeetingState.CALLED,
        held_at=held_at,
        called_by=principal.account_id,
    )
    await repository.add(uow.session, meeting, checked)
    return await get_meeting(uow=uow, meeting_id=meeting.id)


async def get_meeting(*, uow: UnitOfWork, meeting_id: UUID) -> MeetingFile:
    """Return a meeting with those due.

    Errors: MeetingNotFoundError.
    """
    meeting = await repository.get(uow.session, meeting_id)
    return MeetingFile(meeting, await repository.list_attendees(uow.session, meeting_id))


async def list_meetings(*, uow: UnitOfWork, process_id: UUID) -> list[MeetingFile]:
    """Return the meetings of a process, oldest first.

    Errors: ProcessNotFoundError.
    """
    await processes.get_process(uow=uow, process_id=process_id)
    meetings = await repository.list_of_process(uow.session, process_id)
    return [MeetingFile(m, await repository.list_attendees(uow.session, m.id)) for m in meetings]


async def list_actions(*, uow: UnitOfWork, principal: Principal, meeting_id: UUID) -> tuple[str, list[MeetingAction]]:
    """Return the state of a meeting and what the caller could do with it.

    Errors: MeetingNotFoundError.
    """
    meeting = await repository.get(uow.session, meeting_id)
    return meeting.state, LIFE.actions(MeetingState(meeting.state), domain.acting_as(principal))


async def check_in(
    *, uow: UnitOfWork, principal: Principal, meeting_id: UUID, numbers: Sequence[int], method: str
) -> MeetingFile:
    """Note who came.

    Locks/IO: the meeting.
    Errors: MeetingNotFoundError, ForbiddenError, WrongStateError, MeetingAheadError, AttendeeNotFoundError.
    """
    meeting = await repository.get_for_update(uow.session, meeting_id)
    domain.check_in(repository.to_domain(meeting, 0, 0), principal, now=uow.now)
    await repository.mark_present(uow.session, meeting_id, numbers, method=method, now=uow.now)
    return await get_meeting(uow=uow, meeting_id=meeting_id)


async def close_meeting(
    *, uow: UnitOfWork, principal: Principal, meeting_id: UUID, yes: int, no: int, abstain: int, minutes: str
) -> MeetingFile:
    """End a meeting; the rule engine says whether it was held and what it decided, and prints why.

    Locks/IO: the meeting.
    Errors: MeetingNotFoundError, ForbiddenError, WrongStateError, MeetingAheadError, HandsExceedPresentError;
    MeetingAlreadyHeldError by the database when another meeting of the step was held.
    """
    row = await repository.get_for_update(uow.session, meeting_id)
    due, present = await repository.count(uow.session, meeting_id)
    closed = domain.close(
        repository.to_domain(row, due, present),
        principal,
        yes=yes,
        no=no,
        abstain=abstain,
        minutes=minutes,
        now=uow.now,
    )
    preset = get_preset(row.rule)
    figures = domain.figures_of(closed)
    held, decided = evaluate(preset.held_when, figures), evaluate(preset.decided_when, figures)
    row.state, row.yes, row.no, row.abstain = closed.state, yes, no, abstain
    row.minutes, row.closed_at = minutes, uow.now
    row.is_held, row.is_decided = held.is_met, decided.is_met
    row.derivation = {"held": derivation_rows(held), "decided": derivation_rows(decided)}
    row.derivation_text = "\n".join(
        [print_derivation("会议是否有效", held), print_derivation("是否达到同意的比例", decided)]
    )
    return await get_meeting(uow=uow, meeting_id=meeting_id)
