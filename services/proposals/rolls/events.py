"""What rolls do when they hear of households and residents: keep the picture from which the next roll is frozen."""

from collections.abc import Sequence

from services.proposals.rolls import usecases
from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined, ResidentLeft
from shared.handlers import Handlers, Together
from shared.uow import UnitOfWork


async def on_households(uow: UnitOfWork, events: Sequence[HouseholdRegistered | HouseholdChanged]) -> None:
    """Enter the households, or take over what changed."""
    await usecases.remember_households(uow=uow, told=events)


async def on_residents_joined(uow: UnitOfWork, events: Sequence[ResidentJoined]) -> None:
    """Enter the residents; an adult may vote for the household from the next roll on."""
    await usecases.remember_residents(uow=uow, joined=events)


async def on_resident_left(uow: UnitOfWork, event: ResidentLeft) -> None:
    """Note that the resident left."""
    await usecases.forget_resident(uow=uow, left=event)


HANDLERS: Handlers = {
    HouseholdRegistered: Together(on_households),
    HouseholdChanged: Together(on_households),
    ResidentJoined: Together(on_residents_joined),
    ResidentLeft: on_resident_left,
}
