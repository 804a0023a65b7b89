"""What awards do when property answers."""

from services.points.awards import usecases
from services.points.awards.domain import WaiverState
from shared.contracts.events import FeeWaiverGranted, FeeWaiverRefused, FeeWaiverWithdrawn
from shared.handlers import Handler
from shared.uow import UnitOfWork


async def on_fee_waiver_granted(uow: UnitOfWork, event: FeeWaiverGranted) -> None:
    """Show the months without fee."""
    await usecases.note_waiver(uow=uow, award_id=event.award_id, heard=WaiverState.GRANTED, months=event.months)


async def on_fee_waiver_refused(uow: UnitOfWork, event: FeeWaiverRefused) -> None:
    """Show why there is no month without fee."""
    await usecases.note_waiver(uow=uow, award_id=event.award_id, heard=WaiverState.REFUSED, reason=event.reason)


async def on_fee_waiver_withdrawn(uow: UnitOfWork, event: FeeWaiverWithdrawn) -> None:
    """Show that the waiver is gone."""
    await usecases.note_waiver(uow=uow, award_id=event.award_id, heard=WaiverState.WITHDRAWN)


HANDLERS: dict[type, Handler] = {
    FeeWaiverGranted: on_fee_waiver_granted,
    FeeWaiverRefused: on_fee_waiver_refused,
    FeeWaiverWithdrawn: on_fee_waiver_withdrawn,
}
