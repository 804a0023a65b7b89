"""What adopters log and inspectors find; what passed is paid by the rulebook in force."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.points.adoptions import usecases as adoptions
from services.points.adoptions.domain import Actor, Adoption
from services.points.adoptions.domain import acting_as as acting_as_adopter
from services.points.budgets import usecases as budgets
from services.points.claims import usecases as claims
from services.points.claims.caps import Taken
from services.points.duties import repository
from services.points.duties.domain import (
    LIFE,
    Action,
    Duty,
    Pay,
    Result,
    acting_as,
    check_finding,
    check_loggable,
    find_item,
    judge,
    pay_for,
)
from services.points.kinships import usecases as kinships
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, TransferKind
from services.points.rulebooks import usecases as rulebooks
from services.points.rulebooks.errors import RulebookNotFoundError
from shared.contracts.events import AdoptionDutyJudged
from shared.kernel.clock import local_date
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def log_duty(
    *,
    uow: UnitOfWork,
    principal: Principal,
    adoption_id: UUID,
    done_on: date,
    note: str,
    photo_ids: Sequence[UUID],
) -> Duty:
    """Log a day of care as the adopter.

    Locks/IO: the adoption's row.
    Errors: AdoptionNotFoundError, ForbiddenError, AdoptionNotActiveError, DutyDateError, DutyAlreadyLoggedError.
    """
    adoption = await adoptions.get_adoption(uow=uow, principal=principal, adoption_id=adoption_id, for_update=True)
    if Actor.ADOPTER not in acting_as_adopter(principal, adoption):
        raise ForbiddenError(action="log_duty")
    check_loggable(adoption, done_on, local_date(uow.now))
    asset, _ = await adoptions.get_asset(uow=uow, asset_id=adoption.asset_id)
    duty = Duty(
        id=uow.new_id(),
        adoption_id=adoption_id,
        asset_id=adoption.asset_id,
        household_id=adoption.household_id,
        account_id=principal.account_id,
        done_on=done_on,
        note=note,
        photo_ids=tuple(photo_ids),
        result=Result.LOGGED,
        item_code=asset.item_code,
        points=Points(0),
        rulebook_version=None,
        finding="",
        inspected_by=None,
        inspected_at=None,
        created_at=uow.now,
    )
    await repository.add(uow.session, uow.community_id, duty)
    await adoptions.note_duty_done(uow=uow, adoption=adoption, done_on=done_on)
    return duty


async def list_duties(
    *, uow: UnitOfWork, principal: Principal, adoption_id: UUID, page: PageRequest, result: Result | None
) -> Slice[Duty]:
    """Return the log of an adoption, newest first.

    Errors: AdoptionNotFoundError, also for one the caller may not see.
    """
    await adoptions.get_adoption(uow=uow, principal=principal, adoption_id=adoption_id)
    return await repository.list_page(uow.session, adoption_id, page, result=result)


async def list_for_export(
    *, uow: UnitOfWork, principal: Principal, result: Result | None
) -> list[tuple[Duty, Adoption]]:
    """Return the log of every adoption the caller may see, newest first.

    Errors: ForbiddenError for anybody but those who agree, inspect and watch.
    """
    visible = {one.id: one for one in await adoptions.list_for_export(uow=uow, principal=principal)}
    duties = await repository.list_all(uow.session, result=result)
    return [(duty, visible[duty.adoption_id]) for duty in duties if duty.adoption_id in visible]


async def list_actions(*, uow: UnitOfWork, principal: Principal, duty_id: UUID) -> tuple[Duty, list[Action]]:
    """Return a day of care and what the caller could do with it now.

    Errors: DutyNotFoundError, AdoptionNotFoundError.
    """
    duty = await repository.get(uow.session, duty_id)
    adoption = await adoptions.get_adoption(uow=uow, principal=principal, adoption_id=duty.adoption_id)
    asset, _ = await adoptions.get_asset(uow=uow, asset_id=duty.asset_id)
    kin = await kinships.kin_of(uow=uow, principal=principal)
    return duty, LIFE.actions(duty.result, acting_as(principal, adoption, asset, kin))


async def inspect_duty(*, uow: UnitOfWork, principal: Principal, duty_id: UUID, is_passed: bool, finding: str) -> Duty:
    """Say, having looked, whether the care was done; what passed is paid at once, within the item's cap.

    Locks/IO: the day's row, the caps claims have too, the budget, then the household's accounts.
    Errors: DutyNotFoundError, ForbiddenError, InspectionRecusedError, DutyAlreadyJudgedError, InspectionReasonMissingError,
        BudgetExhaustedError.
    Idempotency: a day is inspected once; one transfer per asset and day.
    """
    duty = await repository.get(uow.session, duty_id, for_update=True)
    adoption = await adoptions.get_adoption(uow=uow, principal=principal, adoption_id=duty.adoption_id)
    asset, _ = await adoptions.get_asset(uow=uow, asset_id=duty.asset_id)
    kin = await kinships.kin_of(uow=uow, principal=principal)
    result = judge(duty.result, principal, adoption, asset, kin, is_passed=is_passed)
    check_finding(is_passed=is_passed, finding=finding)
    pay, version = (await _pay(uow, principal, duty, adoption)) if is_passed else (Pay(Points(0), finding), None)
    await repository.save(
        uow.session,
        duty_id,
        result=result,
        points=pay.points,
        rulebook_version=version,
        finding=finding or pay.reason,
        inspected_by=principal.account_id,
        inspected_at=uow.now,
    )
    uow.announce(
        adoption.id,
        AdoptionDutyJudged(
            adoption_id=adoption.id,
            duty_id=duty_id,
            account_id=adoption.account_id,
            household_id=adoption.household_id,
            is_passed=is_passed,
            points=pay.points,
            reason=pay.reason,
        ),
    )
    return await repository.get(uow.session, duty_id)


async def _pay(uow: UnitOfWork, principal: Principal, duty: Duty, adoption: Adoption) -> tuple[Pay, int | None]:
    """Credit what a day of care is worth and return it with the version of the rulebook it was paid under."""
    try:
        rulebook = await rulebooks.get_rulebook_in_force(uow=uow)
    except RulebookNotFoundError:
        return pay_for(duty.household_id, None, duty.done_on, Taken(), None), None
    item, taken = find_item(rulebook.items, duty.item_code), Taken()
    if duty.household_id is not None and item is not None:
        taken = await claims.lock_taken(
            uow=uow, household_id=duty.household_id, on=duty.done_on, item=item, policy=rulebook.policy
        )
    pay = pay_for(duty.household_id, item, duty.done_on, taken, rulebook.policy)
    if duty.household_id is None or not pay.points:
        return pay, rulebook.version
    await budgets.charge_budget(uow=uow, amount=pay.points, source_id=duty.id)
    await ledger.lock_owners(uow=uow, owner_ids=[duty.household_id])
    for asset in (Asset.STANDING, Asset.SPENDABLE):
        await ledger.credit_household(
            uow=uow,
            household_id=duty.household_id,
            asset=asset,
            amount=pay.points,
            kind=TransferKind.ADOPTION,
            source_id=duty.id,
            summary=f"认领管护：{adoption.asset_name}",
            acting_account_id=principal.account_id,
            rule_version=rulebook.version,
        )
    return pay, rulebook.version
