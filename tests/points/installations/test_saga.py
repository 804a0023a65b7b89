"""Goods that property fits: both services on one database, their facts carried between them as the streams would."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.points.installations.domain import AcceptancePolicy, Stage, stage_of
from shared.contracts.events import (
    InstallationAccepted,
    InstallationCancelled,
    InstallationCompleted,
    InstallationOrdered,
    InstallationRefused,
    InstallationScheduled,
    RedemptionReleased,
    RoleGranted,
)
from shared.kernel.principal import Role, RoleGrant, ScopeKind
from shared.testing.clients import ClientFor, People
from tests.points.store_kit import StoreKit, redeem, spendable, stock_of

POINTS = "/api/v1/points/installations"
PROPERTY = "/api/v1/property/installations"
pytestmark = pytest.mark.services("property")
TO_PROPERTY = (InstallationOrdered, InstallationCancelled)
TO_POINTS = (InstallationScheduled, InstallationCompleted, InstallationRefused)


class Saga:
    """A household that redeemed a lock, a worker who fits it, and the messenger between their services."""

    def __init__(self, client_for: ClientFor, people: People, hear: Any, facts_of: Any) -> None:
        self.client_for, self.people, self.hear, self.facts_of = client_for, people, hear, facts_of
        self.carried: dict[str, int] = {"points": 0, "property": 0}

    async def begin(self, store: StoreKit, household: UUID, *, quantity: int = 1) -> None:
        """Redeem a lock and let property hear of it."""
        self.store, self.household = store, household
        self.product = await store.stock(kind="installation", price=50, hold_hours=720, name="锁芯")
        grant = RoleGrant(Role.PROPERTY_WORKER, ScopeKind.DEPARTMENT, "engineering")
        self.worker_person = replace(self.people.staff(), roles=frozenset({grant}))
        await self.hear(
            "property",
            self.people.community_id,
            RoleGranted(
                account_id=self.worker_person.account_id,
                role=Role.PROPERTY_WORKER,
                scope_kind=ScopeKind.DEPARTMENT,
                scope_id="engineering",
                from_on=date(2026, 1, 1),
                until_on=None,
                name="李**",
            ),
        )
        self.fresh_clients()
        answer = await redeem(self.buyer, self.product, quantity=quantity)
        assert answer.status_code == 201, answer.text
        self.bought = answer.json()
        await self.carry()

    def fresh_clients(self) -> None:
        """Sign in again; tokens end while the clock jumps."""
        self.buyer = self.store.household(self.household)
        self.keeper = self.client_for("points", self.people.staff(Role.STOREKEEPER))
        self.worker = self.client_for("property", self.worker_person)

    async def carry(self, *, twice: bool = False) -> None:
        """Carry new facts to the other service."""
        for source, target, kinds in (("points", "property", TO_PROPERTY), ("property", "points", TO_POINTS)):
            facts = [f for f in await self.facts_of(source, self.people.community_id) if isinstance(f, kinds)]
            for fact in facts[self.carried[source] :]:
                for _ in range(2 if twice else 1):
                    await self.hear(target, self.people.community_id, fact)
            self.carried[source] = len(facts)

    async def schedule(self, *, at: str = "2026-05-13T01:00:00Z") -> httpx2.Response:
        """Make an appointment."""
        return await self.worker.post(f"{PROPERTY}/{self.bought['id']}/appointments", json={"scheduled_for": at})

    async def complete(self) -> httpx2.Response:
        """Say that it is fitted."""
        return await self.worker.post(f"{PROPERTY}/{self.bought['id']}/completions", json={"note": "已换锁芯"})

    async def refuse(self) -> httpx2.Response:
        """Say, at the desk, that it cannot be fitted."""
        agent = self.client_for("property", self.people.staff(Role.PROPERTY_AGENT))
        return await agent.post(f"{PROPERTY}/{self.bought['id']}/refusals", json={"reason": "门锁是一体的"})

    async def state(self) -> tuple[str, str]:
        """Return the redemption's state and the stage as points sees it."""
        redemption = (await self.keeper.get(f"/api/v1/points/redemptions/{self.bought['id']}")).json()
        installation = (await self.keeper.get(f"{POINTS}/{self.bought['id']}")).json()
        return redemption["state"], installation["stage"]

    async def steps(self) -> list[tuple[str, bool]]:
        """Return what happened to the redemption, and whether somebody is named for it."""
        steps = (await self.keeper.get(f"/api/v1/points/redemptions/{self.bought['id']}/steps")).json()["items"]
        return [(step["action"], step["account_id"] is not None) for step in steps]

    async def order(self) -> dict[str, Any]:
        """Return the order as property sees it."""
        manager = self.client_for("property", self.people.staff(Role.PROPERTY_MANAGER))
        answer: dict[str, Any] = (await manager.get(f"{PROPERTY}/{self.bought['id']}")).json()
        return answer


