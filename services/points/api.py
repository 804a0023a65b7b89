"""Every router of the points service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.points.audits import routes as audits
from services.points.budgets import routes as budgets
from services.points.claims import routes as claims
from services.points.funds import routes as funds
from services.points.gigs import routes as gigs
from services.points.help_policies import routes as help_policies
from services.points.histories import routes as histories
from services.points.jobs import routes as jobs
from services.points.kinships import routes as kinships
from services.points.periods import routes as periods
from services.points.redemptions import routes as redemptions
from services.points.rulebook_drafts import routes as rulebook_drafts
from services.points.rulebooks import routes as rulebooks
from services.points.stock import routes as stock
from services.points.store import routes as store
from services.points.suppliers import routes as suppliers

ROUTERS: Sequence[APIRouter] = (
    redemptions.hot_router,  # First, so that it is found first.
    histories.router,
    rulebooks.router,
    claims.router,
    rulebook_drafts.router,
    kinships.router,
    budgets.router,
    periods.router,
    store.router,
    suppliers.router,
    stock.router,
    funds.router,
    redemptions.router,
    gigs.router,
    help_policies.router,
    jobs.router,
    audits.router,
)
