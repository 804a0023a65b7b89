"""What families do when they hear of households."""

from collections.abc import Sequence

from services.points.families import usecases
from shared.contracts.events import HouseholdChanged
from shared.handlers import Handlers, Together
from shared.uow import UnitOfWork


async def on_households_changed(uow: UnitOfWork, events: Sequence[HouseholdChanged]) -> None:
    """Keep what points knows of households as identity tells it."""
    await usecases.change_households(uow=uow, told=events)


HANDLERS: Handlers = {HouseholdChanged: Together(on_households_changed)}
