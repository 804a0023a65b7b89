"""What can be done with a roster: upload it, have it checked, apply it whole or not at all, take the cards of new households.

Checking and applying are done by the worker, because a community of 20,000 takes longer than anybody waits for an answer.
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.identity.audits import usecases as audits
from services.identity.bindings import usecases as bindings
from services.identity.households import usecases as households
from services.identity.places import usecases as places
from services.identity.residents import usecases as residents
from services.identity.rosters import repository
from services.identity.rosters.domain import IMPORT_LIFE, ImportAction, ImportActor, ImportState, Roster, RosterResident
from services.identity.rosters.errors import (
    CardsAlreadyTakenError,
    FileTooLargeError,
    RosterImportNotFoundError,
    RosterOutdatedError,
)
from services.identity.rosters.parsing import ParsedRoster, parse_roster
from services.identity.rosters.planning import CHANGES_SHOWN, Indexes, Present, Removals, RosterPlan, plan_import
from services.identity.rosters.workbook import MAX_FILE_BYTES, read_sheets
from shared.crypto import FieldCipher
from shared.kernel.clock import local_date
from shared.kernel.errors import DomainError
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.uow import UnitOfWork, refusal_for, unit_of_work

T = TypeVar("T")

ADMIN = frozenset({ImportActor.ADMIN})
CLOCK = frozenset({ImportActor.CLOCK})
APPLY_STATEMENT_TIMEOUT = "60s"
"""A statement over 20,000 rows may take longer than one for a person at a screen."""


async def upload_roster(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, file_name: str, content: bytes
) -> UUID:
    """Take a file in; a worker checks it.

    Errors: ForbiddenError, FileTooLargeError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLargeError(size_bytes=len(content), limit_bytes=MAX_FILE_BYTES)
    import_id = uow.new_id()
    row = {
        "community_id": uow.community_id,
        "id": import_id,
        "state": ImportState.UPLOADED.value,
        "file_name": file_name[:200],
        "file_bytes": len(content),
        "file_sha256": hashlib.sha256(content).digest(),
        "uploaded_by": principal.account_id,
        "uploaded_at": uow.now,
        "row_counts": {},
        "problem_count": 0,
        "change_counts": {},
    }
    sealed = await asyncio.to_thread(cipher.encrypt, base64.b64encode(content).decode(), _context(import_id))
    await repository.insert_import(uow.session, row, sealed)
    return import_id


def _context(import_id: UUID) -> str:
    return f"roster_file:{import_id}"


async def apply_roster(*, uow: UnitOfWork, principal: Principal, import_id: UUID, removals: Removals) -> None:
    """Ask for a checked roster to be applied; a worker does it, all or nothing.

    Errors: ForbiddenError, RosterImportNotFoundError, WrongStateError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    row = await repository.get_for_update(uow.session, import_id)
    if row is None:
        raise RosterImportNotFoundError
    state = IMPORT_LIFE.perform(ImportState(row.state), ImportAction.APPLY, ADMIN)
    await repository.save_import(
        uow.session, import_id, state=state.value, removals=removals.value, applied_by=principal.account_id
    )
    await repository.reset_attempts(uow.session, import_id)
    await _record(uow, principal, "apply_roster", import_id, removals=removals.value, file_name=row.file_name)


async def discard_roster(*, uow: UnitOfWork, principal: Principal, import_id: UUID) -> None:
    """Forget an upload that is not to be applied.

    Errors: ForbiddenError, RosterImportNotFoundError, WrongStateError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    row = await repository.get_for_update(uow.session, import_id)
    if row is None:
        raise RosterImportNotFoundError
    await _end(uow, row, ImportAction.DISCARD, ADMIN)


async def take_cards(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, import_id: UUID
) -> list[tuple[str, str]]:
    """Hand out the codes for the cards of newly registered households, once: (household number, twelve digits).

    Errors: ForbiddenError, RosterImportNotFoundError, CardsAlreadyTakenError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    row = await repository.get_for_update(uow.session, import_id)
    if row is None:
        raise RosterImportNotFoundError
    if row.cards_taken_at is not None:
        raise CardsAlreadyTakenError(taken_at=row.cards_taken_at.isoformat())
    cards = await repository.take_cards(uow.session, import_id)
    if cards:
        await repository.save_import(uow.session, import_id, cards_taken_at=uow.now)
        await _record(uow, principal, "take_card_codes", import_id, count=str(len(cards)))
    return [(card.household_number, cipher.decrypt(card.sealed, f"roster_card:{card.household_id}")) for card in cards]


async def _record(uow: UnitOfWork, principal: Principal, act: str, import_id: UUID, **facts: str) -> None:
    await audits.record_act(
        uow=uow, principal=principal, act=act, subject_kind="roster_import", subject_id=import_id, facts=facts
    )


async def get_import(*, uow: UnitOfWork, principal: Principal, import_id: UUID) -> tuple[Any, int]:
    """Return an import with its progress, and how many codes wait to be taken.

    Errors: ForbiddenError, RosterImportNotFoundError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    row = await repository.find_import(uow.session, import_id)
    if row is None:
        raise RosterImportNotFoundError
    return row, await repository.count_cards(uow.session, import_id)


