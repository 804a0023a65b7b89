"""Every router of the property service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.property.catalogue import routes as catalogue
from services.property.desk import routes as desk
from services.property.dispatch import routes as dispatch
from services.property.escalations import routes as escalations
from services.property.installations import routes as installations
from services.property.offers import routes as offers
from services.property.ratings import routes as ratings
from services.property.sla import routes as sla
from services.property.tickets import routes as tickets
from services.property.waivers import routes as waivers
from services.property.work import routes as work

ROUTERS: Sequence[APIRouter] = (
    catalogue.router,
    tickets.router,
    desk.router,
    offers.router,
    work.router,
    ratings.router,
    dispatch.router,
    sla.router,
    escalations.router,
    installations.router,
    waivers.router,
)
