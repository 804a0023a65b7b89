"""Orders of points at the company, over HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.events import (
    InstallationCancelled,
    InstallationCompleted,
    InstallationOrdered,
    InstallationRefused,
    InstallationScheduled,
)
from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People
from tests.property.conftest import Community

PATH = "/installations"
TOMORROW = "2026-05-12T01:00:00Z"


async def order(community: Community, resident: Principal, clock: Any) -> UUID:
    assert resident.household_id is not None
    redemption_id = new_id()
    fact = InstallationOrdered(
        redemption_id=redemption_id,
        household_id=resident.household_id,
        account_id=resident.account_id,
        product_id=new_id(),
        product_name="锁芯",
        quantity=1,
        expires_at=clock.now() + timedelta(days=30),
    )
    for _ in range(2):
        await community.hear("property", community.id, fact)
    return redemption_id


async def test_a_worker_takes_an_order_and_fits_it(community: Community, clock: Any, facts_of: Any) -> None:
    resident, worker = await community.resident(), await community.worker()
    redemption = await order(community, resident, clock)

    (waiting,) = (await community.get(worker, PATH))["items"]
    assert (waiting["state"], waiting["address"]) == ("ordered", "1栋1单元201")
    assert (await community.get(worker, f"{PATH}/{redemption}/actions"))["actions"] == ["schedule"]
    body = {"scheduled_for": TOMORROW}
    scheduled = await community.post(worker, f"{PATH}/{redemption}/appointments", body, expect=200)
    assert scheduled["worker_name"]
    done = await community.post(
        worker, f"{PATH}/{redemption}/completions", {"note": "已换锁芯", "photo_ids": [str(new_id())]}, expect=200
    )

    assert (done["state"], len(done["photo_ids"])) == ("installed", 1)
    again = await community.post(worker, f"{PATH}/{redemption}/completions", {}, expect=409)
    assert again["code"] == "wrong_state"
    told = [
        f
        for f in await facts_of("property", community.id)
        if isinstance(f, InstallationScheduled | InstallationCompleted)
    ]
    assert [type(fact).__name__ for fact in told] == ["InstallationScheduled", "InstallationCompleted"]
    assert (await community.get(resident, f"{PATH}/{redemption}"))["note"] == "已换锁芯"


async def test_the_desk_sends_a_worker(community: Community, clock: Any) -> None:
    worker = await community.worker()
    redemption = await order(community, await community.resident(), clock)
    agent = community.agent()
    path = f"{PATH}/{redemption}/appointments"

    missing = await community.post(agent, path, {"scheduled_for": TOMORROW}, expect=422)
    unknown = await community.post(agent, path, {"scheduled_for": TOMORROW, "worker_id": str(new_id())}, expect=404)
    worker_id = str(await community.worker_id(worker))
    sent = await community.post(agent, path, {"scheduled_for": TOMORROW, "worker_id": worker_id}, expect=200)

    assert (missing["code"], unknown["code"]) == ("property.worker_missing", "property.worker_not_found")
    assert sent["worker_id"] == worker_id
    other = await community.worker()
    assert (
        await community.client(other).post(f"/api/v1/property{PATH}/{redemption}/completions", json={})
    ).status_code == 404
    assert (await community.post(agent, f"{PATH}/{redemption}/completions", {}, expect=403))["code"] == "forbidden"


async def test_nobody_fits_at_their_own_home(community: Community, clock: Any) -> None:
    resident = await community.resident()
    redemption = await order(community, resident, clock)
    worker = await community.worker(household_id=resident.household_id)

    refused = await community.post(worker, f"{PATH}/{redemption}/appointments", {"scheduled_for": TOMORROW}, expect=409)

    assert refused["code"] == "property.own_home"


@pytest.mark.parametrize("at", ["2026-05-10T01:00:00Z", "2026-07-01T01:00:00Z"])
async def test_appointments_lie_ahead_and_in_time(community: Community, clock: Any, at: str) -> None:
    worker = await community.worker()
    redemption = await order(community, await community.resident(), clock)
    refused = await community.post(worker, f"{PATH}/{redemption}/appointments", {"scheduled_for": at}, expect=422)
    assert refused["code"] == "property.appointment_invalid"


async def test_what_was_given_up_is_not_fitted(community: Community, clock: Any) -> None:
    resident, worker = await community.resident(), await community.worker()
    redemption = await order(community, resident, clock)
    assert resident.household_id is not None
    fact = InstallationCancelled(redemption_id=redemption, household_id=resident.household_id, reason="cancelled")
    for _ in range(2):
        await community.hear("property", community.id, fact)

    response = await community.client(worker).post(
        f"/api/v1/property{PATH}/{redemption}/appointments", json={"scheduled_for": TOMORROW}
    )

    assert response.status_code == 404, "a worker sees what waits, and this does not"
    assert (await community.get(community.agent(), f"{PATH}/{redemption}"))["state"] == "cancelled"


@pytest.mark.parametrize("is_scheduled", [False, True])
async def test_what_cannot_be_fitted_is_refused_with_a_reason(
    community: Community, clock: Any, facts_of: Any, is_scheduled: bool
) -> None:
    resident, worker, agent = await community.resident(), await community.worker(), community.agent()
    redemption = await order(community, resident, clock)
    path, body = f"{PATH}/{redemption}/refusals", {"reason": " 门锁是一体的 "}
    assert (await community.post(worker, path, body, expect=403))["code"] == "forbidden", "not before it is theirs"
    assert (await community.post(resident, path, body, expect=403))["code"] == "forbidden"
    who = agent
    if is_scheduled:
        await community.post(worker, f"{PATH}/{redemption}/appointments", {"scheduled_for": TOMORROW}, expect=200)
        who = worker
    for silent in ({}, {"reason": " "}):
        assert (await community.post(who, path, silent, expect=422))["code"] == "validation_failed"
    assert "refuse" in (await community.get(who, f"{PATH}/{redemption}/actions"))["actions"]

    refused = await community.post(who, path, body, expect=200)

    assert [refused[name] for name in ("state", "end_reason", "note")] == ["cancelled", "refused", "门锁是一体的"]
    assert refused["ended_at"] is not None
    assert (await community.post(agent, path, body, expect=409))["code"] == "wrong_state"
    again = await community.post(agent, f"{PATH}/{redemption}/completions", {}, expect=403)
    assert again["code"] == "forbidden"
    (told,) = [f for f in await facts_of("property", community.id) if isinstance(f, InstallationRefused)]
    assert (told.redemption_id, told.household_id) == (redemption, resident.household_id)
    assert (told.product_name, told.reason, told.refused_at) == ("锁芯", "门锁是一体的", clock.now())


async def crossed(community: Community, resident: Principal, worker: Principal, clock: Any) -> UUID:
    """Fit what points has let go meanwhile and return the redemption."""
    redemption = await order(community, resident, clock)
    await community.post(worker, f"{PATH}/{redemption}/appointments", {"scheduled_for": TOMORROW}, expect=200)
    await community.post(worker, f"{PATH}/{redemption}/completions", {}, expect=200)
    assert resident.household_id is not None
    fact = InstallationCancelled(redemption_id=redemption, household_id=resident.household_id, reason="cancelled")
    await community.hear("property", community.id, fact)
    return redemption


async def test_what_crossed_on_the_way_is_settled_once_by_a_person(community: Community, clock: Any) -> None:
    resident, worker = await community.resident(), await community.worker()
    redemption, waiting = [await crossed(community, resident, worker, clock) for _ in range(2)]
    manager, path = community.people.staff(Role.PROPERTY_MANAGER), f"{PATH}/{redemption}/settlements"
    body = {"reason": " 住户愿意留用，已补办兑换 "}

    for silent in ({}, {"reason": " "}):
        assert (await community.post(manager, path, silent, expect=422))["code"] == "validation_failed"
    settled = await community.post(manager, path, body, expect=200)

    assert [settled[name] for name in ("state", "is_conflict", "settlement", "settled_by", "settled_at")] == [
        "installed",
        False,
        "住户愿意留用，已补办兑换",
        str(manager.account_id),
        "2026-05-11T01:00:00Z",
    ]
    assert (await community.post(manager, path, body, expect=409))["code"] == "property.no_installation_conflict"
    for wanted, ids in (("is_conflict", [waiting]), ("is_settled", [redemption])):
        found = (await community.get(manager, PATH, **{wanted: True}))["items"]
        assert [row["redemption_id"] for row in found] == [str(one) for one in ids]
    fact = InstallationCancelled(redemption_id=redemption, household_id=resident.household_id, reason="expired")  # type: ignore[arg-type]  # a resident has a household.
    await community.hear("property", community.id, fact)
    assert (await community.get(manager, f"{PATH}/{redemption}"))["is_conflict"] is False, "settled is settled"


async def test_nobody_settles_what_is_their_own(community: Community, clock: Any) -> None:
    resident, worker = await community.resident(), await community.worker()
    redemption = await crossed(community, resident, worker, clock)
    manager = community.people.staff(Role.PROPERTY_MANAGER)
    fitter = replace(worker, roles=worker.roles | manager.roles)
    at_home = community.people.staff(Role.PROPERTY_MANAGER, household_id=resident.household_id)
    untouched = await order(community, await community.resident(), clock)

    for who in (resident, worker, community.agent()):
        refused = await community.post(who, f"{PATH}/{redemption}/settlements", {"reason": "算了"}, expect=403)
        assert refused["code"] == "forbidden"
    for who in (fitter, at_home):
        client = community.client_for("property", who)
        assert (
            await client.post(f"/api/v1/property{PATH}/{redemption}/settlements", json={"reason": "算了"})
        ).status_code == 403
    none = await community.post(manager, f"{PATH}/{untouched}/settlements", {"reason": "没事"}, expect=409)
    assert none["code"] == "property.no_installation_conflict"


async def test_strangers_and_neighbours_see_nothing(
    community: Community, clock: Any, client_for: ClientFor, strangers: People
) -> None:
    redemption = await order(community, await community.resident(), clock)
    path = f"/api/v1/property{PATH}/{redemption}"
    assert (await client_for("property", community.people.resident()).get(path)).status_code == 404
    assert (await client_for("property", strangers.staff(Role.PROPERTY_MANAGER)).get(path)).status_code == 404
