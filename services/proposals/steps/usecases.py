"""How a step is done: a meeting is called, a round drafted or a notice published, and its result closes the step."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.proposals.ballots import usecases as ballots
from services.proposals.logs.signing import Signer
from services.proposals.meetings import usecases as meetings
from services.proposals.meetings.domain import MeetingState
from services.proposals.meetings.usecases import MeetingFile
from services.proposals.notices import usecases as notices
from services.proposals.notices.usecases import NoticeRow
from services.proposals.processes import domain
from services.proposals.processes import usecases as processes
from services.proposals.processes.domain import RuleResult
from services.proposals.processes.errors import EvidenceMissingError
from services.proposals.processes.templates import EVIDENCE_NAMES, Evidence, StepKind
from services.proposals.processes.usecases import ProcessRow, StepResult
from services.proposals.proposals import usecases as proposals
from services.proposals.rounds import usecases as rounds
from services.proposals.rounds.domain import Grade, Method, RoundState
from services.proposals.rounds.errors import NoTieError
from services.proposals.rounds.usecases import RoundRow
from services.proposals.steps.errors import ResultNotReadyError, ResultOfAnotherStepError
from services.proposals.tallies import usecases as tallies
from shared.kernel.principal import Principal
from shared.uow import UnitOfWork


async def call_meeting(
    *,
    uow: UnitOfWork,
    principal: Principal,
    process_id: UUID,
    step_code: str,
    title: str,
    place: str,
    held_at: datetime | None,
    names: list[str],
) -> MeetingFile:
    """Call the meeting of the open step; it cannot lie before the step was opened.

    Locks/IO: the process.
    Errors: ProcessNotFoundError, StepUnknownError, StepOutOfOrderError, ForbiddenError, WrongStepKindError, StepBackDatedError,
    NobodyDueError, MeetingAlreadyHeldError.
    """
    process, step = await processes.require_open_step(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, kind=StepKind.MEETING
    )
    when = held_at or uow.now
    domain.require_not_before_opening(process, when)
    return await meetings.call_meeting(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        attempt=domain.attempt_of(process),
        rule=step.rule or "",
        title=title,
        place=place,
        held_at=when,
        names=names,
    )


async def draft_round(
    *,
    uow: UnitOfWork,
    principal: Principal,
    process_id: UUID,
    step_code: str,
    roll_id: UUID,
    question: str,
    method: Method,
    options: Sequence[tuple[str, str]],
    max_choices: int,
    grade: Grade,
    opens_at: datetime | None,
    closes_at: datetime,
) -> RoundRow:
    """Draft the vote of the open step; its rule and its text are those of the process.

    Locks/IO: the process.
    Errors: ProcessNotFoundError, StepUnknownError, StepOutOfOrderError, ForbiddenError, WrongStepKindError, and those of
    `rounds.draft_round`.
    """
    process, step = await processes.require_open_step(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, kind=StepKind.ROUND
    )
    proposal, _ = await proposals.get_proposal(uow=uow, proposal_id=process.proposal_id)
    file = await processes.get_process(uow=uow, process_id=process_id)
    return await rounds.draft_round(
        uow=uow,
        principal=principal,
        proposal_id=process.proposal_id,
        process_id=process_id,
        step_code=step_code,
        text_hash=process.text_hash,
        preset_code=step.rule or "",
        signed_off_by=file.process.rules_signed_off_by,
        scope=(proposal.scope_kind, proposal.scope_id),
        roll_id=roll_id,
        question=question,
        method=method,
        options=options,
        max_choices=max_choices,
        grade=grade,
        opens_at=opens_at or uow.now,
        closes_at=closes_at,
    )


async def draft_runoff(
    *, uow: UnitOfWork, principal: Principal, round_id: UUID, opens_at: datetime | None, closes_at: datetime
) -> RoundRow:
    """Draft the vote between the options that are level in the tied vote of the open step.

    Locks/IO: the process.
    Errors: RoundNotFoundError, InterimResultError, NoTieError, StepOutOfOrderError, ForbiddenError, WindowInvalidError,
    RoundAlreadyHeldError by the database.
    """
    shown = await rounds.get_round(uow=uow, round_id=round_id)
    await processes.require_open_step(
        uow=uow,
        principal=principal,
        process_id=shown.process_id,
        step_code=shown.step_code,
        kind=StepKind.ROUND,
    )
    row, tally = await tallies.get_tally(uow=uow, round_id=round_id)
    if row.state != RoundState.TALLIED or not tally.needs_runoff:
        raise NoTieError
    return await rounds.draft_runoff(
        uow=uow,
        principal=principal,
        row=row,
        tied=tally.result["tied"],
        opens_at=opens_at or uow.now,
        closes_at=closes_at,
    )


async def publish_notice(
    *,
    uow: UnitOfWork,
    principal: Principal,
    process_id: UUID,
    step_code: str,
    title: str,
    body: str,
    places: Sequence[str],
    contact: str,
    days: int,
) -> NoticeRow:
    """Publish the notice of the open step; its evidence is complete before anybody reads it.

    Locks/IO: the process.
    Errors: ProcessNotFoundError, StepUnknownError, StepOutOfOrderError, ForbiddenError, WrongStepKindError,
    EvidenceMissingError, NoticeTooShortError, CalendarUnknownError, NoticeAlreadyRunningError.
    """
    process, step = await processes.require_open_step(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, kind=StepKind.NOTICE
    )
    filed = await processes.list_evidence_filed(uow=uow, process=process)
    missing = domain.missing_evidence(step, filed)
    if missing:
        raise EvidenceMissingError(
            step=step.title,
            missing=[item.value for item in missing],
            missing_names="、".join(EVIDENCE_NAMES[item] for item in missing),
        )
    return await notices.publish_notice(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        title=title,
        body=body,
        places=places,
        contact=contact,
        days=days,
        least_days=step.notice_days,
        day_kind=step.day_kind,
    )


async def complete_with_meeting(
    *, uow: UnitOfWork, principal: Principal, process_id: UUID, step_code: str, meeting_id: UUID
) -> ProcessRow:
    """Close the open step with the result of its meeting.

    Locks/IO: the process, then the proposal.
    Errors: MeetingNotFoundError, ResultOfAnotherStepError, ResultNotReadyError, and those of `processes.pass_step`.
    """
    process, step = await processes.require_open_step(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, kind=StepKind.MEETING
    )
    file = await meetings.get_meeting(uow=uow, meeting_id=meeting_id)
    meeting = file.meeting
    if (meeting.process_id, meeting.step_code, meeting.attempt) != (process_id, step_code, domain.attempt_of(process)):
        raise ResultOfAnotherStepError(step=step.title)
    if meeting.state != MeetingState.CLOSED:
        raise ResultNotReadyError
    shown = {Evidence.MINUTES} if meeting.minutes else set()
    if any(attendee.present_at is not None for attendee in file.attendees):
        shown.add(Evidence.ATTENDANCE)
    result = StepResult(
        subject_id=meeting_id,
        held_at=meeting.held_at,
        evidence=shown,
        rule=RuleResult(bool(meeting.is_held), bool(meeting.is_decided), meeting.derivation_text),
    )
    return await processes.pass_step(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, result=result
    )


async def complete_with_round(
    *, uow: UnitOfWork, principal: Principal, process_id: UUID, step_code: str, round_id: UUID
) -> ProcessRow:
    """Close the open step with the preliminary result of its vote.

    Locks/IO: the process, then the proposal.
    Errors: RoundNotFoundError, ResultOfAnotherStepError, ResultNotReadyError, and those of `processes.pass_step`.
    """
    _, step = await processes.require_open_step(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, kind=StepKind.ROUND
    )
    row = await rounds.get_round(uow=uow, round_id=round_id)
    if (row.process_id, row.step_code) != (process_id, step_code):
        raise ResultOfAnotherStepError(step=step.title)
    if row.state != RoundState.TALLIED:
        raise ResultNotReadyError
    _, tally = await tallies.get_tally(uow=uow, round_id=round_id)
    result = StepResult(
        subject_id=round_id,
        held_at=tally.tallied_at,
        evidence=(),
        rule=RuleResult(tally.is_held, tally.is_decided, tally.derivation_text),
        result_hash=tally.result_hash,
    )
    return await processes.pass_step(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, result=result
    )


async def return_step(
    *,
    uow: UnitOfWork,
    principal: Principal,
    process_id: UUID,
    step_code: str,
    to: str | None,
    reason: str,
    signer: Signer,
) -> ProcessRow:
    """Send the open step back to an earlier one, or to the author; its notice is stopped, its vote annulled.

    A vote at an earlier step than the one it goes back to stands.

    Locks/IO: the process, then the proposal, the notices, the rounds and their logs.
    Errors: those of `processes.return_step`.
    """
    process = await processes.return_step(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, to=to, reason=reason
    )
    await notices.stop_notices(uow=uow, process_id=process_id)
    await ballots.shut_boxes(uow=uow, process_id=process_id, signer=signer)
    await rounds.annul_rounds(
        uow=uow,
        process_id=process_id,
        step_codes=processes.steps_from(process, to),
        reason=reason,
        signer=signer,
    )
    return process


async def reject_process(
    *, uow: UnitOfWork, principal: Principal, process_id: UUID, step_code: str, reason: str, signer: Signer
) -> ProcessRow:
    """End a process without a decision because a body said no; a vote that is still open is annulled, a counted one stands.

    Locks/IO: the process, then the proposal, the notices, the rounds and their logs.
    Errors: those of `processes.reject_process`.
    """
    process = await processes.reject_process(
        uow=uow, principal=principal, process_id=process_id, step_code=step_code, reason=reason
    )
    await notices.stop_notices(uow=uow, process_id=process_id)
    await ballots.shut_boxes(uow=uow, process_id=process_id, signer=signer)
    await rounds.settle_rounds(uow=uow, process_id=process_id, reason=reason, signer=signer)
    return process


async def complete_due_notice(*, uow: UnitOfWork, notice_id: UUID, signer: Signer) -> None:
    """Complete a notice by the clock, and with it the step it belongs to; what it published becomes final.

    Locks/IO: the process first, as every command on it does; then the notice, the proposal, the rounds and their logs.
    Idempotency: without effect when the notice cannot be completed any more.
    """
    shown = await notices.get_notice(uow=uow, notice_id=notice_id)
    await processes.lock_process(uow=uow, process_id=shown.process_id)
    notice = await notices.complete_due_notice(uow=uow, notice_id=notice_id)
    if notice is None:
        return
    result = StepResult(subject_id=notice.id, held_at=uow.now, evidence=(), rule=None)
    process = await processes.pass_step(
        uow=uow, principal=None, process_id=notice.process_id, step_code=notice.step_code, result=result
    )
    if notice.step_code == process.template["decides_at"]:
        await rounds.confirm_rounds(uow=uow, process_id=process.id, signer=signer)
