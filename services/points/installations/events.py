"""What points does when property tells how an installation goes."""

from typing import Any

from services.points.installations import usecases
from services.points.installations.domain import AcceptancePolicy
from shared.contracts.events import InstallationCompleted, InstallationRefused, InstallationScheduled
from shared.handlers import Handler
from shared.uow import UnitOfWork


async def on_installation_scheduled(uow: UnitOfWork, event: InstallationScheduled) -> None:
    """Note who comes and when."""
    await usecases.note_schedule(uow=uow, fact=event)


async def on_installation_completed(uow: UnitOfWork, event: InstallationCompleted) -> None:
    """Turn the held points into spending."""
    await usecases.note_completion(uow=uow, fact=event, policy=AcceptancePolicy())


async def on_installation_refused(uow: UnitOfWork, event: InstallationRefused) -> None:
    """Give the held points back."""
    await usecases.note_refusal(uow=uow, fact=event)


HANDLERS: dict[type[Any], Handler] = {
    InstallationScheduled: on_installation_scheduled,
    InstallationCompleted: on_installation_completed,
    InstallationRefused: on_installation_refused,
}
