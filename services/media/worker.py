"""The background half of the media service: `python -m services.media.worker`."""

from datetime import timedelta

import structlog

from services.media.assets import repository, usecases
from services.media.assets.domain import ERASE_AFTER, object_key, parse_object_key
from services.media.assets.errors import StorageUnavailableError
from services.media.checker import build_checker
from services.media.main import build_runtime
from services.media.settings import CheckMode, Settings
from services.media.storage import FileStore
from services.media.uploaders import events as uploaders
from shared.heartbeats import beat, rest
from shared.kernel.errors import UnavailableError
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.uow import open_session, unit_of_work
from shared.worker import Worker, run_worker

log = structlog.get_logger(__name__)

ERASE_SECONDS = 60.0
ERASE_BATCH = 100
ORPHAN_AFTER = timedelta(hours=24)
ORPHAN_DAYS = 3
"""How many past days are searched for files without an asset; an older day was searched when it was younger."""


class Eraser:
    """Erases what is no longer wanted: files of deleted assets, and files whose upload was never finished.

    The store is a network away, so it is asked outside any transaction; the row is marked afterwards. Erasing twice does no harm.
    """

    def __init__(self, runtime: Runtime[Settings], files: FileStore) -> None:
        self._runtime = runtime
        self._files = files

    async def run(self) -> None:
        """Erase until cancelled."""
        while True:
            try:
                erased = await self.erase_deleted()
                await self.erase_orphans()
            except (StorageUnavailableError, UnavailableError, OSError) as error:
                log.warning("eraser_waits", error=str(error))
                erased = 0
            await rest(ERASE_SECONDS if erased < ERASE_BATCH else 0)

    async def erase_deleted(self) -> int:
        """Erase the bytes of one batch of deleted assets and return how many assets that was."""
        database, clock = self._runtime.database, self._runtime.clock
        async with open_session(database, database.worker) as session:
            gone = await repository.list_to_erase(session, clock.now() - ERASE_AFTER, ERASE_BATCH)
        for asset in gone:
            beat()
            await self._files.delete([object_key(asset.community_id, asset.id, r) for r in asset.renditions])
            async with unit_of_work(database, clock, asset.community_id) as uow:
                await repository.mark_erased(uow.session, asset.community_id, asset.id, uow.now)
        return len(gone)

    async def erase_orphans(self) -> int:
        """Erase files of the last days that belong to no asset and return how many files that was."""
        database, now = self._runtime.database, self._runtime.clock.now()
        count = 0
        for age in range(1, ORPHAN_DAYS + 1):
            day = now.date() - timedelta(days=age)
            names = {
                name: ids
                async for name, written_at in self._files.names_of_day(day)
                if (ids := parse_object_key(name)) is not None and written_at < now - ORPHAN_AFTER
            }
            async with open_session(database, database.worker) as session:
                known = await repository.find_known(session, sorted(set(names.values())))
            orphans = [name for name, ids in names.items() if ids not in known]
            await self._files.delete(orphans)
            count += len(orphans)
        if count:
            log.info("orphans_erased", files=count)
        return count


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime."""
    eraser = Eraser(runtime, FileStore(runtime.settings))
    checker = build_checker(runtime)
    return Worker(
        runtime,
        # Whose openid is whose is learnt only where WeChat is asked.
        handlers=uploaders.HANDLERS if runtime.settings.check_mode is CheckMode.WECHAT else {},
        sweeps=[Sweep("time_out_checks", repository.list_overdue_checks, usecases.time_out_check)],
        extra=[eraser.run] if checker is None else [eraser.run, checker.run],
    )


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
