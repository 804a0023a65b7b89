"""What this service does when identity tells of households, residents and accounts."""

from collections.abc import Sequence
from typing import Any

from services.property.households import usecases
from shared.contracts.events import (
    AccountDeleted,
    HouseholdChanged,
    HouseholdRegistered,
    ResidentJoined,
    ResidentLeft,
)
from shared.handlers import Handler, Together
from shared.uow import UnitOfWork


async def on_households(uow: UnitOfWork, events: Sequence[HouseholdRegistered | HouseholdChanged]) -> None:
    """Keep where the households live now."""
    await usecases.keep_households(uow=uow, facts=events)


async def on_residents_joined(uow: UnitOfWork, events: Sequence[ResidentJoined]) -> None:
    """Keep which households the residents belong to."""
    await usecases.keep_residents(uow=uow, facts=events)


async def on_resident_left(uow: UnitOfWork, event: ResidentLeft) -> None:
    """Forget the resident."""
    await usecases.forget_resident(uow=uow, resident_id=event.resident_id)


async def on_account_deleted(uow: UnitOfWork, event: AccountDeleted) -> None:
    """Drop the name."""
    await usecases.forget_account(uow=uow, account_id=event.account_id)


HANDLERS: dict[type[Any], Handler] = {
    HouseholdRegistered: Together(on_households),
    HouseholdChanged: Together(on_households),
    ResidentJoined: Together(on_residents_joined),
    ResidentLeft: on_resident_left,
    AccountDeleted: on_account_deleted,
}
