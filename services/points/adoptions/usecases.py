"""What the committee, adopters, the clock and other slices do with things to adopt and adoptions."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.points.adoptions import repository
from services.points.adoptions.domain import (
    CARING,
    DAYS_TO_SIGN,
    LIFE,
    Action,
    Actor,
    AdopterKind,
    Adoption,
    Asset,
    AssetKind,
    AssetState,
    State,
    allowed_actions,
    check_adopter,
    check_offer,
    check_place,
    check_term,
    decide,
    end_of,
    next_duty,
)
from services.points.adoptions.errors import AlreadyAdoptedError, AssetRetiredError
from services.points.ledger import usecases as ledger
from services.points.steps import usecases as steps
from shared.contracts.events import AdoptionDutyOverdue, AdoptionMoved
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def offer_asset(*, uow: UnitOfWork, principal: Principal, asset: Asset) -> None:
    """Offer a tree, bench, stairwell, plot or piece of equipment for adoption; a grid worker offers those of the own grid.

    Errors: ForbiddenError, PlaceInvalidError.
    """
    check_offer(principal, asset.grid_id)
    check_place(asset.latitude_e6, asset.longitude_e6)
    await repository.add_asset(uow.session, uow.community_id, asset)
    await steps.record_step(
        uow=uow, subject_id=asset.id, action="offer", state=asset.state, account_id=principal.account_id
    )


async def retire_asset(*, uow: UnitOfWork, principal: Principal, asset_id: UUID, reason: str) -> Asset:
    """Take a thing nobody has adopted off the list.

    Locks/IO: the thing's row.
    Errors: AssetNotFoundError, ForbiddenError, AssetRetiredError.
    """
    asset = await repository.get_asset(uow.session, asset_id, for_update=True)
    principal.require(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    if asset.state is AssetState.RETIRED or await repository.find_live(uow.session, asset_id) is not None:
        raise AssetRetiredError
    await repository.retire_asset(uow.session, asset_id)
    await steps.record_step(
        uow=uow,
        subject_id=asset_id,
        action="retire",
        state=AssetState.RETIRED,
        account_id=principal.account_id,
        reason=reason,
    )
    return await repository.get_asset(uow.session, asset_id)


async def list_assets(
    *, uow: UnitOfWork, page: PageRequest, kind: AssetKind | None = None, is_free: bool | None = None
) -> Slice[tuple[Asset, Adoption | None]]:
    """Return what can be adopted or is, with who has it now, newest first; names of people are masked, so it may hang out in public."""
    return await repository.list_assets(uow.session, page, kind=kind, is_free=is_free)


async def get_asset(*, uow: UnitOfWork, asset_id: UUID) -> tuple[Asset, Adoption | None]:
    """Return a thing with who has it now.

    Errors: AssetNotFoundError.
    """
    asset = await repository.get_asset(uow.session, asset_id)
    return asset, await repository.find_live(uow.session, asset_id)


async def list_asset_actions(*, uow: UnitOfWork, asset_id: UUID) -> tuple[State, list[Action]]:
    """Return where a thing stands and whether it can be applied for.

    Errors: AssetNotFoundError.
    """
    asset, live = await get_asset(uow=uow, asset_id=asset_id)
    state = State.OFFERED if live is None else live.state
    actors = frozenset({Actor.ANYBODY}) if asset.state is AssetState.OFFERED else frozenset[Actor]()
    return state, LIFE.actions(state, actors)


async def apply_for_asset(
    *, uow: UnitOfWork, principal: Principal, asset_id: UUID, kind: AdopterKind, adopter_name: str, motive: str
) -> Adoption:
    """Ask to take charge of a thing, for oneself, the household, or a firm or association one speaks for.

    Locks/IO: the thing's row.
    Errors: AssetNotFoundError, AssetRetiredError, AdopterInvalidError, AccountNotFoundError, HouseholdClosedError,
        AlreadyAdoptedError.
    """
    asset = await repository.get_asset(uow.session, asset_id, for_update=True)
    if asset.state is AssetState.RETIRED:
        raise AssetRetiredError
    check_adopter(kind, adopter_name, principal.household_id)
    if await repository.find_live(uow.session, asset_id) is not None:
        raise AlreadyAdoptedError
    household_id, name = None, adopter_name
    if not adopter_name:
        household = await ledger.get_open_household(uow=uow, household_id=principal.require_household())
        household_id = household.id
        name = principal.name if kind is AdopterKind.RESIDENT else f"{household.householder_name}家"
    adoption = Adoption(
        id=uow.new_id(),
        asset_id=asset_id,
        asset_name=asset.name,
        adopter_kind=kind,
        adopter_name=name,
        account_id=principal.account_id,
        household_id=household_id,
        resident_id=principal.resident_id if kind is AdopterKind.RESIDENT else None,
        motive=motive,
        agreement="",
        plaque="",
        starts_on=None,
        ends_on=None,
        term=0,
        duty_days=asset.duty_days,
        state=State.APPLIED,
        deadline_at=None,
        duty_due_on=None,
        remind_at=None,
        reason="",
        created_at=uow.now,
        ended_at=None,
    )
    await repository.add(uow.session, uow.community_id, adoption)
    await _record(uow, adoption, Action.APPLY, State.APPLIED, principal.account_id, motive)
    return adoption


async def list_adoptions(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: State | None,
    asset_id: UUID | None,
    household_id: UUID | None,
) -> Slice[Adoption]:
    """Return the adoptions the caller may see, newest first."""
    return await repository.list_page(
        uow.session, principal, page, state=state, asset_id=asset_id, household_id=household_id
    )


async def list_for_export(*, uow: UnitOfWork, principal: Principal) -> Sequence[Adoption]:
    """Return every adoption the caller may see, newest first.

    Errors: ForbiddenError for anybody but those who agree, inspect and watch.
    """
    principal.require(*repository.WATCHERS, Role.GRID_WORKER)
    return await repository.list_all(uow.session, principal)


async def get_adoption(
    *, uow: UnitOfWork, principal: Principal, adoption_id: UUID, for_update: bool = False
) -> Adoption:
    """Return an adoption; `for_update` locks its row.

    Errors: AdoptionNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, adoption_id, for_update=for_update)


