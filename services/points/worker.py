"""The points service's background half: `python -m services.points.worker`."""

from services.points.ledger import events as ledger_events
from services.points.main import build_runtime
from services.points.settings import Settings
from shared.runtime import Runtime
from shared.worker import Worker, run_worker


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime."""
    return Worker(runtime=runtime, handlers=ledger_events.HANDLERS)


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
