"""What passbooks learn of people: who belongs to which household."""

from collections.abc import Sequence

from services.points.passbooks import usecases
from services.points.passbooks.domain import Member
from shared.contracts.events import AccountBound, ResidentJoined, ResidentLeft
from shared.crypto import mask_name
from shared.handlers import Handlers, Together
from shared.uow import UnitOfWork


async def on_residents_joined(uow: UnitOfWork, events: Sequence[ResidentJoined]) -> None:
    """Enter people with their households; of several facts about one person the last counts."""
    latest = {event.resident_id: event for event in events}
    members = [Member(event.resident_id, event.household_id, event.name, is_present=True) for event in latest.values()]
    await usecases.keep_members(uow=uow, members=members)


async def on_resident_left(uow: UnitOfWork, event: ResidentLeft) -> None:
    """Remember that a person left; the passbook stays theirs."""
    await usecases.mark_left(uow=uow, resident_id=event.resident_id, household_id=event.household_id)


async def on_account_bound(uow: UnitOfWork, event: AccountBound) -> None:
    """Know whose account it is, and call somebody by name again who had deleted an account and now has one."""
    if event.resident_id is not None:
        name = mask_name(event.name) if event.name else None
        await usecases.bind_account(uow=uow, resident_id=event.resident_id, account_id=event.account_id, name=name)


HANDLERS: Handlers = {
    ResidentJoined: Together(on_residents_joined),
    ResidentLeft: on_resident_left,
    AccountBound: on_account_bound,
}
