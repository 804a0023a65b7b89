"""What is learnt when identity tells of accounts, members and roles."""

from collections.abc import Sequence

from services.notifications.recipients import usecases
from shared.contracts.events import (
    AccountBound,
    HouseholdChanged,
    HouseholdRegistered,
    ResidentLeft,
    RoleGranted,
    RoleRevoked,
)
from shared.handlers import Handlers, Together
from shared.uow import UnitOfWork


async def on_account_bound(uow: UnitOfWork, event: AccountBound) -> None:
    """Remember the account."""
    await usecases.learn_account(uow=uow, bound=event)


async def on_resident_left(uow: UnitOfWork, event: ResidentLeft) -> None:
    """Take the person out of the household."""
    await usecases.leave_household(uow=uow, left=event)


async def on_households(uow: UnitOfWork, events: Sequence[HouseholdRegistered | HouseholdChanged]) -> None:
    """Remember where the households live."""
    await usecases.learn_places(uow=uow, told=events)


async def on_role_granted(uow: UnitOfWork, event: RoleGranted) -> None:
    """Remember the role."""
    await usecases.learn_role(uow=uow, granted=event)


async def on_role_revoked(uow: UnitOfWork, event: RoleRevoked) -> None:
    """Forget the role."""
    await usecases.forget_role(uow=uow, revoked=event)


HANDLERS: Handlers = {
    AccountBound: on_account_bound,
    HouseholdRegistered: Together(on_households),
    HouseholdChanged: Together(on_households),
    ResidentLeft: on_resident_left,
    RoleGranted: on_role_granted,
    RoleRevoked: on_role_revoked,
}