async def list_imports(*, uow: UnitOfWork, principal: Principal, page: PageRequest) -> Slice[Any]:
    """Return a page of imports, newest first.

    Errors: ForbiddenError, CursorInvalidError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    return await repository.list_imports(uow.session, after=page.after_moment_and_id(), limit=page.limit)


async def list_problems(*, uow: UnitOfWork, principal: Principal, import_id: UUID, page: PageRequest) -> Slice[Any]:
    """Return a page of the report, in reading order.

    Errors: ForbiddenError, RosterImportNotFoundError, CursorInvalidError.
    """
    await get_import(uow=uow, principal=principal, import_id=import_id)
    return await repository.list_lines(
        uow.session, repository.PROBLEM, import_id, after=page.after_number() or 0, limit=page.limit
    )


async def list_changes(*, uow: UnitOfWork, principal: Principal, import_id: UUID, page: PageRequest) -> Slice[Any]:
    """Return a page of what applying would do.

    Errors: ForbiddenError, RosterImportNotFoundError, CursorInvalidError.
    """
    await get_import(uow=uow, principal=principal, import_id=import_id)
    return await repository.list_lines(
        uow.session, repository.CHANGE, import_id, after=page.after_number() or 0, limit=page.limit
    )


def sweeps(runtime: Runtime[Any]) -> Sequence[Sweep]:
    """Return the worker's share: check what was uploaded, apply what was asked for, forget what nobody applied."""

    async def work(uow: UnitOfWork, import_id: UUID) -> None:
        await work_on_import(uow=uow, runtime=runtime, import_id=import_id)

    return (
        Sweep("work_on_rosters", repository.find_due, work),
        Sweep("discard_stale_rosters", repository.find_stale, _discard_stale),
    )


async def _discard_stale(uow: UnitOfWork, import_id: UUID) -> None:
    row = await repository.take(uow.session, import_id)
    if row is not None and row.state == ImportState.CHECKED.value:
        await _end(uow, row, ImportAction.DISCARD, ADMIN)


async def work_on_import(*, uow: UnitOfWork, runtime: Runtime[Any], import_id: UUID) -> None:
    """Check an uploaded roster, or apply one that was asked for; nothing when another worker is at it.

    Locks/IO: the import's row and the community's import lock for the whole work; progress goes through transactions of its own.
    Idempotency: a worker that dies leaves everything as it was, and another begins anew, three times at most.
    """
    row = await repository.take(uow.session, import_id)
    if row is None or row.state not in {ImportState.UPLOADED.value, ImportState.APPLYING.value}:
        return
    progress = _Progress(runtime, uow.community_id, import_id)
    await uow.session.execute(
        text("SELECT set_config('statement_timeout', :timeout, true)"), {"timeout": APPLY_STATEMENT_TIMEOUT}
    )
    try:
        if row.state == ImportState.UPLOADED.value:
            await _check(uow, runtime.cipher, row, progress)
        else:
            async with uow.session.begin_nested():
                await _apply(uow, runtime.cipher, row, progress)
                await uow.flush()
    except (DomainError, DBAPIError) as error:
        refusal = error if isinstance(error, DomainError) else refusal_for(runtime.database, error)
        if refusal is None or refusal.kind == "unavailable":
            raise
        uow.forget_announcements()
        is_outdated = isinstance(refusal, RosterOutdatedError)
        action = ImportAction.SUPERSEDE if is_outdated else ImportAction.REFUSE
        await _end(uow, row, action, CLOCK, refusal_code=refusal.code, refusal_detail=refusal.message)