async def list_actions(*, uow: UnitOfWork, principal: Principal, adoption_id: UUID) -> tuple[Adoption, list[Action]]:
    """Return an adoption and what the caller could do with it now.

    Errors: AdoptionNotFoundError.
    """
    adoption = await repository.get(uow.session, principal, adoption_id)
    return adoption, allowed_actions(adoption, principal)


async def agree_to_adoption(
    *,
    uow: UnitOfWork,
    principal: Principal,
    adoption_id: UUID,
    agreement: str,
    plaque: str,
    starts_on: date,
    ends_on: date,
) -> Adoption:
    """Agree as the committee, with the text, the plaque and the term the adopter is to sign.

    Locks/IO: the adoption's row.
    Errors: AdoptionNotFoundError, ForbiddenError, WrongStateError, AdoptionRecusedError, TermInvalidError.
    """
    adoption = await repository.get(uow.session, principal, adoption_id, for_update=True)
    state = decide(adoption, Action.AGREE, principal)
    check_term(starts_on, ends_on, local_date(uow.now))
    return await _save(
        uow,
        principal,
        adoption,
        Action.AGREE,
        state,
        "",
        agreement=agreement,
        plaque=plaque,
        starts_on=starts_on,
        ends_on=ends_on,
        deadline_at=uow.now + timedelta(days=DAYS_TO_SIGN),
    )


async def sign_adoption(*, uow: UnitOfWork, principal: Principal, adoption_id: UUID) -> Adoption:
    """Sign what the committee agreed to, as the adopter; from now on the thing is to be looked after.

    Locks/IO: the adoption's row.
    Errors: AdoptionNotFoundError, ForbiddenError, WrongStateError, TermInvalidError when the term is over meanwhile.
    """
    adoption = await repository.get(uow.session, principal, adoption_id, for_update=True)
    state = decide(adoption, Action.SIGN, principal)
    today = local_date(uow.now)
    starts_on, ends_on = adoption.starts_on or today, adoption.ends_on or today
    check_term(starts_on, ends_on, today)
    due_on, remind_at = next_duty(max(starts_on, today), adoption.duty_days)
    return await _save(
        uow,
        principal,
        adoption,
        Action.SIGN,
        state,
        "",
        term=1,
        deadline_at=end_of(ends_on),
        duty_due_on=due_on,
        remind_at=remind_at,
    )


async def renew_adoption(
    *, uow: UnitOfWork, principal: Principal, adoption_id: UUID, agreement: str, ends_on: date
) -> Adoption:
    """Renew for another term what the adopter asked to keep, as the committee.

    Locks/IO: the adoption's row.
    Errors: AdoptionNotFoundError, ForbiddenError, WrongStateError, AdoptionRecusedError, TermInvalidError.
    """
    adoption = await repository.get(uow.session, principal, adoption_id, for_update=True)
    state = decide(adoption, Action.RENEW, principal)
    today = local_date(uow.now)
    check_term(today, ends_on, today, after=adoption.ends_on)
    return await _save(
        uow,
        principal,
        adoption,
        Action.RENEW,
        state,
        "",
        agreement=agreement or adoption.agreement,
        ends_on=ends_on,
        term=adoption.term + 1,
        deadline_at=end_of(ends_on),
    )


