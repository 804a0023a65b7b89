"""What can be done with concerns."""

from collections.abc import Sequence
from uuid import UUID

from services.proposals.concerns import domain, repository
from services.proposals.concerns.domain import (
    DEFAULT_POLICY,
    LIFE,
    TRIAGE_ROLES,
    Channel,
    ConcernAction,
    ConcernState,
    Level,
)
from services.proposals.concerns.errors import HouseholdNotFoundError
from services.proposals.concerns.models import Concern, ConcernSupport
from services.proposals.rolls import usecases as rolls
from services.proposals.rolls.domain import ScopeKind
from shared.contracts.events import ConcernAnswered
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def file_concern(
    *,
    uow: UnitOfWork,
    principal: Principal,
    title: str,
    body: str,
    place: str,
    photos: Sequence[UUID],
    channel: Channel,
    household_id: UUID | None,
) -> Concern:
    """Enter a concern: one's own, or (staff) somebody's who said it at a meeting, by telephone or at the door.

    Errors: ForbiddenError for entering somebody else's without being staff; HouseholdNotFoundError, because the answer would reach nobody.
    """
    is_own = channel is Channel.OWN
    if not is_own:
        principal.require(*TRIAGE_ROLES)
        if household_id is not None and not await rolls.is_in_scope(
            uow=uow, household_id=household_id, scope_kind=ScopeKind.COMMUNITY, scope_id=None
        ):
            raise HouseholdNotFoundError
    concern = Concern(
        community_id=uow.community_id,
        id=uow.new_id(),
        author_account_id=principal.account_id if is_own else None,
        household_id=principal.household_id if is_own else household_id,
        channel=channel,
        title=title,
        body=body,
        place=place,
        photos=list(photos),
        entered_by=principal.account_id,
        state=ConcernState.FILED,
        filed_at=uow.now,
    )
    await repository.add(uow.session, concern)
    return concern


async def get_concern(*, uow: UnitOfWork, principal: Principal, concern_id: UUID) -> Concern:
    """Return a concern the caller may see.

    Errors: ConcernNotFoundError.
    """
    return await repository.get_visible(uow.session, concern_id, principal)


async def list_concerns(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: ConcernState | None,
    level: Level | None,
    mine: bool,
) -> Slice[Concern]:
    """Return the concerns the caller may see, newest first."""
    return await repository.list_concerns(uow.session, principal, page, state=state, level=level, mine=mine)


async def list_actions(*, uow: UnitOfWork, principal: Principal, concern_id: UUID) -> tuple[str, list[ConcernAction]]:
    """Return the state of a concern and what the caller could do with it.

    Errors: ConcernNotFoundError.
    """
    concern = repository.to_domain(await repository.get_visible(uow.session, concern_id, principal))
    return concern.state, LIFE.actions(concern.state, domain.acting_as(concern, principal))


async def triage_concern(
    *, uow: UnitOfWork, principal: Principal, concern_id: UUID, level: Level, reason: str
) -> Concern:
    """Sort a concern into major, minor or private.

    Locks/IO: the concern.
    Errors: ConcernNotFoundError, ForbiddenError, WrongStateError, ReasonMissingError.
    """
    row = await repository.get_for_update(uow.session, concern_id, principal)
    decided = domain.triage(
        repository.to_domain(row), principal, level=level, reason=reason, now=uow.now, policy=DEFAULT_POLICY
    )
    repository.apply(row, decided)
    return row


async def answer_concern(*, uow: UnitOfWork, principal: Principal, concern_id: UUID, text: str) -> Concern:
    """Answer a concern; its author is told.

    Locks/IO: the concern.
    Errors: ConcernNotFoundError, ForbiddenError, WrongStateError.
    """
    row = await repository.get_for_update(uow.session, concern_id, principal)
    repository.apply(row, domain.answer(repository.to_domain(row), principal, text=text, now=uow.now))
    uow.announce(
        row.id,
        ConcernAnswered(
            concern_id=row.id,
            account_id=row.author_account_id,
            household_id=row.household_id,
            title=row.title,
            answer=row.answer,
        ),
    )
    return row


async def close_concern(*, uow: UnitOfWork, principal: Principal, concern_id: UUID) -> Concern:
    """End an answered concern.

    Locks/IO: the concern.
    Errors: ConcernNotFoundError, ForbiddenError, WrongStateError.
    """
    row = await repository.get_for_update(uow.session, concern_id, principal)
    repository.apply(row, domain.close(repository.to_domain(row), principal))
    return row


async def reopen_concern(*, uow: UnitOfWork, principal: Principal, concern_id: UUID) -> Concern:
    """Refuse the answer as the author.

    Locks/IO: the concern.
    Errors: ConcernNotFoundError, ForbiddenError, WrongStateError.
    """
    row = await repository.get_for_update(uow.session, concern_id, principal)
    repository.apply(row, domain.reopen(repository.to_domain(row), principal, now=uow.now, policy=DEFAULT_POLICY))
    return row


async def merge_concern(*, uow: UnitOfWork, principal: Principal, concern_id: UUID, into_id: UUID) -> Concern:
    """Merge a concern into another that says the same.

    Locks/IO: both concerns, in sorted id order.
    Errors: ConcernNotFoundError, ForbiddenError, WrongStateError, MergeIntoItselfError.
    """
    rows = {
        each: await repository.get_for_update(uow.session, each, principal) for each in sorted({concern_id, into_id})
    }
    row = rows[concern_id]
    repository.apply(row, domain.merge(repository.to_domain(row), repository.to_domain(rows[into_id]), principal))
    return row


async def support_concern(*, uow: UnitOfWork, principal: Principal, concern_id: UUID) -> Concern:
    """Say the same as a household; a second time changes nothing.

    Locks/IO: the concern.
    Errors: ConcernNotFoundError, NoHouseholdError, ConcernMergedError.
    """
    household_id = principal.require_household()
    row = await repository.get_for_update(uow.session, concern_id, principal)
    domain.require_not_merged(repository.to_domain(row))
    support = ConcernSupport(
        community_id=uow.community_id,
        concern_id=concern_id,
        household_id=household_id,
        account_id=principal.account_id,
        given_at=uow.now,
    )
    if await repository.add_support(uow.session, support):
        row.supporters += 1
    return row


async def propose_concern(*, uow: UnitOfWork, principal: Principal, concern_id: UUID) -> Concern:
    """Mark a major concern as turned into a proposal; called when the proposal is opened, in the same transaction.

    Locks/IO: the concern.
    Errors: ConcernNotFoundError, ForbiddenError, WrongStateError, ConcernNotMajorError.
    """
    row = await repository.get_for_update(uow.session, concern_id, principal)
    repository.apply(row, domain.propose(repository.to_domain(row), principal))
    return row