@pytest.fixture
async def saga(
    client_for: ClientFor,
    people: People,
    hear: Any,
    facts_of: Any,
    store: StoreKit,
    open_household: Callable[..., Awaitable[UUID]],
) -> Saga:
    made = Saga(client_for, people, hear, facts_of)
    await made.begin(store, await open_household())
    return made


async def test_from_order_to_acceptance(saga: Saga, people: People, facts_of: Any) -> None:
    assert (await saga.order())["state"] == "ordered"
    assert await saga.state() == ("reserved", "ordered")

    scheduled = await saga.schedule()
    assert (scheduled.status_code, scheduled.json()["state"]) == (200, "scheduled"), scheduled.text
    await saga.carry()
    assert await saga.state() == ("scheduled", "scheduled")
    assert await spendable(saga.buyer) == (50, 50)

    assert (await saga.complete()).json()["state"] == "installed"
    await saga.carry()
    assert await saga.state() == ("installed", "installed")
    assert await spendable(saga.buyer) == (50, 0)
    assert await stock_of(saga.keeper, saga.product) == (9, 0)

    actions = (await saga.buyer.get(f"/api/v1/points/redemptions/{saga.bought['id']}/actions")).json()
    assert actions == {"state": "installed", "actions": ["accept"]}
    accepted = await saga.buyer.post(f"{POINTS}/{saga.bought['id']}/acceptances")
    assert (accepted.status_code, accepted.json()["outcome"]) == (200, "accepted"), accepted.text
    assert accepted.json()["is_accepted_silently"] is False
    assert (await saga.buyer.post(f"{POINTS}/{saga.bought['id']}/acceptances")).json()["code"] == "wrong_state"
    told = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, InstallationAccepted)]
    assert [fact.is_silent for fact in told] == [False]
    assert await saga.steps() == [("reserve", True), ("schedule", False), ("install", False), ("accept", True)]


async def test_every_fact_told_twice_counts_once(saga: Saga) -> None:
    await saga.schedule()
    await saga.carry(twice=True)
    await saga.complete()
    await saga.carry(twice=True)

    assert await saga.state() == ("installed", "installed")
    assert await spendable(saga.buyer) == (50, 0)
    conflicts = await saga.keeper.get(POINTS, params={"is_conflict": True})
    assert conflicts.json()["items"] == []


async def test_silence_for_seven_days_is_content(saga: Saga, clock: Any, sweep: Any) -> None:
    await saga.schedule()
    await saga.complete()
    await saga.carry()

    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    await sweep("points", "accept_installations")
    saga.fresh_clients()
    assert await saga.state() == ("installed", "installed")
    clock.advance(timedelta(seconds=1))
    await sweep("points", "accept_installations")
    await sweep("points", "accept_installations")

    saga.fresh_clients()
    assert await saga.state() == ("accepted", "ended")
    assert (await saga.buyer.get(f"{POINTS}/{saga.bought['id']}")).json()["is_accepted_silently"] is True


