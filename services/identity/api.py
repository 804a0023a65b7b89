"""Every router of the identity service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.identity.audits import routes as audits
from services.identity.bindings import routes as bindings
from services.identity.clients import routes as clients
from services.identity.communities import routes as communities
from services.identity.consents import routes as consents
from services.identity.households import routes as households
from services.identity.keys import routes as keys
from services.identity.moves import routes as moves
from services.identity.places import routes as places
from services.identity.residents import routes as residents
from services.identity.roles import routes as roles
from services.identity.rosters import routes as rosters
from services.identity.sessions import routes as sessions
from services.identity.staff import routes as staff

ROUTERS: Sequence[APIRouter] = (
    keys.router,
    staff.router,
    bindings.router,
    sessions.router,
    roles.router,
    clients.router,
    consents.router,
    audits.router,
    communities.router,
    places.router,
    households.router,
    moves.router,
    residents.router,
    rosters.router,
)
