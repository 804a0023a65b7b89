"""Entering the results of an assessment for all households at once: upload, check, apply whole or not at all, vote.

Checking and applying are done by the worker, because thousands of lines take longer than anybody waits for an answer.
"""

import asyncio
import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from services.points.claim_sheets import repository
from services.points.claim_sheets.checking import Basis, Checked, Household, check_sheet, code_of
from services.points.claim_sheets.domain import (
    LIFE,
    Action,
    Actor,
    ClaimSheet,
    State,
    acting_as,
    allowed_actions,
    check_assessed_on,
)
from services.points.claim_sheets.errors import SheetOutdatedError, SheetVotedError
from services.points.claim_sheets.models import ClaimSheetRow
from services.points.claim_sheets.repository import DecidedLine, ReportedProblem
from services.points.claims import usecases as claims
from services.points.claims.domain import OLDEST_DAYS, notice_ends_at
from services.points.claims.domain import State as ClaimState
from services.points.claims.errors import ClerkError, ReasonMissingError
from services.points.histories.domain import check_days
from services.points.kinships import usecases as kinships
from services.points.kinships.domain import households_aside
from services.points.ledger import usecases as ledger
from services.points.rulebooks import usecases as rulebooks
from services.points.steps import usecases as steps
from shared.contracts.events import ClaimDecided
from shared.kernel.clock import local_date
from shared.kernel.errors import DomainError
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.uow import UnitOfWork, refusal_for, unit_of_work
from shared.workbooks import MAX_FILE_BYTES, SheetTooLargeError, read_sheets

T = TypeVar("T")

