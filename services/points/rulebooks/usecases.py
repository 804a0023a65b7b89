"""Adopting the list, laying versions side by side, and looking them up."""

from datetime import date
from uuid import UUID

from services.points.budgets.usecases import charge_budget, refund_budget
from services.points.claim_photos import usecases as photos
from services.points.rulebooks import repository
from services.points.rulebooks.domain import (
    Comparison,
    RulebookVersion,
    RuleItem,
    RuleList,
    check,
    check_evidence,
    compare,
)
from services.points.rulebooks.errors import DecisionNotFoundError, DecisionUsedError, ItemNotFoundError
from services.points.rulebooks.models import Rulebook, RuleDecision
from shared.contracts.events import DecisionPublished, RulebookAdopted
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

__all__ = [
    "adopt",
    "adopt_rulebook",
    "charge_budget",
    "compare_with_previous",
    "find_decision",
    "find_item",
    "get_rulebook",
    "get_rulebook_in_force",
    "list_rulebooks",
    "note_decision",
    "note_result",
    "refund_budget",
    "require_evidence",
]

ADOPTERS = (Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)


async def adopt_rulebook(
    *,
    uow: UnitOfWork,
    principal: Principal,
    rules: RuleList,
    effective_on: date,
    decision: str,
    decision_id: UUID | None,
    minutes_asset_id: UUID | None,
) -> RulebookVersion:
    """Enter the version that a meeting or vote adopted; earlier versions stay as they are.

    Locks/IO: adoption in this community.
    Errors: ForbiddenError, MinutesMissingError, MinutesNotArrivedError, DecisionNotFoundError, DecisionUsedError,
        ItemCodeRepeatedError, ClaimantInvalidError, QuantityCapInvalidError, PeriodInvalidError.
    """
    principal.require(*ADOPTERS)
    return await adopt(
        uow=uow,
        rules=rules,
        effective_on=effective_on,
        decision=decision,
        decision_id=decision_id,
        minutes_asset_id=minutes_asset_id,
        adopted_by=principal.account_id,
    )


async def adopt(
    *,
    uow: UnitOfWork,
    rules: RuleList,
    effective_on: date,
    decision: str,
    decision_id: UUID | None,
    minutes_asset_id: UUID | None,
    adopted_by: UUID | None,
) -> RulebookVersion:
    """Make a list the next version.

    Locks/IO: adoption in this community.
    Errors: MinutesMissingError, MinutesNotArrivedError, DecisionNotFoundError, DecisionUsedError, ItemCodeRepeatedError,
        ClaimantInvalidError, QuantityCapInvalidError, PeriodInvalidError.
    """
    await require_evidence(uow=uow, decision_id=decision_id, minutes_asset_id=minutes_asset_id)
    check(rules.items, effective_on, local_date(uow.now))
    version = await repository.next_version(uow.session, uow.community_id)
    if decision_id is not None:
        used = await repository.find_version_of_decision(uow.session, decision_id)
        if used is not None:
            raise DecisionUsedError(version=used)
    policy = rules.policy
    rulebook = Rulebook(
        community_id=uow.community_id,
        version=version,
        decision=decision,
        decision_id=decision_id,
        minutes_asset_id=minutes_asset_id,
        effective_on=effective_on,
        panel_quorum=policy.panel_quorum,
        notice_days=policy.notice_days,
        appeal_days=policy.appeal_days,
        household_cap_points=policy.household_cap_points,
        household_cap_days=policy.household_cap_days,
        adopted_by=adopted_by,
        adopted_at=uow.now,
    )
    await repository.add(uow.session, rulebook, rules.items)
    uow.announce(
        f"rulebook-{version}",
        RulebookAdopted(version=version, decision=decision, decision_id=decision_id, effective_on=effective_on),
    )
    return await repository.get(uow.session, version)


async def require_evidence(*, uow: UnitOfWork, decision_id: UUID | None, minutes_asset_id: UUID | None) -> None:
    """Pass when anybody can look up that something was decided: a published decision of the whole community, or minutes that are there.

    Errors: MinutesMissingError, MinutesNotArrivedError, DecisionNotFoundError.
    """
    check_evidence(has_decision=decision_id is not None, has_minutes=minutes_asset_id is not None)
    if decision_id is not None and await repository.find_decision(uow.session, decision_id) is None:
        raise DecisionNotFoundError
    if minutes_asset_id is not None:
        await photos.require_minutes(uow=uow, asset_id=minutes_asset_id)


async def list_rulebooks(*, uow: UnitOfWork, page: PageRequest) -> Slice[RulebookVersion]:
    """Return the versions without their lines, newest first."""
    return await repository.list_page(uow.session, page)


async def get_rulebook(*, uow: UnitOfWork, version: int) -> RulebookVersion:
    """Return a version.

    Errors: RulebookNotFoundError.
    """
    return await repository.get(uow.session, version)


async def get_rulebook_in_force(*, uow: UnitOfWork, on: date | None = None) -> RulebookVersion:
    """Return the version in force on a day, today when none is named.

    Errors: RulebookNotFoundError.
    """
    return await repository.get_in_force(uow.session, on or local_date(uow.now))


async def find_item(*, uow: UnitOfWork, code: str) -> RuleItem:
    """Return an item of the version in force today.

    Errors: RulebookNotFoundError, ItemNotFoundError.
    """
    rulebook = await get_rulebook_in_force(uow=uow)
    item = next((item for item in rulebook.items if item.code == code), None)
    if item is None:
        raise ItemNotFoundError
    return item


async def compare_with_previous(*, uow: UnitOfWork, version: int, against: int | None = None) -> Comparison:
    """Lay a version beside another one, the one before it when none is named; the first stands beside nothing.

    Errors: RulebookNotFoundError.
    """
    after = await repository.get(uow.session, version)
    other = version - 1 if against is None else against
    earlier = await repository.get(uow.session, other) if other > 0 else None
    return compare(earlier.rules() if earlier else None, after.rules())


async def note_decision(*, uow: UnitOfWork, published: DecisionPublished) -> None:
    """Remember a decision of the whole community, so that a list can be adopted by naming it; one of a single grid decides for nobody else.

    Idempotency: a decision told again changes nothing.
    """
    if published.scope_kind != "community":
        return
    await repository.save_decision(
        uow.session,
        RuleDecision(
            community_id=uow.community_id,
            proposal_id=published.proposal_id,
            process_id=published.process_id,
            title=published.title,
            text_hash=published.text_hash,
            result_hash=published.result_hash,
            published_at=uow.now,
        ),
    )


async def note_result(*, uow: UnitOfWork, proposal_id: UUID) -> None:
    """Remember that what came of a decision was published.

    Idempotency: the first time counts.
    """
    await repository.note_result(uow.session, proposal_id, uow.now)


async def find_decision(*, uow: UnitOfWork, proposal_id: UUID) -> RuleDecision | None:
    """Return a published decision, or None."""
    return await repository.find_decision(uow.session, proposal_id)
