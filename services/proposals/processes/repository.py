"""Every statement of processes, their steps and their evidence."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.proposals.processes import domain
from services.proposals.processes.domain import OpenStep, ProcessState, StepState
from services.proposals.processes.errors import ProcessNotFoundError
from services.proposals.processes.models import Evidence, Process, ProcessStep
from services.proposals.processes.templates import Evidence as EvidenceKind
from services.proposals.processes.templates import template_from_json
from shared.pagination import PageRequest, Slice, before


async def add(session: AsyncSession, row: Process | ProcessStep | Evidence) -> None:
    """Enter a process, a step or a piece of evidence."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, process_id: UUID) -> Process:
    """Return a process.

    Errors: ProcessNotFoundError.
    """
    row = (await session.execute(select(Process).where(col(Process.id) == process_id))).scalar_one_or_none()
    if row is None:
        raise ProcessNotFoundError
    return row


async def get_for_update(session: AsyncSession, process_id: UUID) -> Process:
    """Return and lock a process.

    Errors: ProcessNotFoundError.
    """
    statement = select(Process).where(col(Process.id) == process_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ProcessNotFoundError
    return row


async def list_processes(
    session: AsyncSession, page: PageRequest, *, proposal_id: UUID | None, state: ProcessState | None
) -> Slice[Process]:
    """Return the processes of a community, newest first."""
    key = (col(Process.started_at), col(Process.id))
    statement = select(Process).order_by(*(column.desc() for column in key)).limit(page.limit + 1)
    if proposal_id is not None:
        statement = statement.where(col(Process.proposal_id) == proposal_id)
    if state is not None:
        statement = statement.where(col(Process.state) == state)
    after = page.after_moment_and_id()
    if after is not None:
        statement = statement.where(before(key, after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.started_at, row.id))


async def list_steps(session: AsyncSession, process_id: UUID) -> Sequence[ProcessStep]:
    """Return every attempt at every step, in the order in which they were opened."""
    statement = (
        select(ProcessStep)
        .where(col(ProcessStep.process_id) == process_id)
        .order_by(col(ProcessStep.attempt), col(ProcessStep.position))
    )
    return (await session.execute(statement)).scalars().all()


async def get_open_step(session: AsyncSession, process_id: UUID) -> ProcessStep | None:
    """Return the step that is open, or None."""
    statement = select(ProcessStep).where(
        col(ProcessStep.process_id) == process_id, col(ProcessStep.state) == StepState.OPEN
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def list_evidence(session: AsyncSession, process_id: UUID) -> Sequence[Evidence]:
    """Return every piece of evidence of a process, oldest first."""
    statement = select(Evidence).where(col(Evidence.process_id) == process_id).order_by(col(Evidence.id))
    return (await session.execute(statement)).scalars().all()


async def kinds_filed(session: AsyncSession, process_id: UUID, step: OpenStep) -> set[EvidenceKind]:
    """Return which kinds of evidence lie in the file of an attempt."""
    statement = select(col(Evidence.kind)).where(
        col(Evidence.process_id) == process_id,
        col(Evidence.position) == step.position,
        col(Evidence.attempt) == step.attempt,
    )
    return {EvidenceKind(kind) for kind in (await session.execute(statement)).scalars()}


def to_domain(row: Process) -> domain.Process:
    """Return a row as the domain knows it."""
    step = None
    if row.open_position is not None and row.open_attempt is not None and row.step_opened_at is not None:
        step = OpenStep(row.open_position, row.open_attempt, row.step_opened_at)
    return domain.Process(
        process_id=row.id,
        proposal_id=row.proposal_id,
        text_hash=row.text_hash,
        template=template_from_json(row.template),
        state=ProcessState(row.state),
        open_step=step,
    )


def apply(row: Process, process: domain.Process) -> None:
    """Write what was decided onto the row."""
    row.state = process.state
    step = process.open_step
    row.open_position = None if step is None else step.position
    row.open_attempt = None if step is None else step.attempt
    row.step_opened_at = None if step is None else step.opened_at
