"""What neighbours, the panel, the committee, supervisors, property and the clock do with awards."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.points.awards import repository
from services.points.awards.domain import (
    LIFE,
    Action,
    Actor,
    Award,
    AwardPolicy,
    State,
    WaiverState,
    allowed_actions,
    check_policy,
    check_votes,
    decide,
    hear_waiver,
    notice_ends_at,
)
from services.points.awards.models import AwardPolicyRow, TalentRow
from services.points.budgets import usecases as budgets
from services.points.kinships import usecases as kinships
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, TransferKind
from services.points.steps import usecases as steps
from shared.contracts.events import AwardGranted, AwardMoved, AwardRevoked
from shared.crypto import mask_name
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.pagination import WHOLE, PageRequest, Slice
from shared.uow import UnitOfWork

HIRING = (Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN, Role.SUPERVISOR)


async def adopt_policy(
    *, uow: UnitOfWork, principal: Principal, policy: AwardPolicy, decision: str, effective_on: date
) -> AwardPolicy:
    """Enter what a meeting decided an award shall bring; awards already nominated keep theirs.

    Locks/IO: adoption in this community.
    Errors: ForbiddenError, AwardPolicyInvalidError.
    """
    principal.require(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    check_policy(effective_on, local_date(uow.now))
    version = await repository.next_policy_version(uow.session, uow.community_id)
    row = AwardPolicyRow(
        community_id=uow.community_id,
        version=version,
        standing=policy.standing,
        spendable=policy.spendable,
        fee_months=policy.fee_months,
        notice_days=policy.notice_days,
        panel_quorum=policy.panel_quorum,
        decision=decision,
        effective_on=effective_on,
        adopted_by=principal.account_id,
        adopted_at=uow.now,
    )
    await repository.add_policy(uow.session, row)
    return AwardPolicy(
        version, policy.standing, policy.spendable, policy.fee_months, policy.notice_days, policy.panel_quorum
    )


async def get_policy(*, uow: UnitOfWork) -> AwardPolicy:
    """Return what an award brings today; the model community's rule while none was adopted."""
    return await repository.find_policy(uow.session, local_date(uow.now)) or AwardPolicy()


async def nominate(
    *,
    uow: UnitOfWork,
    principal: Principal,
    household_id: UUID,
    resident_id: UUID | None,
    person_name: str,
    category: str,
    deed: str,
    talent: str,
) -> Award:
    """Propose a household or one of its people for an award; the name is kept masked.

    Errors: AccountNotFoundError for a household unknown here, HouseholdClosedError, AlreadyNominatedError.
    """
    household = await ledger.get_open_household(uow=uow, household_id=household_id)
    policy = await get_policy(uow=uow)
    award = Award(
        id=uow.new_id(),
        household_id=household_id,
        resident_id=resident_id,
        person_name=mask_name(person_name) or household.householder_name,
        category=category,
        deed=deed,
        talent=talent,
        nominator_account_id=principal.account_id,
        nominator_household_id=principal.household_id,
        policy_version=policy.version,
        standing=policy.standing,
        spendable=policy.spendable,
        fee_months=policy.fee_months,
        notice_days=policy.notice_days,
        panel_quorum=policy.panel_quorum,
        state=State.NOMINATED,
        decision="",
        votes_for=0,
        votes_against=0,
        notice_ends_at=None,
        granted_at=None,
        standing_transfer_id=None,
        spendable_transfer_id=None,
        waiver_state=WaiverState.NONE,
        waiver_months=(),
        waiver_reason="",
        reason="",
        created_at=uow.now,
    )
    await repository.add(uow.session, uow.community_id, award)
    await _record(uow, award, "nominate", State.NOMINATED, principal.account_id, deed)
    return award


async def list_awards(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, state: State | None, household_id: UUID | None
) -> Slice[Award]:
    """Return the awards the caller may see, newest first."""
    return await repository.list_page(uow.session, principal, page, state=state, household_id=household_id)


async def list_public(*, uow: UnitOfWork, page: PageRequest) -> Slice[Award]:
    """Return the awards that hang out or are granted, newest first, for anybody."""
    return await repository.list_public(uow.session, page)


async def list_for_export(*, uow: UnitOfWork, principal: Principal) -> Sequence[Award]:
    """Return every award, newest first.

    Errors: ForbiddenError for anybody but those who judge and watch.
    """
    principal.require(*repository.WATCHERS)
    return await repository.list_all(uow.session)


