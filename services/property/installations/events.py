"""What this service does when points tells of goods that need fitting."""

from typing import Any

from services.property.installations import usecases
from shared.contracts.events import InstallationCancelled, InstallationOrdered
from shared.handlers import Handler
from shared.uow import UnitOfWork


async def on_installation_ordered(uow: UnitOfWork, event: InstallationOrdered) -> None:
    """Enter the order."""
    await usecases.enter_order(uow=uow, fact=event)


async def on_installation_cancelled(uow: UnitOfWork, event: InstallationCancelled) -> None:
    """Do not fit what was given up."""
    await usecases.cancel_order(uow=uow, fact=event)


HANDLERS: dict[type[Any], Handler] = {
    InstallationOrdered: on_installation_ordered,
    InstallationCancelled: on_installation_cancelled,
}