async def move_adoption(
    *, uow: UnitOfWork, principal: Principal, adoption_id: UUID, action: Action, reason: str
) -> Adoption:
    """Refuse, withdraw, ask to keep, decline that, or release: a step that takes a reason and no terms.

    Locks/IO: the adoption's row.
    Errors: AdoptionNotFoundError, ForbiddenError, WrongStateError, AdoptionRecusedError.
    """
    adoption = await repository.get(uow.session, principal, adoption_id, for_update=True)
    state = decide(adoption, action, principal)
    return await _save(uow, principal, adoption, action, state, reason)


async def end_adoption(*, uow: UnitOfWork, adoption_id: UUID) -> None:
    """Let an unsigned agreement lapse, or end an adoption whose term is over.

    Locks/IO: the adoption's row unless somebody is at it.
    Idempotency: without effect when it is no longer due.
    """
    adoption = await repository.find_locked(uow.session, adoption_id)
    if adoption is None or adoption.deadline_at is None or adoption.deadline_at > uow.now:
        return
    if adoption.state is not State.AGREED and adoption.state not in CARING:
        return
    action, reason = (Action.LAPSE, "没有按时签字") if adoption.state is State.AGREED else (Action.END, "认领期满")
    state = LIFE.perform(adoption.state, action, frozenset({Actor.CLOCK}))
    await repository.save(uow.session, adoption_id, state=state, reason=reason, ended_at=uow.now)
    await _record(uow, adoption, action, state, None, reason)


async def remind_of_duty(*, uow: UnitOfWork, adoption_id: UUID) -> None:
    """Tell the adopter, once in every interval, that the thing waits for care.

    Locks/IO: the adoption's row unless somebody is at it.
    Idempotency: without effect when care was logged or the reminder given.
    """
    adoption = await repository.find_locked(uow.session, adoption_id)
    if adoption is None or adoption.state not in CARING or adoption.remind_at is None or adoption.duty_due_on is None:
        return
    if adoption.remind_at > uow.now:
        return
    await repository.save(uow.session, adoption_id, remind_at=next_duty(local_date(uow.now), adoption.duty_days)[1])
    uow.announce(
        adoption_id,
        AdoptionDutyOverdue(
            adoption_id=adoption_id,
            asset_name=adoption.asset_name,
            account_id=adoption.account_id,
            household_id=adoption.household_id,
            due_on=adoption.duty_due_on,
        ),
    )


async def note_duty_done(*, uow: UnitOfWork, adoption: Adoption, done_on: date) -> None:
    """Move the day by which care is due on after the adopter has cared; the caller holds the adoption's row."""
    due_on, remind_at = next_duty(done_on, adoption.duty_days)
    if adoption.duty_due_on is None or due_on > adoption.duty_due_on:
        await repository.save(uow.session, adoption.id, duty_due_on=due_on, remind_at=remind_at)


async def is_adopter(*, uow: UnitOfWork, household_id: UUID) -> bool:
    """Tell whether a household looks after an adopted thing now."""
    return await repository.has_caring(uow.session, household_id)


async def _save(
    uow: UnitOfWork,
    principal: Principal,
    adoption: Adoption,
    action: Action,
    state: State,
    reason: str,
    **changed: Any,
) -> Adoption:
    ended_at = uow.now if LIFE.is_final(state) else None
    await repository.save(uow.session, adoption.id, state=state, reason=reason, ended_at=ended_at, **changed)
    due_at = changed.get("deadline_at") if state is State.AGREED else None
    await _record(uow, adoption, action, state, principal.account_id, reason, due_at)
    return await repository.get(uow.session, principal, adoption.id)


async def _record(
    uow: UnitOfWork,
    adoption: Adoption,
    action: Action,
    state: State,
    account_id: UUID | None,
    reason: str,
    due_at: datetime | None = None,
) -> None:
    await steps.record_step(
        uow=uow, subject_id=adoption.id, action=action, state=state, account_id=account_id, reason=reason
    )
    uow.announce(
        adoption.id,
        AdoptionMoved(
            adoption_id=adoption.id,
            asset_id=adoption.asset_id,
            asset_name=adoption.asset_name,
            account_id=adoption.account_id,
            household_id=adoption.household_id,
            action=action,
            state=state,
            reason=reason,
            due_at=due_at,
            moved_at=uow.now,
        ),
    )
