"""What households, grid workers, assessors, neighbours, supervisors and the clock do with claims."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.points.claims import repository
from services.points.claims.domain import (
    LIFE,
    Action,
    Actor,
    Claim,
    State,
    acting_as,
    check_new,
    count_panel,
    decide,
    notice_ends_at,
)
from services.points.claims.errors import CapReachedError, ItemNotFoundError, ReasonMissingError
from services.points.claims.models import ClaimObjection, ClaimVote
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, TransferKind
from services.points.rulebooks import usecases as rulebooks
from shared.contracts.events import ClaimDecided, ClaimPosted
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def submit_claim(
    *,
    uow: UnitOfWork,
    principal: Principal,
    item_code: str,
    happened_on: date,
    place: str,
    note: str,
    photo_ids: Sequence[UUID],
) -> Claim:
    """Claim points for the caller's household under the rules in force today; the claim keeps them.

    Locks/IO: claims of this household for this item, so that the cap holds when several come at once.
    Errors: NoHouseholdError, RulebookNotFoundError, ItemNotFoundError, ItemNotClaimableError, HappenedOnInvalidError,
        PhotosMissingError, CapReachedError, AccountNotFoundError.
    """
    household_id = principal.require_household()
    rulebook = await rulebooks.get_rulebook_in_force(uow=uow)
    item = next((item for item in rulebook.items if item.code == item_code), None)
    if item is None:
        raise ItemNotFoundError
    check_new(item, happened_on, len(photo_ids), local_date(uow.now))
    household = await ledger.get_household(uow=uow, household_id=household_id)
    await repository.lock_cap(uow.session, household_id, item_code)
    taken = await repository.count_towards_cap(uow.session, household_id, item_code, happened_on, item.cap_days)
    if taken >= item.cap_count:
        raise CapReachedError(item=item.name, days=item.cap_days, count=item.cap_count)
    claim = Claim(
        id=uow.new_id(),
        household_id=household_id,
        grid_id=household.grid_id,
        account_id=principal.account_id,
        rulebook_version=rulebook.version,
        item_code=item.code,
        item_name=item.name,
        points=item.points,
        happened_on=happened_on,
        place=place,
        note=note,
        photo_ids=tuple(photo_ids),
        state=State.SUBMITTED,
        panel_quorum=rulebook.policy.panel_quorum,
        notice_days=rulebook.policy.notice_days,
        notice_ends_at=None,
        reason="",
        created_at=uow.now,
    )
    await repository.add(uow.session, uow.community_id, claim)
    return claim


async def get_claim(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> Claim:
    """Return a claim.

    Errors: ClaimNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, claim_id)


