"""What happens to public notices: shown, amended, objected to, answered, completed."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import chinese_calendar

from services.proposals.notices import domain, repository
from services.proposals.notices.domain import LIFE, NoticeAction, NoticeState
from services.proposals.notices.errors import CalendarUnknownError
from services.proposals.notices.models import Notice, Objection
from services.proposals.processes.templates import DayKind
from shared.contracts.events import NoticeCompleted, NoticeStarted, ObjectionAnswered
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

NoticeRow = Notice
"""A notice as its use cases hand it over."""


def is_working_day(day: date) -> bool:
    """Tell whether people work on a day, by the State Council's arrangement of the year.

    Errors: CalendarUnknownError for a year whose arrangement is not out yet.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise CalendarUnknownError(year=day.year) from None


def _due_at(started_at: datetime, days: int, day_kind: DayKind) -> datetime:
    return domain.due_at(started_at, days, day_kind, is_working_day)


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
    least_days: int,
    day_kind: DayKind,
) -> Notice:
    """Show something publicly; the caller has checked who runs the step.

    Errors: NoticeTooShortError, CalendarUnknownError; NoticeAlreadyRunningError by the database.
    """
    domain.require_long_enough(days, least_days)
    notice = Notice(
        community_id=uow.community_id,
        id=uow.new_id(),
        process_id=process_id,
        step_code=step_code,
        title=title,
        body=body,
        content_hash=domain.notice_hash(title, body),
        places=list(places),
        days=days,
        day_kind=day_kind,
        contact=contact,
        state=NoticeState.RUNNING,
        started_by=principal.account_id,
        started_at=uow.now,
        due_at=_due_at(uow.now, days, day_kind),
    )
    await repository.add(uow.session, notice)
    _announce_start(uow, notice)
    return notice


def _announce_start(uow: UnitOfWork, notice: Notice) -> None:
    uow.announce(
        notice.id,
        NoticeStarted(
            notice_id=notice.id,
            process_id=notice.process_id,
            title=notice.title,
            content_hash=notice.content_hash,
            contact=notice.contact,
            due_at=notice.due_at,
        ),
    )


async def amend_notice(*, uow: UnitOfWork, principal: Principal, notice_id: UUID, title: str, body: str) -> Notice:
    """Change what is shown; the clock starts again.

    Locks/IO: the notice.
    Errors: NoticeNotFoundError, ForbiddenError, WrongStateError, CalendarUnknownError.
    """
    row = await repository.get_for_update(uow.session, notice_id)
    before = repository.to_domain(row)
    due = _due_at(uow.now, row.days, before.day_kind)
    amended = domain.amend(before, principal, new_hash=domain.notice_hash(title, body), now=uow.now, due=due)
    if amended != before:
        repository.apply(row, amended)
        row.title, row.body = title, body
        _announce_start(uow, row)
    return row


async def get_notice(*, uow: UnitOfWork, notice_id: UUID) -> Notice:
    """Return a notice.

    Errors: NoticeNotFoundError.
    """
    return await repository.get(uow.session, notice_id)


async def list_notices(
    *, uow: UnitOfWork, page: PageRequest, state: NoticeState | None, process_id: UUID | None
) -> Slice[Notice]:
    """Return the notices of the community, newest first."""
    return await repository.list_notices(uow.session, page, state=state, process_id=process_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, notice_id: UUID) -> tuple[str, list[NoticeAction]]:
    """Return the state of a notice and what the caller could do with it.

    Errors: NoticeNotFoundError.
    """
    state = NoticeState((await repository.get(uow.session, notice_id)).state)
    return state, LIFE.actions(state, domain.acting_as(principal))


async def raise_objection(*, uow: UnitOfWork, principal: Principal, notice_id: UUID, body: str) -> Objection:
    """Object to a running notice as a household.

    Locks/IO: the notice.
    Errors: NoticeNotFoundError, NoHouseholdError, WrongStateError.
    """
    household_id = principal.require_household()
    row = await repository.get_for_update(uow.session, notice_id)
    repository.apply(row, domain.object_to(repository.to_domain(row), principal))
    objection = Objection(
        community_id=uow.community_id,
        id=uow.new_id(),
        notice_id=notice_id,
        household_id=household_id,
        account_id=principal.account_id,
        body=body,
        raised_at=uow.now,
    )
    await repository.add(uow.session, objection)
    return objection


async def answer_objection(
    *, uow: UnitOfWork, principal: Principal, objection_id: UUID, answer: str, is_upheld: bool
) -> Objection:
    """Answer an objection by name; one that is upheld stops the notice.

    Locks/IO: the objection, then the notice.
    Errors: ObjectionNotFoundError, ForbiddenError, ObjectionAnsweredError, WrongStateError.
    """
    objection = await repository.get_objection_for_update(uow.session, objection_id)
    row = await repository.get_for_update(uow.session, objection.notice_id)
    answered = domain.answer_objection(
        repository.to_domain(row), principal, is_answered=objection.answered_at is not None, is_upheld=is_upheld
    )
    repository.apply(row, answered)
    objection.answer, objection.is_upheld = answer, is_upheld
    objection.answered_by, objection.answered_by_name = principal.account_id, principal.name
    objection.answered_at = uow.now
    uow.announce(
        row.id,
        ObjectionAnswered(
            objection_id=objection.id,
            notice_id=row.id,
            account_id=objection.account_id,
            household_id=objection.household_id,
            title=row.title,
            answer=answer,
            answered_by=principal.name,
            is_upheld=is_upheld,
        ),
    )
    return objection


async def list_objections(*, uow: UnitOfWork, notice_id: UUID, page: PageRequest) -> Slice[Objection]:
    """Return the objections to a notice with their answers, newest first.

    Errors: NoticeNotFoundError.
    """
    await repository.get(uow.session, notice_id)
    return await repository.list_objections(uow.session, notice_id, page)


async def stop_notices(*, uow: UnitOfWork, process_id: UUID) -> None:
    """Stop the running notices of a process whose step was sent back or rejected.

    Locks/IO: the notices.
    """
    for row in await repository.list_running_for_update(uow.session, process_id):
        repository.apply(row, domain.stop(repository.to_domain(row)))


async def complete_due_notice(*, uow: UnitOfWork, notice_id: UUID) -> Notice | None:
    """Complete a notice by the clock; return it, or None when it cannot be completed any more.

    Locks/IO: the notice unless somebody is at it.
    Idempotency: without effect when it is not running, not due or has an open objection.
    """
    row = await repository.find_due_for_update(uow.session, notice_id, uow.now)
    if row is None:
        return None
    repository.apply(row, domain.complete(repository.to_domain(row), None, now=uow.now))
    row.completed_at = uow.now
    uow.announce(row.id, NoticeCompleted(notice_id=row.id, process_id=row.process_id, title=row.title))
    return row
