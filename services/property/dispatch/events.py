"""What this service does when identity tells who is a worker, and whose account it is."""

from typing import Any

from services.property.dispatch import usecases
from services.property.households import usecases as households
from shared.contracts.events import AccountBound, RoleGranted, RoleRevoked
from shared.handlers import Handler
from shared.kernel.principal import Role, ScopeKind
from shared.uow import UnitOfWork


async def on_role_granted(uow: UnitOfWork, event: RoleGranted) -> None:
    """Enter a worker of a department."""
    if event.role == Role.PROPERTY_WORKER and event.scope_kind == ScopeKind.DEPARTMENT:
        await usecases.register_worker(uow=uow, account_id=event.account_id, name=event.name, department=event.scope_id)


async def on_role_revoked(uow: UnitOfWork, event: RoleRevoked) -> None:
    """Retire the worker."""
    if event.role == Role.PROPERTY_WORKER and event.scope_kind == ScopeKind.DEPARTMENT:
        await usecases.retire_worker(uow=uow, account_id=event.account_id, department=event.scope_id)


async def on_account_bound(uow: UnitOfWork, event: AccountBound) -> None:
    """Keep whose account it is, and where the worker lives if it is a worker's."""
    await households.keep_account(
        uow=uow,
        account_id=event.account_id,
        name=event.name,
        resident_id=event.resident_id,
        household_id=event.household_id,
    )
    await usecases.keep_person(uow=uow, account_id=event.account_id, name=event.name, household_id=event.household_id)


HANDLERS: dict[type[Any], Handler] = {
    RoleGranted: on_role_granted,
    RoleRevoked: on_role_revoked,
    AccountBound: on_account_bound,
}