async def list_claims(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, state: State | None, household_id: UUID | None
) -> Slice[Claim]:
    """Return the claims the caller may see, newest first."""
    return await repository.list_page(uow.session, principal, page, state=state, household_id=household_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> tuple[Claim, list[Action]]:
    """Return a claim and what the caller could do with it now.

    Errors: ClaimNotFoundError.
    """
    claim = await repository.get(uow.session, principal, claim_id)
    return claim, LIFE.actions(claim.state, acting_as(principal, claim))


async def verify_claim(
    *, uow: UnitOfWork, principal: Principal, claim_id: UUID, is_confirmed: bool, reason: str
) -> Claim:
    """Say, having looked, whether it happened.

    Locks/IO: the claim's row.
    Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, RecusedError, ReasonMissingError.
    """
    action = Action.VERIFY if is_confirmed else Action.REFUSE
    return await _move(uow, principal, claim_id, action, reason)


async def withdraw_claim(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> Claim:
    """Take a claim back before the panel has decided.

    Locks/IO: the claim's row.
    Errors: ClaimNotFoundError, ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, claim_id, Action.WITHDRAW, "")


async def vote_on_claim(
    *, uow: UnitOfWork, principal: Principal, claim_id: UUID, is_approved: bool, reason: str
) -> Claim:
    """Vote as a member of the panel; with enough votes the claim is decided and, when passed, published at once.

    Locks/IO: the claim's row, so that two last votes are counted one after the other.
    Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, RecusedError, ReasonMissingError, AlreadyVotedError.
    """
    claim = await repository.get(uow.session, principal, claim_id, for_update=True)
    decide(claim, Action.APPROVE if is_approved else Action.REJECT, principal, reason)
    await repository.add_vote(
        uow.session,
        ClaimVote(
            community_id=uow.community_id,
            claim_id=claim_id,
            account_id=principal.account_id,
            is_approved=is_approved,
            reason=reason,
            cast_at=uow.now,
        ),
    )
    decision = count_panel(await repository.list_votes(uow.session, claim_id), claim.panel_quorum)
    if decision is not None:
        state = LIFE.perform(claim.state, decision, frozenset({Actor.PANEL}))
        if state is State.VOTED:
            await _publicise(uow, claim, state)
        else:
            await _save(uow, claim, state, reason)
    return await repository.get(uow.session, principal, claim_id)


async def object_to_claim(*, uow: UnitOfWork, principal: Principal, claim_id: UUID, reason: str) -> Claim:
    """Object to a published claim as a neighbour; its notice stops until the objection is answered.

    Locks/IO: the claim's row.
    Errors: ClaimNotFoundError, NoHouseholdError, ForbiddenError, WrongStateError, ReasonMissingError.
    """
    household_id = principal.require_household()
    claim = await repository.get(uow.session, principal, claim_id, for_update=True)
    state = decide(claim, Action.OBJECT, principal, reason)
    await repository.add_objection(
        uow.session,
        ClaimObjection(
            community_id=uow.community_id,
            id=uow.new_id(),
            claim_id=claim_id,
            account_id=principal.account_id,
            household_id=household_id,
            reason=reason,
            made_at=uow.now,
        ),
    )
    await _save(uow, claim, state, "")
    # No second look: with its notice stopped the claim may be out of this neighbour's sight.
    return replace(claim, state=state, notice_ends_at=None)


async def answer_objection(
    *, uow: UnitOfWork, principal: Principal, claim_id: UUID, is_upheld: bool, answer: str
) -> Claim:
    """Answer the objections to a claim: upheld refuses it, dismissed publishes it again for the whole time.

    Locks/IO: the claim's row.
    Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, RecusedError, ReasonMissingError.
    """
    claim = await repository.get(uow.session, principal, claim_id, for_update=True)
    state = decide(claim, Action.UPHOLD if is_upheld else Action.PUBLICISE, principal, answer)
    if not answer.strip():
        raise ReasonMissingError
    await repository.answer_objections(
        uow.session, claim_id, is_upheld=is_upheld, answer=answer, answered_by=principal.account_id, now=uow.now
    )
    if is_upheld:
        await _save(uow, claim, state, answer)
    else:
        await _publicise(uow, claim, State.VOTED)
    return await repository.get(uow.session, principal, claim_id)


async def post_claim(*, uow: UnitOfWork, claim_id: UUID) -> None:
    """Post a claim whose notice ended without an open objection: standing and spendable points to the household.

    Locks/IO: the claim's row unless somebody is at it, then the household's accounts.
    Idempotency: without effect when it is no longer due; one transfer per asset and claim.
    """
    claim = await repository.find_due_for_update(uow.session, claim_id, uow.now)
    if claim is None:
        return
    state = LIFE.perform(claim.state, Action.POST, frozenset({Actor.CLOCK}))
    for asset in (Asset.STANDING, Asset.SPENDABLE):
        await ledger.credit_household(
            uow=uow,
            household_id=claim.household_id,
            asset=asset,
            amount=claim.points,
            kind=TransferKind.CLAIM,
            source_id=claim.id,
            summary=claim.item_name,
            acting_account_id=claim.account_id,
            rule_version=claim.rulebook_version,
            event_at=uow.now,
        )
    await repository.save_state(uow.session, claim_id, state, notice_ends_at=claim.notice_ends_at)
    uow.announce(
        claim.id,
        ClaimPosted(
            claim_id=claim.id,
            household_id=claim.household_id,
            item_code=claim.item_code,
            item_name=claim.item_name,
            points=claim.points,
            posted_at=uow.now,
        ),
    )


async def _move(uow: UnitOfWork, principal: Principal, claim_id: UUID, action: Action, reason: str) -> Claim:
    claim = await repository.get(uow.session, principal, claim_id, for_update=True)
    await _save(uow, claim, decide(claim, action, principal, reason), reason)
    return await repository.get(uow.session, principal, claim_id)


async def _publicise(uow: UnitOfWork, claim: Claim, state: State) -> None:
    published = LIFE.perform(state, Action.PUBLICISE, frozenset({Actor.CLOCK}))
    await repository.save_state(
        uow.session, claim.id, published, notice_ends_at=notice_ends_at(uow.now, claim.notice_days)
    )
    _tell(uow, claim, published, "")


async def _save(uow: UnitOfWork, claim: Claim, state: State, reason: str) -> None:
    await repository.save_state(uow.session, claim.id, state, reason=reason)
    _tell(uow, claim, state, reason)


def _tell(uow: UnitOfWork, claim: Claim, state: State, reason: str) -> None:
    uow.announce(
        claim.id,
        ClaimDecided(
            claim_id=claim.id, household_id=claim.household_id, item_name=claim.item_name, state=state, reason=reason
        ),
    )
