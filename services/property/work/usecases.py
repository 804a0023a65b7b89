"""What a worker does on site."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.property.tickets import usecases as tickets
from services.property.tickets.records import TicketView
from services.property.tickets.transitions import Action, HoldReason, Outcome
from shared.kernel.principal import Principal
from shared.uow import UnitOfWork


async def check_in(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID, note: str | None) -> TicketView:
    """Say that one has arrived.

    Errors: those of `tickets.act`.
    """
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.ARRIVE, note=note)


async def start_work(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> TicketView:
    """Begin.

    Errors: those of `tickets.act`.
    """
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.START)


async def hold_work(
    *, uow: UnitOfWork, principal: Principal, ticket_id: UUID, reason: HoldReason, until: datetime, note: str | None
) -> TicketView:
    """Put the job off to a named day; what the company cannot help stops the promised time until then.

    Errors: those of `tickets.act`, HoldTooLongError among them.
    """
    facts = {"reason": reason.value, "until": until.isoformat()}
    return await tickets.act(
        uow=uow, principal=principal, ticket_id=ticket_id, action=Action.HOLD, facts=facts, note=note
    )


async def resume_work(*, uow: UnitOfWork, principal: Principal, ticket_id: UUID) -> TicketView:
    """Go on.

    Errors: those of `tickets.act`.
    """
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.RESUME)


async def finish_work(
    *,
    uow: UnitOfWork,
    principal: Principal,
    ticket_id: UUID,
    outcome: Outcome,
    summary: str,
    photo_ids: Sequence[UUID],
) -> TicketView:
    """Say what came of it, with pictures; the resident then checks.

    Errors: those of `tickets.act`, AfterPhotoMissingError and WrongOutcomeError among them.
    """
    facts = {"outcome": outcome.value, "summary": summary, "photo_ids": [str(one) for one in photo_ids]}
    beside = {"summary": summary, "after_photo_ids": list(photo_ids)}
    return await tickets.act(
        uow=uow, principal=principal, ticket_id=ticket_id, action=Action.FINISH, facts=facts, beside=beside
    )
