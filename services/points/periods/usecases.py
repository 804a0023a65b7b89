"""What organisers, the panel, households, supervisors and the clock do with a period."""

from datetime import date

from services.points.periods import repository
from shared.uow import UnitOfWork


async def require_open(*, uow: UnitOfWork, on: date, is_entry: bool = False) -> None:
    """Pass when points may still be entered for a day in China; a day no period covers is open.

    Call it before the accounts are locked. `is_entry` is for something new (a claim is submitted), which a period that was already
    reviewed takes no more; what is on its way may be posted until the period is published.

    Locks/IO: the gate of the community's periods, shared with other entries, until the transaction ends; a closing waits for it.
    Errors: PeriodClosedError.
    """
    await repository.require_open(uow.session, uow.community_id, on, is_entry=is_entry)
