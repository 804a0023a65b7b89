"""What the ledger does when it hears of households."""

from services.points.ledger import usecases
from services.points.ledger.domain import OpeningPolicy
from shared.contracts.events import HouseholdRegistered
from shared.uow import UnitOfWork


async def on_household_registered(uow: UnitOfWork, event: HouseholdRegistered) -> None:
    """Open the household's file with the community's opening balance."""
    await usecases.open_household(uow=uow, registered=event, policy=OpeningPolicy())


HANDLERS = {HouseholdRegistered: on_household_registered}
