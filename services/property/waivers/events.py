"""What property does about awards."""

from services.property.waivers import usecases
from shared.contracts.events import AwardGranted, AwardRevoked
from shared.handlers import Handler
from shared.uow import UnitOfWork


async def on_award_granted(uow: UnitOfWork, event: AwardGranted) -> None:
    """Waive the months an award brings."""
    await usecases.waive_for_award(
        uow=uow,
        award_id=event.award_id,
        household_id=event.household_id,
        months=event.fee_months,
        granted_at=event.granted_at,
    )


async def on_award_revoked(uow: UnitOfWork, event: AwardRevoked) -> None:
    """Take back the months of a revoked award."""
    await usecases.withdraw_for_award(
        uow=uow, award_id=event.award_id, household_id=event.household_id, reason=event.reason
    )


HANDLERS: dict[type, Handler] = {AwardGranted: on_award_granted, AwardRevoked: on_award_revoked}
