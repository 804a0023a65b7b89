"""What this service does when identity tells of households, residents and accounts."""

from typing import Any

from services.property.households import usecases
from shared.contracts.events import (
    AccountDeleted,
    HouseholdChanged,
    HouseholdRegistered,
    ResidentJoined,
    ResidentLeft,
)
from shared.inbox import Handler
from shared.uow import UnitOfWork


async def on_household_registered(uow: UnitOfWork, event: HouseholdRegistered) -> None:
    """Keep where the household lives."""
    await usecases.keep_household(uow=uow, fact=event)


async def on_household_changed(uow: UnitOfWork, event: HouseholdChanged) -> None:
    """Keep where the household lives now."""
    await usecases.keep_household(uow=uow, fact=event)


async def on_resident_joined(uow: UnitOfWork, event: ResidentJoined) -> None:
    """Keep which household the resident belongs to."""
    await usecases.keep_resident(
        uow=uow, resident_id=event.resident_id, household_id=event.household_id, name=event.name
    )


async def on_resident_left(uow: UnitOfWork, event: ResidentLeft) -> None:
    """Forget the resident."""
    await usecases.forget_resident(uow=uow, resident_id=event.resident_id)


async def on_account_deleted(uow: UnitOfWork, event: AccountDeleted) -> None:
    """Drop the name."""
    await usecases.forget_account(uow=uow, account_id=event.account_id)


HANDLERS: dict[type[Any], Handler] = {
    HouseholdRegistered: on_household_registered,
    HouseholdChanged: on_household_changed,
    ResidentJoined: on_resident_joined,
    ResidentLeft: on_resident_left,
    AccountDeleted: on_account_deleted,
}
