"""The identity service's background half: `python -m services.identity.worker`."""

from services.identity.keys import usecases as keys
from services.identity.main import build_runtime
from services.identity.rosters import usecases as rosters
from services.identity.settings import Settings
from shared.heartbeats import rest
from shared.kernel.ids import NO_COMMUNITY
from shared.runtime import Runtime
from shared.uow import unit_of_work
from shared.worker import Worker, run_worker

KEY_CHECK_SECONDS = 3_600.0


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime."""

    async def keep_keys() -> None:
        while True:
            await renew_signing_key(runtime)
            await rest(KEY_CHECK_SECONDS)

    return Worker(runtime=runtime, sweeps=rosters.sweeps(runtime), extra=[keep_keys])


async def renew_signing_key(runtime: Runtime[Settings]) -> None:
    """Make the first signing key, or the next one when the present one has grown old."""
    async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY) as uow:
        await keys.ensure_signing_key(uow=uow, cipher=runtime.cipher, lifetime=runtime.settings.signing_key_lifetime)


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
