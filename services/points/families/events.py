"""What families do when they hear of households, and of somebody who wants to be forgotten."""

from collections.abc import Sequence

from services.points.families import usecases
from shared.contracts.events import AccountDeleted, HouseholdChanged
from shared.handlers import Handlers, Together
from shared.uow import UnitOfWork


async def on_households_changed(uow: UnitOfWork, events: Sequence[HouseholdChanged]) -> None:
    """Keep what points knows of households as identity tells it."""
    await usecases.change_households(uow=uow, told=events)


async def on_account_deleted(uow: UnitOfWork, event: AccountDeleted) -> None:
    """Drop the name."""
    await usecases.forget_person(uow=uow, told=event)


HANDLERS: Handlers = {HouseholdChanged: Together(on_households_changed), AccountDeleted: on_account_deleted}
