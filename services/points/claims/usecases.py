"""What households, officials, assessors, neighbours, supervisors and the clock do with claims."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from services.points.budgets import usecases as budgets
from services.points.claim_photos import usecases as photos
from services.points.claims import facts, repository
from services.points.claims.caps import Taken, check_caps
from services.points.claims.domain import (
    LIFE,
    WATCHING,
    Act,
    Action,
    Actor,
    Claim,
    Duplicate,
    Filters,
    PanelVote,
    State,
    allowed_actions,
    check_new,
    claimant_of,
    count_panel,
    decide,
    notice_ends_at,
    readable_votes,
    require_judge_of,
    transfer_id_of,
)
from services.points.claims.entering import Entry, Place, check_resubmission, item_of, write
from services.points.claims.errors import ExportTooLargeError
from services.points.claims.models import ClaimObjection
from services.points.kinships import usecases as kinships
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset
from services.points.passbooks import usecases as passbooks
from services.points.periods import usecases as periods
from services.points.rulebooks import usecases as rulebooks
from services.points.rulebooks.domain import Claimant, Policy, RuleItem
from services.points.steps import usecases as steps
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

BUDGET_PAUSE: Final = timedelta(hours=1)
"""How long a claim waits that no budget covers, before it is tried again."""
EXPORT_LIMIT: Final = 20_000


async def enter_claim(*, uow: UnitOfWork, principal: Principal, entry: Entry, is_draft: bool) -> Claim:
    """Enter a claim for the own household, or as an official for another, under the rules in force today; a submitted claim keeps them.

    Locks/IO: the gate of the periods, then the caps it counts under, so that they hold when several come at once.
    Errors: AccountNotFoundError, HouseholdClosedError, ForbiddenError, RecusedError, RulebookNotFoundError, ItemNotFoundError,
        ItemNotClaimableError, HappenedOnInvalidError, QuantityTooLargeError, PhotosMissingError, ResubmissionError, PeriodClosedError,
        CapReachedError, CommunityCapReachedError, HouseholdCapReachedError.
    """
    claim, item, claimants = await _written(uow, principal, entry, uow.new_id())
    if not is_draft:
        claim = await _submitted(uow, principal, claim, item, claimants)
    await repository.add(uow.session, uow.community_id, [claim])
    await photos.show_photos(uow=uow, claim_id=claim.id, photo_ids=claim.photo_ids)
    return claim


async def change_draft(*, uow: UnitOfWork, principal: Principal, claim_id: UUID, entry: Entry) -> Claim:
    """Write a draft anew.

    Locks/IO: the claim's row. Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, and those of entering a draft.
    """
    draft = await _locked(uow, principal, claim_id)
    decide(draft, Action.CHANGE, principal, frozenset(), "")
    claim, _, _ = await _written(uow, principal, entry, claim_id)
    claim = replace(claim, created_at=draft.created_at)
    await repository.save(uow.session, uow.community_id, claim)
    await photos.show_photos(uow=uow, claim_id=claim.id, photo_ids=claim.photo_ids)
    return claim


async def submit_draft(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> Claim:
    """Submit a draft under the rules in force today.

    Locks/IO: the claim's row, then as entering a claim. Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, and those of entering a claim.
    """
    draft = await _locked(uow, principal, claim_id)
    decide(draft, Action.SUBMIT, principal, frozenset(), "")
    entry = Entry(**{name: getattr(draft, name) for name in Entry.__slots__})
    claim, item, claimants = await _written(uow, principal, entry, claim_id)
    claim = await _submitted(uow, principal, replace(claim, created_at=draft.created_at), item, claimants)
    await repository.save(uow.session, uow.community_id, claim)
    return claim


async def _written(
    uow: UnitOfWork, principal: Principal, entry: Entry, claim_id: UUID
) -> tuple[Claim, RuleItem, frozenset[Claimant]]:
    household = await ledger.get_open_household(uow=uow, household_id=entry.household_id)
    claimants = claimant_of(principal, entry.household_id, household.grid_id)
    await passbooks.require_members(uow=uow, household_id=entry.household_id, resident_ids=entry.others(principal))
    rulebook = await rulebooks.get_rulebook_in_force(uow=uow)
    item = item_of(rulebook, entry.item_code)
    if entry.resubmits_id is not None:
        check_resubmission(await repository.find(uow.session, principal, entry.resubmits_id, uow.now), entry)
    claim = write(
        entry.taken_part_by(principal),
        Place(household.grid_id, household.building_id),
        rulebook,
        claimants,
        claim_id=claim_id,
        account_id=principal.account_id,
        now=uow.now,
    )
    return claim, item, claimants


async def _submitted(
    uow: UnitOfWork, principal: Principal, claim: Claim, item: RuleItem, claimants: frozenset[Claimant]
) -> Claim:
    check_new(item, claimants, claim.happened_on, claim.quantity, len(claim.photo_ids), local_date(uow.now))
    await periods.require_open(uow=uow, on=claim.happened_on, is_entry=True)
    policy = (await rulebooks.get_rulebook(uow=uow, version=claim.rulebook_version)).policy
    taken = await lock_taken(uow=uow, household_id=claim.household_id, on=claim.happened_on, item=item, policy=policy)
    check_caps(claim, item, policy, taken)
    uow.announce(claim.id, facts.submitted(claim, uow.now))
    await _note(uow, claim.id, State.SUBMITTED, Act(Action.SUBMIT, principal))
    return replace(claim, state=State.SUBMITTED)


async def lock_taken(*, uow: UnitOfWork, household_id: UUID, on: date, item: RuleItem, policy: Policy) -> Taken:
    """Return what counts already around a day under the caps of an item, claims and paid care alike, and lock these caps."""
    return await repository.lock_taken(uow.session, uow.community_id, household_id, on, item, policy)


async def list_taken(*, uow: UnitOfWork, since: date, until: date) -> list[tuple[UUID, str, date, int, int]]:
    """Return what counts under the caps in a time, for entering many at once: (household, item, day, units, points earned).

    Locks/IO: every cap of the community, until the transaction ends.
    """
    await repository.lock_every_cap(uow.session, uow.community_id)
    return await repository.list_taken(uow.session, since, until)


async def enter_lines(*, uow: UnitOfWork, lines: Sequence[Claim]) -> None:
    """Enter many claims that were checked together, in the state they are in. Call `list_taken` before checking them.

    Locks/IO: the gate of the periods. Errors: PeriodClosedError.
    """
    for day in sorted({line.happened_on for line in lines}):
        await periods.require_open(uow=uow, on=day, is_entry=True)
    await repository.add(uow.session, uow.community_id, lines)


async def get_claim(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> Claim:
    """Return a claim. Errors: ClaimNotFoundError, also for one the caller may not see."""
    return await repository.get(uow.session, principal, claim_id, uow.now)


async def list_claims(*, uow: UnitOfWork, principal: Principal, page: PageRequest, filters: Filters) -> Slice[Claim]:
    """Return the claims the caller may see, newest first."""
    return await repository.list_page(uow.session, principal, page, filters, uow.now)


async def export_claims(*, uow: UnitOfWork, principal: Principal, filters: Filters) -> list[tuple[Claim, str]]:
    """Return the claims the caller may see with their households' numbers, newest first, for a file.

    Errors: ForbiddenError for those without an office; ExportTooLargeError.
    """
    principal.require(*WATCHING, Role.GRID_WORKER)
    claims = await repository.list_all(uow.session, principal, filters, uow.now, limit=EXPORT_LIMIT + 1)
    if len(claims) > EXPORT_LIMIT:
        raise ExportTooLargeError(limit=EXPORT_LIMIT)
    numbers = {household.id: household.number for household in await ledger.list_households(uow=uow)}
    return [(claim, numbers.get(claim.household_id, "")) for claim in claims]


async def list_actions(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> tuple[Claim, list[Action]]:
    """Return a claim and what the caller could do with it now. Errors: ClaimNotFoundError."""
    claim = await repository.get(uow.session, principal, claim_id, uow.now)
    objectors = await repository.list_objectors(uow.session, claim_id)
    return claim, allowed_actions(claim, principal, await kinships.kin_of(uow=uow, principal=principal), objectors)


async def list_objections(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> Sequence[ClaimObjection]:
    """Return the objections to a claim with their answers, oldest first. Errors: ClaimNotFoundError."""
    await repository.get(uow.session, principal, claim_id, uow.now)
    return await repository.list_objections(uow.session, claim_id)


async def get_record(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> Claim:
    """Return a claim to who may read what was done with it: its household and those who judge it. Errors: as `list_duplicates`."""
    claim = await repository.get(uow.session, principal, claim_id, uow.now)
    if principal.household_id != claim.household_id:
        require_judge_of(claim, principal)
    return claim


async def list_votes(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> list[PanelVote]:
    """Return the panel's votes as the caller may read them now, oldest first. Errors: as `list_duplicates`."""
    claim = await repository.get(uow.session, principal, claim_id, uow.now)
    require_judge_of(claim, principal)
    return readable_votes(claim, principal, await repository.list_votes(uow.session, claim_id))