async def get_award(*, uow: UnitOfWork, principal: Principal, award_id: UUID) -> Award:
    """Return an award.

    Errors: AwardNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, award_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, award_id: UUID) -> tuple[Award, list[Action]]:
    """Return an award and what the caller could do with it now.

    Errors: AwardNotFoundError.
    """
    award = await repository.get(uow.session, principal, award_id)
    return award, allowed_actions(award, principal, await kinships.kin_of(uow=uow, principal=principal))


async def decide_award(
    *,
    uow: UnitOfWork,
    principal: Principal,
    award_id: UUID,
    is_approved: bool,
    decision: str,
    votes_for: int,
    votes_against: int,
) -> Award:
    """Enter what the panel or the committee decided, with its count and its minutes.

    Locks/IO: the award's row.
    Errors: AwardNotFoundError, ForbiddenError, WrongStateError, AwardRecusedError, VotesInvalidError.
    """
    award = await repository.get(uow.session, principal, award_id, for_update=True)
    action = Action.DECIDE if is_approved else Action.REFUSE
    state = decide(award, action, principal, await kinships.kin_of(uow=uow, principal=principal))
    check_votes(award, is_approved=is_approved, votes_for=votes_for, votes_against=votes_against)
    await repository.save(
        uow.session, award.id, state=state, decision=decision, votes_for=votes_for, votes_against=votes_against
    )
    await _record(uow, award, action, state, principal.account_id, decision)
    return await repository.get(uow.session, principal, award_id)


async def withdraw_award(*, uow: UnitOfWork, principal: Principal, award_id: UUID) -> Award:
    """Take a nomination back before it was decided.

    Locks/IO: the award's row.
    Errors: AwardNotFoundError, ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, award_id, Action.WITHDRAW, "")


async def publish_award(*, uow: UnitOfWork, principal: Principal, award_id: UUID) -> Award:
    """Hang a decided award out; when its days are over without an open objection the clock grants it.

    Locks/IO: the award's row.
    Errors: AwardNotFoundError, ForbiddenError, WrongStateError, AwardRecusedError.
    """
    return await _move(uow, principal, award_id, Action.PUBLISH, "")


