"""The points service's background half: `python -m services.points.worker`."""

from services.points.claims import repository as claims
from services.points.claims.usecases import post_claim
from services.points.ledger import events as ledger_events
from services.points.main import build_runtime
from services.points.redemptions import repository as redemptions
from services.points.redemptions.usecases import expire_redemption
from services.points.settings import Settings
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.worker import Worker, run_worker

SWEEPS = (
    Sweep(
        "post_claims",
        find_due=claims.find_due,
        act=lambda uow, claim_id: post_claim(uow=uow, claim_id=claim_id),
    ),
    Sweep(
        "expire_redemptions",
        find_due=redemptions.find_due,
        act=lambda uow, redemption_id: expire_redemption(uow=uow, redemption_id=redemption_id),
    ),
)


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime."""
    return Worker(runtime=runtime, handlers=ledger_events.HANDLERS, sweeps=SWEEPS)


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