async def list_duplicates(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> list[Duplicate]:
    """Return which pictures of a claim look like those of other claims, with both claims, the most similar first.

    Errors: ClaimNotFoundError; ForbiddenError for those who do not judge it.
    """
    claim = await repository.get(uow.session, principal, claim_id, uow.now)
    require_judge_of(claim, principal)
    matches = await photos.find_similar(uow=uow, photo_ids=claim.photo_ids, besides=claim_id)
    others = await repository.list_submitted(uow.session, [match.other_claim_id for match in matches])
    found = [(match, others[match.other_claim_id]) for match in matches if match.other_claim_id in others]
    return [Duplicate(match.photo_id, match.other_photo_id, match.bits, other) for match, other in found]


async def verify_claim(
    *, uow: UnitOfWork, principal: Principal, claim_id: UUID, is_confirmed: bool, reason: str
) -> Claim:
    """Say, having looked, whether it happened; the photos the item asks of a household must have arrived.

    Locks/IO: the claim's row. Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, RecusedError, ClerkError, ReasonMissingError,
        PhotosNotArrivedError.
    """
    action = Action.VERIFY if is_confirmed else Action.REFUSE
    return await _move(uow, principal, claim_id, action, reason)


async def withdraw_claim(*, uow: UnitOfWork, principal: Principal, claim_id: UUID) -> Claim:
    """Take a claim back before the panel has decided: who entered it, or its household when that claimed it.

    Errors: ClaimNotFoundError, ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, claim_id, Action.WITHDRAW, "")


async def vote_on_claim(
    *, uow: UnitOfWork, principal: Principal, claim_id: UUID, is_approved: bool, reason: str
) -> Claim:
    """Vote as a member of the panel; with enough votes the claim is decided and, when passed, published at once.

    Locks/IO: the claim's row, so that two last votes are counted one after the other.
    Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, RecusedError, ClerkError, ReasonMissingError, AlreadyVotedError.
    """
    claim = await _locked(uow, principal, claim_id)
    kin = await kinships.kin_of(uow=uow, principal=principal)
    decide(claim, Action.APPROVE if is_approved else Action.REJECT, principal, kin, reason)
    vote = PanelVote(principal.account_id, is_approved, reason, uow.now)
    await repository.add_vote(uow.session, uow.community_id, claim_id, vote)
    decision = count_panel(await repository.list_votes(uow.session, claim_id), claim.panel_quorum)
    if decision is not None:
        state = LIFE.perform(claim.state, decision, frozenset({Actor.PANEL}))
        if state is State.VOTED:
            await _publicise(uow, claim, state, Act(decision, principal, reason))
        else:
            await _save(uow, claim, state, Act(decision, principal, reason))
    return await repository.get(uow.session, principal, claim_id, uow.now)


async def object_to_claim(*, uow: UnitOfWork, principal: Principal, claim_id: UUID, reason: str) -> Claim:
    """Object to a published claim as a neighbour, to a deduction also as its household; the notice stops until it is answered.

    Locks/IO: the claim's row. Errors: ClaimNotFoundError, NoHouseholdError, ForbiddenError, WrongStateError, ReasonMissingError.
    """
    household_id = principal.require_household()
    claim = await _locked(uow, principal, claim_id)
    state = decide(claim, Action.OBJECT, principal, frozenset(), reason)
    said: dict[str, Any] = {"account_id": principal.account_id, "household_id": household_id, "reason": reason}
    key: dict[str, Any] = {"community_id": uow.community_id, "id": uow.new_id(), "claim_id": claim_id}
    objection = ClaimObjection(made_at=uow.now, **key, **said)
    await repository.add_objection(uow.session, objection)
    await _save(uow, claim, state, Act(Action.OBJECT, principal, reason))
    return await repository.get(uow.session, principal, claim_id, uow.now)


async def answer_objection(
    *, uow: UnitOfWork, principal: Principal, claim_id: UUID, is_upheld: bool, answer: str
) -> Claim:
    """Answer the objections to a claim: upheld refuses it, dismissed publishes it again for the whole time.

    Locks/IO: the claim's row. Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, RecusedError, ClerkError, ReasonMissingError.
    """
    claim = await _locked(uow, principal, claim_id)
    kin = await kinships.kin_of(uow=uow, principal=principal)
    action = Action.UPHOLD if is_upheld else Action.PUBLICISE
    state = decide(claim, action, principal, kin, answer, await repository.list_objectors(uow.session, claim_id))
    said: dict[str, Any] = {"is_upheld": is_upheld, "answer": answer, "answered_by": principal.account_id}
    await repository.answer_objections(uow.session, claim_id, now=uow.now, **said)
    if is_upheld:
        await _save(uow, claim, state, Act(action, principal, answer))
    else:
        await _publicise(uow, claim, State.VOTED, Act(action, principal, answer))
    return await repository.get(uow.session, principal, claim_id, uow.now)


async def post_due(*, uow: UnitOfWork) -> int:
    """Post claims of this community whose notice ended without an open objection, and return how many.

    What earns is posted as long as the budget covers it; the rest waits. A deduction needs no budget.

    Locks/IO: the claims' rows unless somebody is at them, the budget's row, then all their households' accounts by id.
    Idempotency: without effect for what is no longer due; one transfer per asset and claim.
    """
    due = await repository.lock_due(uow.session, uow.now)
    earning = [(claim.id, claim.issued) for claim in due if claim.issued]
    covered = await budgets.charge_budgets(uow=uow, amounts=earning) if earning else set()
    if waiting := [claim_id for claim_id, _ in earning if claim_id not in covered]:
        await repository.postpone(
            uow.session, waiting, uow.now + BUDGET_PAUSE, "本期积分发放额度已用完，等待增加额度。"
        )
    posted = [claim for claim in due if not claim.issued or claim.id in covered]
    if not posted:
        return 0
    await repository.post(uow.session, uow.community_id, [claim.id for claim in posted], uow.now)
    for claim in posted:
        uow.announce(claim.id, facts.posted(claim, uow.now))
    return len(posted)


async def reverse_claim(*, uow: UnitOfWork, principal: Principal, claim_id: UUID, cause_id: UUID, reason: str) -> Claim:
    """Undo a posted claim on behalf of a cause: what it gave is taken back, what it took is given back, and the budget has it again.

    Locks/IO: the claim's row, the budget's row, then the household's accounts by id.
    Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, RecusedError, ClerkError, ReasonMissingError, InsufficientBalanceError.
    """
    claim = await require_judge(uow=uow, principal=principal, claim_id=claim_id, reason=reason)
    state = LIFE.next_state(claim.state, Action.REVERSE)
    await budgets.refund_budget(uow=uow, source_id=claim.id)
    await ledger.lock_owners(uow=uow, owner_ids=[claim.household_id])
    for asset in (Asset.STANDING, Asset.SPENDABLE):
        await ledger.reverse_transfer(
            uow=uow,
            transfer_id=transfer_id_of(claim.id, asset),
            source_id=cause_id,
            summary=f"更正：{claim.item_name}",
            acting_account_id=principal.account_id,
        )
    kept = {"notice_ends_at": claim.notice_ends_at, "post_after": claim.post_after}
    await repository.save_state(uow.session, claim_id, state, reason=reason, reversed_at=uow.now, **kept)
    uow.announce(claim.id, facts.undone(claim, reason, uow.now))
    await _note(uow, claim_id, state, Act(Action.REVERSE, principal, reason))
    return await repository.get(uow.session, principal, claim_id, uow.now)


async def require_appealable(*, uow: UnitOfWork, principal: Principal, claim_id: UUID, reason: str) -> Claim:
    """Return a posted claim the caller may appeal against.

    Locks/IO: the claim's row. Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, ReasonMissingError.
    """
    claim = await _locked(uow, principal, claim_id)
    decide(claim, Action.APPEAL, principal, frozenset(), reason)
    return claim


async def require_judge(*, uow: UnitOfWork, principal: Principal, claim_id: UUID, reason: str) -> Claim:
    """Return a posted claim the caller may judge an appeal about, without moving it.

    Locks/IO: the claim's row. Errors: ClaimNotFoundError, ForbiddenError, WrongStateError, RecusedError, ClerkError, ReasonMissingError.
    """
    claim = await _locked(uow, principal, claim_id)
    decide(claim, Action.REVERSE, principal, await kinships.kin_of(uow=uow, principal=principal), reason)
    return claim


async def _locked(uow: UnitOfWork, principal: Principal, claim_id: UUID) -> Claim:
    return await repository.get(uow.session, principal, claim_id, uow.now, for_update=True)


async def _move(uow: UnitOfWork, principal: Principal, claim_id: UUID, action: Action, reason: str) -> Claim:
    claim = await _locked(uow, principal, claim_id)
    kin = await kinships.kin_of(uow=uow, principal=principal)
    state = decide(claim, action, principal, kin, reason)
    if action is Action.VERIFY and not claim.is_on_behalf:
        item = item_of(await rulebooks.get_rulebook(uow=uow, version=claim.rulebook_version), claim.item_code)
        await photos.require_arrived(uow=uow, photo_ids=claim.photo_ids, required=item.photos_required)
    await _save(uow, claim, state, Act(action, principal, reason))
    return await repository.get(uow.session, principal, claim_id, uow.now)


async def _publicise(uow: UnitOfWork, claim: Claim, state: State, act: Act) -> None:
    published = LIFE.perform(state, Action.PUBLICISE, frozenset({Actor.CLOCK}))
    ends_at = notice_ends_at(uow.now, claim.notice_days)
    await repository.save_state(uow.session, claim.id, published, notice_ends_at=ends_at, post_after=ends_at)
    uow.announce(claim.id, facts.decided(claim, published, "", uow.now, ends_at))
    await _note(uow, claim.id, published, act)


async def _save(uow: UnitOfWork, claim: Claim, state: State, act: Act) -> None:
    await repository.save_state(uow.session, claim.id, state, reason=act.told)
    uow.announce(claim.id, facts.decided(claim, state, act.told, uow.now))
    await _note(uow, claim.id, state, act)


async def _note(uow: UnitOfWork, claim_id: UUID, state: State, act: Act) -> None:
    await steps.record_step(uow=uow, subject_id=claim_id, state=state.value, **act.step())
