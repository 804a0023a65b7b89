"""The points service's background half: `python -m services.points.worker`."""

from services.points.claims import repository as claims
from services.points.claims.usecases import post_claim
from services.points.gig_places import repository as gigs
from services.points.gigs.usecases import close_gig
from services.points.jobs.usecases import move_due_job
from services.points.ledger import events as ledger_events
from services.points.main import build_runtime
from services.points.periods import repository as periods
from services.points.periods.usecases import collect_period, seal_period
from services.points.redemptions import repository as redemptions
from services.points.redemptions.usecases import expire_redemption
from services.points.settings import Settings
from services.points.store import events as store_events
from services.points.store import usecases as store
from shared.inbox import Handlers
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.worker import Worker, run_worker

HANDLERS: Handlers = {**ledger_events.HANDLERS, **store_events.HANDLERS}

SWEEPS = (
    Sweep(
        "tell_low_stock",
        find_due=store.find_low_stock,
        act=lambda uow, product_id: store.tell_low_stock(uow=uow, product_id=product_id),
    ),
    Sweep(
        "post_claims",
        find_due=claims.find_due,
        act=lambda uow, claim_id: post_claim(uow=uow, claim_id=claim_id),
    ),
    Sweep(
        "collect_periods",
        find_due=periods.find_due_to_collect,
        act=lambda uow, period_id: collect_period(uow=uow, principal=None, period_id=period_id),
    ),
    Sweep(
        "seal_periods",
        find_due=periods.find_due_to_seal,
        act=lambda uow, period_id: seal_period(uow=uow, principal=None, period_id=period_id),
    ),
    Sweep(
        "expire_redemptions",
        find_due=redemptions.find_due,
        act=lambda uow, redemption_id: expire_redemption(uow=uow, redemption_id=redemption_id),
    ),
    Sweep("close_gigs", find_due=gigs.find_due_gigs, act=lambda uow, gig_id: close_gig(uow=uow, gig_id=gig_id)),
    Sweep("move_jobs", find_due=gigs.find_due_places, act=lambda uow, job_id: move_due_job(uow=uow, job_id=job_id)),
)


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime."""
    return Worker(runtime=runtime, handlers=HANDLERS, sweeps=SWEEPS)


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