CLOCK: Final = frozenset({Actor.CLOCK})
READERS: Final = (Role.ASSESSOR, Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
LONGEST_CAP_DAYS: Final = 366


async def upload_sheet(
    *, uow: UnitOfWork, principal: Principal, name: str, assessed_on: date, file_name: str, content: bytes
) -> ClaimSheet:
    """Take a file in; a worker checks it, and nothing is entered yet.

    Errors: ForbiddenError, AssessedOnInvalidError, SheetTooLargeError.
    """
    principal.require(Role.ASSESSOR)
    check_assessed_on(assessed_on, local_date(uow.now))
    if len(content) > MAX_FILE_BYTES:
        raise SheetTooLargeError(size_bytes=len(content), limit_bytes=MAX_FILE_BYTES)
    sheet_id = uow.new_id()
    row = ClaimSheetRow(
        community_id=uow.community_id,
        id=sheet_id,
        name=name,
        assessed_on=assessed_on,
        state=State.UPLOADED,
        file_name=file_name[:200],
        file_bytes=len(content),
        file_sha256=hashlib.sha256(content).digest(),
        uploaded_by=principal.account_id,
        uploaded_at=uow.now,
    )
    await repository.add(uow.session, row, content)
    await _note(uow, principal, sheet_id, "upload", State.UPLOADED)
    return await repository.get(uow.session, sheet_id)


async def apply_sheet(*, uow: UnitOfWork, principal: Principal, sheet_id: UUID) -> ClaimSheet:
    """Ask for a checked sheet to be entered; a worker does it, all or nothing.

    Locks/IO: the sheet's row.
    Errors: ClaimSheetNotFoundError, ForbiddenError, WrongStateError.
    """
    sheet = await repository.get(uow.session, sheet_id, for_update=True)
    state = LIFE.perform(sheet.state, Action.APPLY, acting_as(principal))
    await repository.save(uow.session, sheet_id, state=state, attempts=0, phase="", done=0, total=0)
    await _note(uow, principal, sheet_id, Action.APPLY, state)
    return await repository.get(uow.session, sheet_id)


async def discard_sheet(*, uow: UnitOfWork, principal: Principal, sheet_id: UUID) -> ClaimSheet:
    """Forget an upload that is not to be entered.

    Locks/IO: the sheet's row.
    Errors: ClaimSheetNotFoundError, ForbiddenError, WrongStateError.
    """
    sheet = await repository.get(uow.session, sheet_id, for_update=True)
    state = LIFE.perform(sheet.state, Action.DISCARD, acting_as(principal))
    await repository.save(uow.session, sheet_id, state=state, finished_at=uow.now)
    await repository.drop_file(uow.session, sheet_id)
    await _note(uow, principal, sheet_id, Action.DISCARD, state)
    return await repository.get(uow.session, sheet_id)


async def vote_on_sheet(
    *, uow: UnitOfWork, principal: Principal, sheet_id: UUID, is_approved: bool, reason: str
) -> ClaimSheet:
    """Vote on every line of a sheet the caller may judge; lines with enough votes are decided and, when passed, published.

    Lines of the own household and of kin are left out and wait for others.

    Locks/IO: the lines, in order.
    Errors: ClaimSheetNotFoundError, ForbiddenError, WrongStateError, ClerkError, ReasonMissingError, SheetVotedError.
    """
    sheet = await repository.get(uow.session, sheet_id)
    LIFE.perform(sheet.state, Action.VOTE, acting_as(principal))
    if sheet.uploaded_by == principal.account_id:
        raise ClerkError
    if not is_approved and not reason.strip():
        raise ReasonMissingError
    kin = await kinships.kin_of(uow=uow, principal=principal)
    await repository.allow_long_statements(uow.session)
    before = await repository.count_votes(uow.session, sheet_id, principal.account_id)
    decided = await repository.vote(
        uow.session,
        uow.community_id,
        sheet_id,
        account_id=principal.account_id,
        aside=households_aside(principal, kin),
        is_approved=is_approved,
        reason=reason,
        now=uow.now,
    )
    if await repository.count_votes(uow.session, sheet_id, principal.account_id) == before:
        raise SheetVotedError
    for line in decided:
        uow.announce(line.claim_id, _told(line, reason, uow.now))
    await _note(uow, principal, sheet_id, Action.VOTE, sheet.state, reason)
    return sheet


async def _note(
    uow: UnitOfWork, principal: Principal, sheet_id: UUID, action: str, state: State, reason: str = ""
) -> None:
    by = principal.account_id
    await steps.record_step(
        uow=uow, subject_id=sheet_id, action=str(action), state=state.value, account_id=by, reason=reason
    )


def _told(line: DecidedLine, reason: str, now: datetime) -> ClaimDecided:
    """Return the fact that a line was decided, as it is told of a claim entered alone."""
    is_published = line.state == ClaimState.PUBLICISED
    return ClaimDecided(
        claim_id=line.claim_id,
        household_id=line.household_id,
        item_name=line.item_name,
        state=line.state,
        reason="" if is_published else reason,
        group=line.group,
        points=line.points,
        notice_ends_at=notice_ends_at(now, line.notice_days) if is_published else None,
        moved_at=now,
    )


async def list_sheets(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: State | None,
    from_on: date | None,
    to_on: date | None,
) -> Slice[ClaimSheet]:
    """Return the sheets, newest first; the days are those of the assessments.

    Errors: ForbiddenError; DaysReversedError.
    """
    principal.require(*READERS)
    check_days(from_on, to_on)
    return await repository.list_page(uow.session, page, state=state, from_on=from_on, to_on=to_on)


async def get_sheet(*, uow: UnitOfWork, principal: Principal, sheet_id: UUID) -> tuple[ClaimSheet, dict[str, int]]:
    """Return a sheet and how many of its lines are in each state.

    Errors: ForbiddenError, ClaimSheetNotFoundError.
    """
    principal.require(*READERS)
    return await repository.get(uow.session, sheet_id), await repository.count_lines(uow.session, sheet_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, sheet_id: UUID) -> tuple[ClaimSheet, list[Action]]:
    """Return a sheet and what the caller could do with it now.

    Errors: ForbiddenError, ClaimSheetNotFoundError.
    """
    principal.require(*READERS)
    sheet = await repository.get(uow.session, sheet_id)
    return sheet, allowed_actions(sheet, principal)


async def list_problems(
    *, uow: UnitOfWork, principal: Principal, sheet_id: UUID, page: PageRequest
) -> Slice[ReportedProblem]:
    """Return what is wrong with a sheet, in reading order.

    Errors: ForbiddenError, ClaimSheetNotFoundError.
    """
    principal.require(*READERS)
    await repository.get(uow.session, sheet_id)
    return await repository.list_problems(uow.session, sheet_id, page)


def sweeps(runtime: Runtime[Any]) -> tuple[Sweep, ...]:
    """Return the worker's part: checking and applying."""
    return (
        Sweep(
            "work_claim_sheets",
            find_due=repository.find_due,
            act=lambda uow, sheet_id: work_on_sheet(uow=uow, runtime=runtime, sheet_id=sheet_id),
        ),
    )


async def work_on_sheet(*, uow: UnitOfWork, runtime: Runtime[Any], sheet_id: UUID) -> None:
    """Check an uploaded sheet, or enter one that was asked for; nothing when another worker is at it.

    Locks/IO: the work on this sheet; while applying every cap of the community.
    Idempotency: a worker that dies leaves everything as it was, and another begins anew, three times at most.
    """
    sheet = await repository.take(uow.session, sheet_id)
    if sheet is None:
        return
    progress = _Progress(runtime, uow.community_id, sheet)
    await repository.allow_long_statements(uow.session)
    try:
        async with uow.session.begin_nested():
            if sheet.state is State.UPLOADED:
                await _check(uow, sheet, progress)
            else:
                await _apply(uow, sheet, progress)
            await uow.flush()
    except (DomainError, DBAPIError) as error:
        refusal = error if isinstance(error, DomainError) else refusal_for(runtime.database, error)
        if refusal is None or refusal.kind == "unavailable":
            raise
        uow.forget_announcements()
        if progress.checked is not None:
            await repository.save_problems(uow.session, uow.community_id, sheet_id, progress.checked.problems)
        await _end(uow, sheet, Action.REFUSE, refusal_code=refusal.code, refusal_detail=refusal.message)


async def _check(uow: UnitOfWork, sheet: ClaimSheet, progress: "_Progress") -> None:
    checked, version = await _read(uow, sheet, progress)
    await repository.save_problems(uow.session, uow.community_id, sheet.id, checked.problems)
    found = {
        "checked_at": uow.now,
        "rulebook_version": version,
        "row_count": checked.row_count,
        "problem_count": len(checked.problems),
        "plus_points": checked.plus_points,
        "minus_points": checked.minus_points,
    }
    if checked.problems:
        await _end(uow, sheet, Action.REFUSE, **found)
        return
    state = LIFE.perform(sheet.state, Action.ACCEPT, CLOCK)
    await repository.save(uow.session, sheet.id, state=state, phase="checked", done=1, total=1, **found)


async def _apply(uow: UnitOfWork, sheet: ClaimSheet, progress: "_Progress") -> None:
    checked, version = await _read(uow, sheet, progress)
    progress.checked = checked
    if checked.problems:
        raise SheetOutdatedError(problem_count=len(checked.problems))
    await progress.tell("writing", 0, len(checked.lines))
    await claims.enter_lines(uow=uow, lines=checked.lines)
    await _end(uow, sheet, Action.FINISH, rulebook_version=version, phase="applied", done=1, total=1)


async def _end(uow: UnitOfWork, sheet: ClaimSheet, action: Action, **values: Any) -> None:
    state = LIFE.perform(sheet.state, action, CLOCK)
    await repository.save(uow.session, sheet.id, state=state, finished_at=uow.now, **values)
    await repository.drop_file(uow.session, sheet.id)


async def _read(uow: UnitOfWork, sheet: ClaimSheet, progress: "_Progress") -> tuple[Checked, int]:
    await progress.tell("reading", 0, 1, begins=True)
    rulebook = await rulebooks.get_rulebook_in_force(uow=uow)
    reach = timedelta(days=OLDEST_DAYS + LONGEST_CAP_DAYS)
    today = local_date(uow.now)
    taken = await claims.list_taken(uow=uow, since=today - reach, until=today)
    households = {
        code_of(row.number): Household(row.id, row.grid_id, row.building_id)
        for row in await ledger.list_households(uow=uow)
        if row.status == "active"
    }
    basis = Basis(rulebook, households, taken, sheet.assessed_on, today)
    content = await repository.load_file(uow.session, sheet.id)
    now, new_id, account_id = uow.now, uow.new_id, sheet.uploaded_by

    def read() -> Checked:
        return check_sheet(
            read_sheets(content),
            basis,
            sheet_id=sheet.id,
            account_id=account_id,
            now=now,
            new_id=new_id,
            note=progress.note,
        )

    return await progress.watch("checking", asyncio.to_thread(read)), rulebook.version


@dataclass
class _Progress:
    """Tells how far the work has come, in transactions of its own, about twice a second."""

    runtime: Runtime[Any]
    community_id: UUID
    sheet: ClaimSheet
    checked: Checked | None = None
    _noted: tuple[int, int] = field(default=(0, 1))

    def note(self, done: int, total: int) -> None:
        """Note a number from the thread that counts."""
        self._noted = (done, total)

    async def tell(self, phase: str, done: int, total: int, *, begins: bool = False) -> None:
        attempts = {"attempts": self.sheet.attempts + 1} if begins else {}
        async with unit_of_work(self.runtime.database, self.runtime.clock, self.community_id) as uow:
            await repository.save(uow.session, self.sheet.id, phase=phase, done=done, total=total, **attempts)

    async def watch(self, phase: str, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            await asyncio.wait({task}, timeout=0.5)
            if not task.done():
                await self.tell(phase, *self._noted)
        return task.result()
