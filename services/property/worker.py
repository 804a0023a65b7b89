"""The property service's background half: `python -m services.property.worker`."""

from services.property.dispatch import events as dispatch_events
from services.property.escalations import usecases as escalations
from services.property.gauges import COUNTS
from services.property.households import events as household_events
from services.property.installations import events as installation_events
from services.property.main import build_runtime
from services.property.offers import usecases as offers
from services.property.ratings import usecases as ratings
from services.property.settings import Settings
from services.property.waivers import events as waiver_events
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.worker import Worker, run_worker

HANDLERS = household_events.HANDLERS | dispatch_events.HANDLERS | installation_events.HANDLERS | waiver_events.HANDLERS

SWEEPS = (
    Sweep("escalate_clocks", escalations.find_due_clocks, escalations.escalate_ticket),
    Sweep("lapse_offers", offers.find_lapsed_offers, offers.lapse_offer),
    Sweep("close_silent_tickets", ratings.find_silent_tickets, ratings.close_silent_ticket),
)


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime."""
    return Worker(runtime=runtime, handlers=HANDLERS, sweeps=SWEEPS, counts=COUNTS)


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
