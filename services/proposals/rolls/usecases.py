"""What happens to rolls and to the local picture of households."""

from collections.abc import Sequence
from uuid import UUID

from services.proposals.rolls import repository
from services.proposals.rolls.domain import ScopeKind, Unit, freeze, require_keeper
from services.proposals.rolls.errors import RollEmptyError
from services.proposals.rolls.models import Roll, RollUnit
from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined, ResidentLeft
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def remember_households(*, uow: UnitOfWork, told: Sequence[HouseholdRegistered | HouseholdChanged]) -> None:
    """Enter households or take over what changed.

    Idempotency: the last fact heard is what is known.
    """
    await repository.upsert_households(uow.session, uow.community_id, told, uow.now)


async def remember_residents(*, uow: UnitOfWork, joined: Sequence[ResidentJoined]) -> None:
    """Enter residents, or note that known ones now live in another household.

    Idempotency: the last fact heard is what is known.
    """
    await repository.upsert_residents(uow.session, uow.community_id, joined)


async def forget_resident(*, uow: UnitOfWork, left: ResidentLeft) -> None:
    """Note that a resident left; frozen rolls keep what they froze."""
    await repository.mark_left(uow.session, left.resident_id, uow.now)


async def name_scope(*, uow: UnitOfWork, scope_kind: ScopeKind, scope_id: UUID | None) -> str:
    """Return what people call a scope.

    Errors: RollEmptyError when no household lies in it.
    """
    name = await repository.find_scope_name(uow.session, scope_kind, scope_id)
    if name is None:
        raise RollEmptyError(scope="所选")
    return name


async def count_households(*, uow: UnitOfWork, scope_kind: ScopeKind, scope_id: UUID | None) -> int:
    """Return how many households lie in a scope now."""
    return await repository.count_households(uow.session, scope_kind, scope_id)


async def is_in_scope(*, uow: UnitOfWork, household_id: UUID, scope_kind: ScopeKind, scope_id: UUID | None) -> bool:
    """Tell whether a household lies in a scope now."""
    return await repository.is_in_scope(uow.session, household_id, scope_kind, scope_id)


async def freeze_roll(
    *, uow: UnitOfWork, principal: Principal, title: str, scope_kind: ScopeKind, scope_id: UUID | None
) -> Roll:
    """Freeze the households of a scope as voting units: one head each, their area, their adults as actors.

    Errors: ForbiddenError, RollEmptyError.
    """
    require_keeper(principal)
    scope_name = await name_scope(uow=uow, scope_kind=scope_kind, scope_id=scope_id)
    frozen = freeze(await repository.list_units_now(uow.session, scope_kind, scope_id), scope_name=scope_name)
    roll = Roll(
        community_id=uow.community_id,
        id=uow.new_id(),
        title=title,
        scope_kind=scope_kind,
        scope_id=scope_id if scope_kind is not ScopeKind.COMMUNITY else None,
        scope_name=scope_name,
        units=len(frozen.units),
        heads=frozen.heads,
        area_cm2e2=frozen.area_cm2e2,
        roll_hash=frozen.roll_hash,
        frozen_by=principal.account_id,
        frozen_at=uow.now,
    )
    await repository.add_roll(uow.session, roll, frozen.units)
    return roll


async def get_roll(*, uow: UnitOfWork, roll_id: UUID) -> Roll:
    """Return a roll.

    Errors: RollNotFoundError.
    """
    return await repository.get_roll(uow.session, roll_id)


async def list_rolls(*, uow: UnitOfWork, page: PageRequest) -> Slice[Roll]:
    """Return the rolls of the community, newest first."""
    return await repository.list_rolls(uow.session, page)


async def list_roll_units(*, uow: UnitOfWork, roll_id: UUID, page: PageRequest) -> Slice[RollUnit]:
    """Return the published units of a roll.

    Errors: RollNotFoundError.
    """
    await repository.get_roll(uow.session, roll_id)
    return await repository.list_roll_units(uow.session, roll_id, page)


async def list_all_units(*, uow: UnitOfWork, roll_id: UUID) -> list[Unit]:
    """Return every unit of a roll with its actors, for counting and checking."""
    return await repository.list_all_units(uow.session, roll_id)


async def find_unit(*, uow: UnitOfWork, roll_id: UUID, unit_id: UUID) -> Unit | None:
    """Return a unit of a roll, or None."""
    return await repository.find_unit(uow.session, roll_id, unit_id)


async def sum_units(*, uow: UnitOfWork, roll_id: UUID, unit_ids: Sequence[UUID]) -> tuple[int, int]:
    """Return heads and area of some units of a roll."""
    return await repository.sum_units(uow.session, roll_id, unit_ids)


async def list_rolls_of_actor(*, uow: UnitOfWork, unit_id: UUID, resident_id: UUID) -> Sequence[UUID]:
    """Return the rolls on which a resident may act for a unit."""
    return await repository.list_rolls_of_actor(uow.session, unit_id, resident_id)
