"""What the database's own refusals mean."""

from collections.abc import Mapping

from services.property.dispatch.errors import AlreadyAssignedError
from services.property.ratings.errors import AlreadyRatedError
from services.property.tickets.errors import TicketChangedError
from shared.kernel.errors import DomainError

CONSTRAINTS: Mapping[str, type[DomainError]] = {
    "uq_assignment_active": AlreadyAssignedError,
    "pk_rating": AlreadyRatedError,
    "pk_ticket_event": TicketChangedError,
}