async def _check(uow: UnitOfWork, cipher: FieldCipher, row: Any, progress: "_Progress") -> None:
    parsed = await _parse(uow, cipher, row, progress)
    await repository.save_problems(uow.session, uow.community_id, row.id, parsed.problems)
    found = {"checked_at": uow.now, "row_counts": dict(parsed.row_counts), "problem_count": parsed.problem_count}
    if parsed.roster is None:
        await _end(uow, row, ImportAction.REFUSE, CLOCK, **found)
        return
    await progress.tell("comparing", 0, 1)
    plan = await _plan(uow, cipher, parsed.roster)
    shown = [change for change, _ in zip(plan.shown(), range(CHANGES_SHOWN), strict=False)]
    await repository.save_changes(uow.session, uow.community_id, row.id, shown)
    state = IMPORT_LIFE.perform(ImportState(row.state), ImportAction.ACCEPT, CLOCK)
    await repository.save_import(
        uow.session, row.id, state=state.value, change_counts=plan.counts(), digest=plan.digest(), **found
    )
    await progress.tell("checked", 1, 1)


async def _apply(uow: UnitOfWork, cipher: FieldCipher, row: Any, progress: "_Progress") -> None:
    parsed = await _parse(uow, cipher, row, progress)
    if parsed.roster is None:
        raise RosterOutdatedError
    plan = await _plan(uow, cipher, parsed.roster)
    if plan.digest() != row.digest:
        raise RosterOutdatedError
    removals = Removals(row.removals)
    await progress.tell("writing_places", 0, 4)
    await places.change_places(uow=uow, changes=plan.place_changes(removals))
    await progress.tell("writing_residents", 1, 4)
    registered = await households.change_roll(
        uow=uow,
        cipher=cipher,
        changes=plan.roll_changes(removals),
        acted_by=row.applied_by,
        source_id=row.id,
        reason="roster",
    )
    await progress.tell("making_cards", 2, 4)
    codes = await bindings.issue_card_codes(
        uow=uow, cipher=cipher, household_ids=list(registered.values()), issued_by=row.applied_by
    )
    numbers = {household_id: number for number, household_id in registered.items()}
    cards = [
        {
            "community_id": uow.community_id,
            "import_id": row.id,
            "household_id": household_id,
            "household_number": numbers[household_id],
            "sealed": cipher.encrypt(code, f"roster_card:{household_id}"),
        }
        for household_id, code in codes.items()
    ]
    await repository.insert_cards(uow.session, cards)
    await progress.tell("telling_services", 3, 4)
    await _end(uow, row, ImportAction.FINISH, CLOCK)


async def _end(
    uow: UnitOfWork, row: Any, action: ImportAction, acting_as: frozenset[ImportActor], **values: Any
) -> None:
    state = IMPORT_LIFE.perform(ImportState(row.state), action, acting_as)
    await repository.save_import(uow.session, row.id, state=state.value, finished_at=uow.now, **values)
    await repository.drop_file(uow.session, row.id)


async def _parse(uow: UnitOfWork, cipher: FieldCipher, row: Any, progress: "_Progress") -> ParsedRoster:
    sealed = await repository.load_file(uow.session, row.id)
    today = local_date(uow.now)

    def read() -> ParsedRoster:
        content = base64.b64decode(cipher.decrypt(sealed, _context(row.id)))
        return parse_roster(read_sheets(content), today=today, progress=progress.note)

    await progress.tell("reading", 0, 1, begins=True)
    return await progress.watch("reading", asyncio.to_thread(read))


async def _plan(uow: UnitOfWork, cipher: FieldCipher, roster: Roster) -> RosterPlan:
    present = Present(
        places=await places.describe_places(uow=uow),
        households=await households.describe_households(uow=uow),
        members=await residents.describe_members(uow=uow),
    )

    def index(person: RosterResident) -> Indexes:
        number, phone = person.identity_number, person.phone
        return Indexes(
            identity=residents.index_identity_number(cipher, number) if number else None,
            phone=residents.index_phone(cipher, phone) if phone else None,
        )

    def plan() -> RosterPlan:
        return plan_import(roster, {person: index(person) for person in roster.residents}, present)

    return await asyncio.to_thread(plan)


@dataclass
class _Progress:
    """Tells how far the work has come, in transactions of its own, about twice a second."""

    runtime: Runtime[Any]
    community_id: UUID
    import_id: UUID
    _noted: tuple[int, int] = field(default=(0, 1))

    def note(self, done: int, total: int) -> None:
        """Note a number from the thread that counts."""
        self._noted = (done, total)

    async def tell(self, phase: str, done: int, total: int, *, begins: bool = False) -> None:
        async with unit_of_work(self.runtime.database, self.runtime.clock, self.community_id) as uow:
            await repository.save_progress(
                uow.session,
                self.community_id,
                self.import_id,
                phase=phase,
                done=done,
                total=total,
                now=uow.now,
                begins=begins,
            )

    async def watch(self, phase: str, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            await asyncio.wait({task}, timeout=0.5)
            if not task.done():
                await self.tell(phase, *self._noted)
        return task.result()
