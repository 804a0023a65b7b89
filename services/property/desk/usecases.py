"""What customer service decides about a report."""

from typing import Any
from uuid import UUID

from services.property.catalogue import usecases as catalogue
from services.property.tickets import usecases as tickets
from services.property.tickets.records import TicketView
from services.property.tickets.transitions import Action, Outcome, Priority
from shared.kernel.principal import Principal
from shared.uow import UnitOfWork


async def accept_ticket(
    *,
    uow: UnitOfWork,
    principal: Principal,
    ticket_id: UUID,
    category: str,
    priority: Priority | None,
    note: str | None,
) -> TicketView:
    """Take a report on: say what it is and how urgent.

    Errors: those of `tickets.act`; CategoryNotFoundError, CategoryNotUsableError.
    """
    facts = await _classification(uow, category, priority)
    return await tickets.act(
        uow=uow, principal=principal, ticket_id=ticket_id, action=Action.ACCEPT, facts=facts, note=note
    )


async def reject_ticket(
    *, uow: UnitOfWork, principal: Principal, ticket_id: UUID, outcome: Outcome, reason: str
) -> TicketView:
    """Close a report without work, with the reason.

    Errors: those of `tickets.act`, WrongOutcomeError among them.
    """
    facts = {"outcome": outcome.value, "reason": reason}
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.REJECT, facts=facts)


async def reclassify_ticket(
    *,
    uow: UnitOfWork,
    principal: Principal,
    ticket_id: UUID,
    category: str,
    priority: Priority | None,
    reason: str,
) -> TicketView:
    """Correct what it is or how urgent; the promised time follows, pauses are kept.

    Errors: those of `tickets.act`; CategoryNotFoundError, CategoryNotUsableError.
    """
    facts = await _classification(uow, category, priority) | {"reason": reason}
    return await tickets.act(uow=uow, principal=principal, ticket_id=ticket_id, action=Action.RECLASSIFY, facts=facts)


async def _classification(uow: UnitOfWork, code: str, priority: Priority | None) -> dict[str, Any]:
    category = await catalogue.get_usable_category(uow=uow, code=code)
    return {
        "category": category.code,
        "department": category.department,
        "priority": category.priority_of(priority).value,
        "needs_after_photo": category.needs_after_photo,
    }