@pytest.mark.parametrize("is_scheduled", [False, True])
async def test_giving_up_compensates_both_sides(saga: Saga, is_scheduled: bool) -> None:
    if is_scheduled:
        await saga.schedule()
        await saga.carry()

    cancelled = await saga.buyer.post(f"/api/v1/points/redemptions/{saga.bought['id']}/cancellations", json={})
    assert cancelled.status_code == 200, cancelled.text
    await saga.carry()

    assert (await saga.order())["state"] == "cancelled"
    assert await spendable(saga.buyer) == (100, 0)
    assert await stock_of(saga.keeper, saga.product) == (10, 0)
    assert (await saga.keeper.get(f"{POINTS}/{saga.bought['id']}")).json()["outcome"] == "cancelled"
    late = await saga.complete()
    assert late.status_code in {403, 404, 409}


async def test_nobody_came_in_time_and_both_sides_let_go(saga: Saga, clock: Any, sweep: Any) -> None:
    await saga.schedule()
    await saga.carry()
    clock.advance(timedelta(days=30))
    saga.fresh_clients()

    refused = await saga.complete()
    await sweep("points", "expire_redemptions")
    await saga.carry()

    assert (refused.status_code, refused.json()["code"]) == (409, "property.installation_overdue")
    assert await saga.state() == ("expired", "ended")
    assert (await saga.order())["end_reason"] == "expired"
    assert await spendable(saga.buyer) == (100, 0)


@pytest.mark.parametrize("before", ["ordered", "prepared", "scheduled"])
async def test_what_property_cannot_fit_gives_the_points_back(
    saga: Saga, people: People, facts_of: Any, before: str
) -> None:
    if before == "scheduled":
        await saga.schedule()
        await saga.carry()
    if before == "prepared":
        ready = await saga.keeper.post(f"/api/v1/points/redemptions/{saga.bought['id']}/preparations")
        assert ready.status_code == 200, ready.text
    assert (await saga.refuse()).status_code == 200
    await saga.carry(twice=True)

    assert await saga.state() == ("cancelled", "ended")
    assert await spendable(saga.buyer) == (100, 0)
    assert await stock_of(saga.keeper, saga.product) == (10, 0)
    redemption = (await saga.buyer.get(f"/api/v1/points/redemptions/{saga.bought['id']}")).json()
    assert redemption["reason"] == "物业装不了：门锁是一体的"
    assert (await saga.keeper.get(f"{POINTS}/{saga.bought['id']}")).json()["outcome"] == "refused"
    told = [type(fact) for fact in await facts_of("points", people.community_id)]
    assert told.count(RedemptionReleased) == 1
    assert told.count(InstallationCancelled) == 0, "property knows, it said so itself"
    assert (await saga.steps())[-1] == ("refuse", False)


async def test_refused_while_the_cancellation_was_on_its_way_changes_nothing(saga: Saga) -> None:
    await saga.buyer.post(f"/api/v1/points/redemptions/{saga.bought['id']}/cancellations", json={})
    assert (await saga.refuse()).status_code == 200, "property has not heard of it yet"
    await saga.carry()

    assert await spendable(saga.buyer) == (100, 0)
    installation = (await saga.keeper.get(f"{POINTS}/{saga.bought['id']}")).json()
    assert (installation["outcome"], installation["conflict"]) == ("cancelled", "")
    assert (await saga.order())["end_reason"] == "refused", "the first end stands"


