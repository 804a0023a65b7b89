"""Every router of the points service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.points.audits import routes as audits
from services.points.claims import routes as claims
from services.points.funds import routes as funds
from services.points.ledger import routes as ledger
from services.points.periods import routes as periods
from services.points.redemptions import routes as redemptions
from services.points.rulebooks import routes as rulebooks
from services.points.stock import routes as stock
from services.points.store import routes as store
from services.points.suppliers import routes as suppliers

ROUTERS: Sequence[APIRouter] = (
    ledger.router,
    rulebooks.router,
    claims.router,
    periods.router,
    store.router,
    suppliers.router,
    stock.router,
    funds.router,
    redemptions.router,
    audits.router,
)
