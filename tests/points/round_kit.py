"""Takes a round of assessment through its life, as organisers, the panel and supervisors do over HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, TransferKind
from shared.ids import new_id
from shared.kernel.clock import CHINA, FixedClock
from shared.kernel.principal import Role
from shared.kernel.values import Points
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn

PERIODS = "/api/v1/points/periods"
AFTER = datetime(2026, 7, 1, 1, tzinfo=UTC)
"""Nine in the morning of the day after the first round."""


@dataclass
class RoundKit:
    """The officials of the test's community and the round they run."""

    client_for: ClientFor
    people: People
    clock: FixedClock
    work_in: WorkIn | None = None

    def __post_init__(self) -> None:
        self.organiser_account = self.people.staff(Role.COMMITTEE_MEMBER)
        self.assessor_account = self.people.staff(Role.ASSESSOR)
        self.supervisor_account = self.people.staff(Role.SUPERVISOR)

    @property
    def organiser(self) -> httpx2.AsyncClient:
        """A committee member."""
        return self.client_for("points", self.organiser_account)

    @property
    def assessor(self) -> httpx2.AsyncClient:
        """A member of the panel."""
        return self.client_for("points", self.assessor_account)

    @property
    def supervisor(self) -> httpx2.AsyncClient:
        """A supervisor."""
        return self.client_for("points", self.supervisor_account)

    async def open(self, name: str = "2026年5—6月", **body: Any) -> str:
        """Open the next round and return its path."""
        opened = await self.organiser.post(PERIODS, json={"name": name} | body)
        assert opened.status_code == 201, opened.text
        return f"{PERIODS}/{opened.json()['id']}"

    async def review(self, path: str) -> None:
        """Collect and review a round whose days are over, turning the calendar when they are not."""
        period = (await self.organiser.get(path)).json()
        over = datetime.fromisoformat(period["ends_on"]).replace(tzinfo=CHINA) + timedelta(days=1, hours=9)
        self.clock.set(max(self.clock.now(), over))
        if period["state"] == "open":
            collected = await self.organiser.post(f"{path}/collections")
            assert collected.status_code == 200, collected.text
        reviewed = await self.assessor.post(f"{path}/reviews")
        assert reviewed.status_code == 200, reviewed.text

    async def publicise(self, path: str) -> dict[str, Any]:
        """Review and publish a round."""
        await self.review(path)
        published = await self.organiser.post(f"{path}/publications")
        assert published.status_code == 200, published.text
        return dict(published.json())

    async def seal(self, path: str) -> dict[str, Any]:
        """Publish a round and seal it when its notice has ended."""
        published = await self.publicise(path)
        self.clock.set(datetime.fromisoformat(published["objections_until"]))
        sealed = await self.supervisor.post(f"{path}/seals")
        assert sealed.status_code == 200, sealed.text
        return dict(sealed.json())

    async def credit(
        self,
        household_id: UUID,
        points: int,
        *,
        at: datetime | None = None,
        assets: tuple[Asset, ...] = tuple(Asset)[:2],
    ) -> UUID:
        """Give a household points as a posted claim does; `at` dates it back. Return the last transfer."""
        assert self.work_in is not None
        source = new_id()
        async with self.work_in("points", self.people.community_id) as uow:
            for asset in assets:
                transfer_id = await ledger.credit_household(
                    uow=uow,
                    household_id=household_id,
                    asset=asset,
                    amount=Points(points),
                    kind=TransferKind.CLAIM,
                    source_id=source,
                    summary="楼道清扫",
                    event_at=at,
                )
        return transfer_id
