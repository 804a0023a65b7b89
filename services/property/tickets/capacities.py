"""In which capacities somebody stands to a ticket: the reporter's household, the desk, who may dispatch, the worker sent."""

from uuid import UUID

from services.property.tickets.domain import Ticket
from services.property.tickets.transitions import Actor
from shared.kernel.principal import Principal, Role, ScopeKind

DESK = frozenset({Role.PROPERTY_AGENT, Role.PROPERTY_MANAGER})
OVERSEERS = DESK | {Role.COMMUNITY_ADMIN, Role.INSPECTOR, Role.SUPERVISOR}
"""Who sees every ticket of the community."""


def capacities(principal: Principal, ticket: Ticket, worker_id: UUID | None) -> frozenset[Actor]:
    """Return every capacity of the caller over a ticket; `worker_id` is the worker the caller signs in as, if any.

    The household that was served acts together: whoever of it is at home may confirm.
    """
    held: set[Actor] = set()
    if principal.household_id == ticket.household_id and principal.resident_id is not None:
        held.add(Actor.REPORTER)
    if principal.has(*DESK):
        held |= {Actor.AGENT, Actor.DISPATCHER}
    department = ticket.department
    if department is not None and principal.has_over([Role.DEPARTMENT_HEAD], ScopeKind.DEPARTMENT, department):
        held.add(Actor.DISPATCHER)
    if worker_id is not None and worker_id == ticket.worker_id:
        held.add(Actor.WORKER)
    return frozenset(held)


def may_know_reporter(principal: Principal, ticket: Ticket) -> bool:
    """Tell whether the caller may see who reported an anonymous ticket: the household itself and the desk."""
    return principal.household_id == ticket.household_id or principal.has(*DESK)