async def test_fitted_while_the_cancellation_was_on_its_way_is_shown_to_a_person_on_both_sides(saga: Saga) -> None:
    await saga.schedule()
    await saga.carry()
    await saga.buyer.post(f"/api/v1/points/redemptions/{saga.bought['id']}/cancellations", json={})
    assert (await saga.complete()).status_code == 200, "property has not heard of it yet"
    await saga.carry()

    (conflict,) = (await saga.keeper.get(POINTS, params={"is_conflict": True})).json()["items"]
    assert "已经装好" in conflict["conflict"]
    assert (await saga.order())["is_conflict"] is True
    assert await spendable(saga.buyer) == (100, 0), "no point is taken without its hold"

    path, words = f"{POINTS}/{saga.bought['id']}/settlements", {"reason": "住户愿意留用，已重新兑换"}
    own = saga.client_for("points", saga.people.staff(Role.STOREKEEPER, household_id=UUID(saga.bought["household_id"])))
    assert [(await one.post(path, json=words)).status_code for one in (saga.buyer, own)] == [403, 403]
    settled = await saga.keeper.post(path, json=words)
    assert settled.status_code == 200, settled.text
    assert (settled.json()["conflict"], "已经装好" in settled.json()["settlement"]) == ("", True)
    assert settled.json()["settlement"].endswith("住户愿意留用，已重新兑换")
    again = await saga.keeper.post(path, json=words)
    assert (again.status_code, again.json()["code"]) == (409, "points.no_installation_conflict")
    for wanted, ids in (("is_conflict", []), ("is_settled", [saga.bought["id"]])):
        found = (await saga.keeper.get(POINTS, params={wanted: True})).json()["items"]
        assert [row["redemption_id"] for row in found] == ids


async def test_what_was_fitted_badly_comes_back(saga: Saga) -> None:
    await saga.schedule()
    await saga.complete()
    await saga.carry()

    path = f"/api/v1/points/redemptions/{saga.bought['id']}/returns"
    returned = await saga.keeper.post(path, json={"reason": "装不上", "is_resellable": True})
    await saga.carry()

    assert (returned.status_code, returned.json()["state"]) == (200, "returned")
    assert await spendable(saga.buyer) == (100, 0)
    assert await stock_of(saga.keeper, saga.product) == (10, 0)
    assert (await saga.order())["is_conflict"] is False


async def test_taken_home_at_the_counter_needs_no_visit(saga: Saga) -> None:
    answer = await saga.keeper.post("/api/v1/points/redemptions/pickups", json={"code": saga.bought["pickup_code"]})
    await saga.carry()

    assert answer.status_code == 200, answer.text
    assert (await saga.order())["end_reason"] == "picked_up"
    assert await saga.state() == ("picked_up", "ended")


async def test_the_code_does_not_open_what_property_has_arranged(saga: Saga) -> None:
    await saga.schedule()
    await saga.carry()

    answer = await saga.keeper.post("/api/v1/points/redemptions/pickups", json={"code": saga.bought["pickup_code"]})

    assert (answer.status_code, answer.json()["code"]) == (404, "points.pickup_code_unknown")


async def test_others_see_and_accept_nothing(
    saga: Saga, client_for: ClientFor, people: People, strangers: People
) -> None:
    path = f"{POINTS}/{saga.bought['id']}"
    assert (await client_for("points", people.resident()).get(path)).status_code == 404
    assert (await client_for("points", people.resident()).post(f"{path}/acceptances")).status_code == 404
    assert (await saga.keeper.post(f"{path}/acceptances")).status_code == 403
    assert (await client_for("points", strangers.staff(Role.STOREKEEPER)).get(path)).status_code == 404


def test_stages_and_the_time_to_look() -> None:
    moment = datetime(2026, 5, 11, tzinfo=UTC)
    assert AcceptancePolicy().accept_by(moment) == datetime(2026, 5, 18, tzinfo=UTC)
    cases = {
        (None, None, None): Stage.ORDERED,
        (moment, None, None): Stage.SCHEDULED,
        (moment, moment, None): Stage.INSTALLED,
        (None, None, moment): Stage.ENDED,
    }
    for (scheduled, installed, ended), stage in cases.items():
        assert stage_of(scheduled_for=scheduled, installed_at=installed, ended_at=ended) is stage