async def object_to_award(*, uow: UnitOfWork, principal: Principal, award_id: UUID, reason: str) -> Award:
    """Object to a published award as a neighbour; its notice stops until a supervisor answers.

    Locks/IO: the award's row.
    Errors: AwardNotFoundError, ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, award_id, Action.OBJECT, reason)


async def answer_objection(
    *, uow: UnitOfWork, principal: Principal, award_id: UUID, is_upheld: bool, answer: str
) -> Award:
    """Answer an objection: upheld refuses the award, dismissed hangs it out again for the whole time.

    Locks/IO: the award's row.
    Errors: AwardNotFoundError, ForbiddenError, WrongStateError, AwardRecusedError.
    """
    return await _move(uow, principal, award_id, Action.UPHOLD if is_upheld else Action.DISMISS, answer)


async def grant_award(*, uow: UnitOfWork, award_id: UUID) -> None:
    """Let an award take effect: points of both kinds, the place in the talent pool, and the request to property, all under one id.

    Locks/IO: the award's row unless somebody is at it, the budget's row, the household's accounts by id.
    Errors: BudgetExhaustedError; it is tried again when there is a budget.
    Idempotency: without effect when it is no longer due; one transfer per asset and award, one talent tag, one request.
    """
    award = await repository.find_due_for_update(uow.session, award_id, uow.now)
    if award is None:
        return
    state = LIFE.perform(award.state, Action.GRANT, frozenset({Actor.CLOCK}))
    await budgets.charge_budget(uow=uow, amount=award.spendable, source_id=award.id)
    await ledger.lock_owners(uow=uow, owner_ids=[award.household_id])
    posted = {}
    for asset, amount in ((Asset.STANDING, award.standing), (Asset.SPENDABLE, award.spendable)):
        posted[asset] = await ledger.credit_household(
            uow=uow,
            household_id=award.household_id,
            asset=asset,
            amount=amount,
            kind=TransferKind.AWARD,
            source_id=award.id,
            summary=f"评优：{award.category}",
            rule_version=award.policy_version or None,
        )
    if award.talent:
        await repository.add_talent(
            uow.session,
            TalentRow(
                community_id=uow.community_id,
                award_id=award.id,
                household_id=award.household_id,
                resident_id=award.resident_id,
                person_name=award.person_name,
                tag=award.talent,
                tagged_at=uow.now,
            ),
        )
    await repository.save(
        uow.session,
        award.id,
        state=state,
        granted_at=uow.now,
        standing_transfer_id=posted[Asset.STANDING],
        spendable_transfer_id=posted[Asset.SPENDABLE],
        waiver_state=WaiverState.PENDING if award.fee_months else WaiverState.NONE,
    )
    await _record(uow, award, Action.GRANT, state, None, "")
    uow.announce(
        award.id,
        AwardGranted(
            award_id=award.id,
            household_id=award.household_id,
            resident_id=award.resident_id,
            category=award.category,
            standing=award.standing,
            spendable=award.spendable,
            fee_months=award.fee_months,
            granted_at=uow.now,
        ),
    )


async def revoke_award(*, uow: UnitOfWork, principal: Principal, award_id: UUID, reason: str) -> Award:
    """Take a granted award back: points are reversed, the talent tag ends, property is asked to withdraw the waiver.

    Locks/IO: the award's row, the budget's row, the household's accounts by id.
    Errors: AwardNotFoundError, ForbiddenError, WrongStateError, AwardRecusedError.
    Idempotency: an award is revoked once, because each of its transfers is reversed once.
    """
    award = await repository.get(uow.session, principal, award_id, for_update=True)
    state = decide(award, Action.REVOKE, principal, await kinships.kin_of(uow=uow, principal=principal))
    await budgets.refund_budget(uow=uow, source_id=award.id)
    await ledger.lock_owners(uow=uow, owner_ids=[award.household_id])
    for transfer_id in (award.standing_transfer_id, award.spendable_transfer_id):
        if transfer_id is not None:
            await ledger.reverse_transfer(
                uow=uow,
                transfer_id=transfer_id,
                source_id=award.id,
                summary=f"撤销评优：{award.category}",
                acting_account_id=principal.account_id,
            )
    await repository.end_talent(uow.session, award.id, uow.now)
    await repository.save(uow.session, award.id, state=state, reason=reason)
    await _record(uow, award, Action.REVOKE, state, principal.account_id, reason)
    uow.announce(
        award.id,
        AwardRevoked(award_id=award.id, household_id=award.household_id, reason=reason, revoked_at=uow.now),
    )
    return await repository.get(uow.session, principal, award_id)


async def note_waiver(
    *, uow: UnitOfWork, award_id: UUID, heard: WaiverState, months: Sequence[date] = (), reason: str = ""
) -> None:
    """Show on the award what property answered.

    Locks/IO: the award's row.
    Idempotency: the same answer twice, or answers out of order, leave what `hear_waiver` says.
    """
    award = await repository.find_for_update(uow.session, award_id)
    if award is None:
        return
    state = hear_waiver(award.waiver_state, heard)
    if state is not award.waiver_state:
        await repository.save(
            uow.session,
            award_id,
            waiver_state=state,
            waiver_months=list(months) if state is WaiverState.GRANTED else [],
            waiver_reason=reason,
        )
        await steps.record_step(
            uow=uow, subject_id=award_id, action=f"waiver_{state}", state=award.state, account_id=None, reason=reason
        )


async def list_talents(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, tag: str | None
) -> Slice[TalentRow]:
    """Return who is in the talent pool, newest first.

    Errors: ForbiddenError for anybody but those who hire and watch.
    """
    principal.require(*HIRING)
    return await repository.list_talents(uow.session, page, tag=tag)


async def list_talents_for_export(
    *, uow: UnitOfWork, principal: Principal, tag: str | None
) -> list[tuple[TalentRow, str]]:
    """Return who is in the talent pool with the number of the household, newest first.

    Errors: ForbiddenError for anybody but those who hire and watch.
    """
    rows = await list_talents(uow=uow, principal=principal, page=WHOLE, tag=tag)
    numbers = {home.id: home.number for home in await ledger.list_households(uow=uow)}
    return [(row, numbers.get(row.household_id, "")) for row in rows.rows]


async def _move(uow: UnitOfWork, principal: Principal, award_id: UUID, action: Action, reason: str) -> Award:
    award = await repository.get(uow.session, principal, award_id, for_update=True)
    state = decide(award, action, principal, await kinships.kin_of(uow=uow, principal=principal))
    ends_at = notice_ends_at(uow.now, award.notice_days) if state is State.PUBLISHED else None
    await repository.save(uow.session, award.id, state=state, notice_ends_at=ends_at, reason=reason)
    await _record(uow, award, action, state, principal.account_id, reason)
    return await repository.get(uow.session, principal, award_id)


async def _record(
    uow: UnitOfWork, award: Award, action: str, state: State, account_id: UUID | None, reason: str
) -> None:
    await steps.record_step(
        uow=uow, subject_id=award.id, action=action, state=state, account_id=account_id, reason=reason
    )
    uow.announce(
        award.id,
        AwardMoved(
            award_id=award.id,
            household_id=award.household_id,
            resident_id=award.resident_id,
            category=award.category,
            state=state,
            reason=reason,
            before=award.state,
            moved_at=uow.now,
        ),
    )
