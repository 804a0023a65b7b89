"""What rolls do when they hear of households and residents: keep the picture from which the next roll is frozen."""

from services.proposals.rolls import usecases
from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined, ResidentLeft
from shared.inbox import Handlers
from shared.uow import UnitOfWork


async def on_household_registered(uow: UnitOfWork, event: HouseholdRegistered) -> None:
    """Enter the household."""
    await usecases.remember_household(uow=uow, told=event)


async def on_household_changed(uow: UnitOfWork, event: HouseholdChanged) -> None:
    """Take over what changed."""
    await usecases.remember_household(uow=uow, told=event)


async def on_resident_joined(uow: UnitOfWork, event: ResidentJoined) -> None:
    """Enter the resident; an adult may vote for the household from the next roll on."""
    await usecases.remember_resident(uow=uow, joined=event)


async def on_resident_left(uow: UnitOfWork, event: ResidentLeft) -> None:
    """Note that the resident left."""
    await usecases.forget_resident(uow=uow, left=event)


HANDLERS: Handlers = {
    HouseholdRegistered: on_household_registered,
    HouseholdChanged: on_household_changed,
    ResidentJoined: on_resident_joined,
    ResidentLeft: on_resident_left,
}
