"""The nights in which the books are audited by themselves."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.audits.repository import find_due
from services.points.audits.usecases import audit_nightly
from shared.kernel.clock import FixedClock
from shared.testing.clients import Apps, People
from shared.testing.factories import WorkIn


class Nights:
    """The sweep, for the test's community alone: every other test has left one that is due as well."""

    def __init__(self, apps: Apps, people: People, work_in: WorkIn, clock: FixedClock) -> None:
        self.apps, self.people, self.work_in, self.clock = apps, people, work_in, clock

    async def is_due(self) -> bool:
        async with AsyncSession(self.apps.runtime("points").database.worker) as session:
            return (self.people.community_id,) * 2 in await find_due(session, self.clock.now(), 10_000)

    async def pass_one(self) -> None:
        """Let the next night come; the sweep comes twice."""
        self.clock.advance(timedelta(days=1))
        assert await self.is_due()
        for _ in range(2):
            async with self.work_in("points", self.people.community_id) as uow:
                await audit_nightly(uow=uow)
        assert not await self.is_due()
