"""What the ledger does when it hears of households."""

from collections.abc import Sequence

from services.points.expiries import usecases as expiries
from services.points.expiries.domain import opening
from services.points.ledger import usecases
from shared.contracts.events import HouseholdRegistered
from shared.handlers import Handlers, Together
from shared.uow import UnitOfWork


async def on_households_registered(uow: UnitOfWork, events: Sequence[HouseholdRegistered]) -> None:
    """Open the households' files with the community's opening balance."""
    policy = await expiries.get_policy(uow=uow)
    await usecases.open_households(uow=uow, registered=events, policy=opening(policy.terms))


HANDLERS: Handlers = {HouseholdRegistered: Together(on_households_registered)}
