"""Every router of the points service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.points.adoptions import routes as adoptions
from services.points.appeals import routes as appeals
from services.points.audits import routes as audits
from services.points.awards import routes as awards
from services.points.baskets import routes as baskets
from services.points.boards import routes as boards
from services.points.budgets import routes as budgets
from services.points.claim_sheets import routes as claim_sheets
from services.points.claims import routes as claims
from services.points.deliveries import routes as deliveries
from services.points.duties import routes as duties
from services.points.expiries import routes as expiries
from services.points.families import routes as families
from services.points.funds import routes as funds
from services.points.gigs import routes as gigs
from services.points.help_kinds import routes as help_kinds
from services.points.help_policies import routes as help_policies
from services.points.histories import routes as histories
from services.points.installations import routes as installations
from services.points.jobs import routes as jobs
from services.points.kinships import routes as kinships
from services.points.merchants import routes as merchants
from services.points.notices import routes as notices
from services.points.offline_pickups import routes as offline_pickups
from services.points.passbooks import routes as passbooks
from services.points.periods import routes as periods
from services.points.public import routes as public
from services.points.rankings import routes as rankings
from services.points.redemptions import routes as redemptions
from services.points.rulebook_drafts import routes as rulebook_drafts
from services.points.rulebooks import routes as rulebooks
from services.points.seals import routes as seals
from services.points.settlements import routes as settlements
from services.points.stock import routes as stock
from services.points.stocktakes import routes as stocktakes
from services.points.store import routes as store
from services.points.suppliers import routes as suppliers
from services.points.time_bank import routes as time_bank
from services.points.time_pool import routes as time_pool
from services.points.vouchers import routes as vouchers

ROUTERS: Sequence[APIRouter] = (
    redemptions.hot_router,  # First, so that it is found first.
    histories.router,
    rulebooks.router,
    claims.router,
    appeals.router,
    claim_sheets.router,
    rulebook_drafts.router,
    kinships.router,
    budgets.router,
    periods.router,
    notices.router,
    rankings.router,
    boards.router,
    public.router,
    store.router,
    offline_pickups.router,
    deliveries.router,
    installations.router,
    baskets.router,
    stocktakes.router,
    suppliers.router,
    stock.router,
    funds.router,
    redemptions.router,
    gigs.router,
    help_policies.router,
    jobs.router,
    adoptions.router,
    duties.router,
    merchants.router,
    vouchers.router,
    settlements.router,
    awards.router,
    expiries.router,
    families.router,
    seals.router,
    help_kinds.router,
    passbooks.router,
    time_pool.router,
    time_bank.router,
    audits.router,
)
