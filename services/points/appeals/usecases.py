"""Appealing against what was posted, and answering it."""

from uuid import UUID

from services.points.appeals import repository
from services.points.appeals.domain import LIFE, Action, Appeal, State, acting_as, check_in_time
from services.points.appeals.models import AppealRow
from services.points.claims import usecases as claims
from services.points.claims.domain import Action as ClaimAction
from services.points.claims.errors import RecusedError
from services.points.kinships import usecases as kinships
from services.points.kinships.domain import steps_aside
from services.points.ledger import usecases as ledger
from shared.contracts.events import AppealAnswered, AppealMade
from shared.kernel.principal import Principal
from shared.pagination import WHOLE, PageRequest, Slice
from shared.uow import UnitOfWork


async def make_appeal(*, uow: UnitOfWork, principal: Principal, claim_id: UUID, reason: str) -> Appeal:
    """Appeal against a posted claim: against a deduction as its household, against what was given as a neighbour.

    Locks/IO: the claim's row.
    Errors: NoHouseholdError, ClaimNotFoundError, ForbiddenError, WrongStateError, ReasonMissingError, AppealTooLateError, AppealOpenError.
    """
    household_id = principal.require_household()
    claim = await claims.require_appealable(uow=uow, principal=principal, claim_id=claim_id, reason=reason)
    check_in_time(claim, uow.now)
    appeal_id = uow.new_id()
    row = AppealRow(
        community_id=uow.community_id,
        id=appeal_id,
        claim_id=claim_id,
        account_id=principal.account_id,
        household_id=household_id,
        reason=reason,
        state=State.OPEN,
        made_at=uow.now,
    )
    await repository.add(uow.session, row)
    uow.announce(
        claim_id,
        AppealMade(
            appeal_id=appeal_id,
            claim_id=claim_id,
            household_id=claim.household_id,
            appellant_household_id=household_id,
            item_name=claim.item_name,
            reason=reason,
        ),
    )
    return await repository.get(uow.session, principal, appeal_id)


async def answer_appeal(
    *, uow: UnitOfWork, principal: Principal, appeal_id: UUID, is_upheld: bool, answer: str
) -> Appeal:
    """Answer an appeal: upheld, the claim is reversed in the ledger; dismissed, it stays posted.

    Nobody answers who steps aside for the household that appeals, or may not judge the claim.

    Locks/IO: the appeal's row, then as reversing a claim.
    Errors: AppealNotFoundError, ForbiddenError, WrongStateError, RecusedError, ClerkError, ReasonMissingError, ClaimNotFoundError.
    """
    appeal = await repository.get(uow.session, principal, appeal_id, for_update=True)
    action = Action.UPHOLD if is_upheld else Action.DISMISS
    state = LIFE.perform(appeal.state, action, acting_as(principal, appeal))
    if steps_aside(principal, await kinships.kin_of(uow=uow, principal=principal), appeal.household_id):
        raise RecusedError
    if is_upheld:
        claim = await claims.reverse_claim(
            uow=uow, principal=principal, claim_id=appeal.claim_id, cause_id=appeal_id, reason=answer
        )
    else:
        claim = await claims.require_judge(uow=uow, principal=principal, claim_id=appeal.claim_id, reason=answer)
    await repository.end(uow.session, appeal_id, state, answer=answer, answered_by=principal.account_id, now=uow.now)
    uow.announce(
        claim.id,
        AppealAnswered(
            appeal_id=appeal_id,
            claim_id=claim.id,
            household_id=claim.household_id,
            appellant_household_id=appeal.household_id,
            item_name=claim.item_name,
            is_upheld=is_upheld,
            answer=answer,
        ),
    )
    return await repository.get(uow.session, principal, appeal_id)


async def withdraw_appeal(*, uow: UnitOfWork, principal: Principal, appeal_id: UUID) -> Appeal:
    """Take an appeal back. For the household that made it.

    Locks/IO: the appeal's row.
    Errors: AppealNotFoundError, ForbiddenError, WrongStateError.
    """
    appeal = await repository.get(uow.session, principal, appeal_id, for_update=True)
    state = LIFE.perform(appeal.state, Action.WITHDRAW, acting_as(principal, appeal))
    await repository.end(uow.session, appeal_id, state, answer="", answered_by=None, now=uow.now)
    return await repository.get(uow.session, principal, appeal_id)


async def list_appeals(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, state: State | None, claim_id: UUID | None
) -> Slice[Appeal]:
    """Return the appeals the caller may see, newest first."""
    return await repository.list_page(uow.session, principal, page, state=state, claim_id=claim_id)


async def list_for_export(*, uow: UnitOfWork, principal: Principal, state: State | None) -> list[tuple[Appeal, str]]:
    """Return every appeal with the number of its household, newest first.

    Errors: ForbiddenError for anybody but those who watch.
    """
    principal.require(*repository.WATCHERS)
    rows = await repository.list_page(uow.session, principal, WHOLE, state=state, claim_id=None)
    numbers = {home.id: home.number for home in await ledger.list_households(uow=uow)}
    return [(appeal, numbers.get(appeal.household_id, "")) for appeal in rows.rows]


async def get_appeal(*, uow: UnitOfWork, principal: Principal, appeal_id: UUID) -> Appeal:
    """Return an appeal.

    Errors: AppealNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, appeal_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, appeal_id: UUID) -> tuple[Appeal, list[Action]]:
    """Return an appeal and what the caller could do with it now.

    Errors: AppealNotFoundError.
    """
    appeal = await repository.get(uow.session, principal, appeal_id)
    found = LIFE.actions(appeal.state, acting_as(principal, appeal))
    may_answer = Action.UPHOLD in found and await _may_answer(uow, principal, appeal)
    return appeal, [action for action in found if action is Action.WITHDRAW or may_answer]


async def _may_answer(uow: UnitOfWork, principal: Principal, appeal: Appeal) -> bool:
    if steps_aside(principal, await kinships.kin_of(uow=uow, principal=principal), appeal.household_id):
        return False
    _, of_claim = await claims.list_actions(uow=uow, principal=principal, claim_id=appeal.claim_id)
    return ClaimAction.REVERSE in of_claim
