"""What passbooks learn of people: who belongs to which household."""

from collections.abc import Sequence

from services.points.passbooks import usecases
from services.points.passbooks.domain import Member
from shared.contracts.events import ResidentJoined, ResidentLeft
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


HANDLERS: Handlers = {ResidentJoined: Together(on_residents_joined), ResidentLeft: on_resident_left}
