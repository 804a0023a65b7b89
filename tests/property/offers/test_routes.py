"""Sending somebody: the ranking, the offer, its lapse, calling off."""

from datetime import timedelta
from uuid import UUID

from shared.ids import new_id
from shared.kernel.principal import Role
from tests.property.conftest import ROOT, Case, Community


async def test_candidates_are_ranked_and_the_others_explained(case: Case) -> None:
    community = case.community
    busy = await community.worker(name="赵师傅")
    busy_id = await community.worker_id(busy)
    cleaner = await community.worker("cleaning", name="钱师傅")
    home = await community.worker(name="孙师傅", household_id=case.resident.household_id)
    other = Case(community, case.resident, case.agent, busy, busy_id, await community.submit(case.resident))
    await other.until("taken")
    await case.until("accepted")
    base = {"base_grid_id": str(community.grid_id)}
    await community.client(community.head()).put(f"{ROOT}/workers/{case.worker_id}", json=base)

    ranking = await community.get(case.agent, f"{case.path}/candidates")

    assert [(one["rank"], one["name"]) for one in ranking["candidates"]] == [(1, "李师傅"), (2, "赵师傅")]
    second = ranking["candidates"][1]
    assert {"term": "load", "name": "手头的活", "quantity": 20, "cost": 20} in second["reasons"]
    assert second["cost"] == sum(reason["cost"] for reason in second["reasons"])
    assert [(one["name"], one["reasons"]) for one in ranking["excluded"]] == [("孙师傅", ["报修人是自家人"])]
    assert str(await community.worker_id(cleaner)) not in str(ranking), "only the department's workers are asked"
    assert home.household_id == case.resident.household_id


async def test_the_head_of_the_department_may_send_and_another_may_not_look(case: Case) -> None:
    await case.until("accepted")
    community = case.community

    sent = await community.post(
        community.head(), f"{case.path}/dispatches", {"worker_id": str(case.worker_id)}, expect=201
    )
    other = await community.client(community.head("cleaning")).get(f"{ROOT}{case.path}/candidates")

    assert (sent["state"], sent["worker"]["name"]) == ("offered", "李师傅")
    assert other.status_code == 404


async def test_the_resident_may_not_see_the_ranking(case: Case) -> None:
    await case.until("accepted")

    for read, code in (("candidates", "property.not_your_ticket"), ("dispatches", "forbidden")):
        response = await case.community.client(case.resident).get(f"{ROOT}{case.path}/{read}")
        assert (response.status_code, response.json()["code"]) == (403, code)


async def test_the_ranking_is_kept_with_the_assignment(case: Case) -> None:
    await case.until("offered")

    (sent,) = await case.community.get(case.agent, f"{case.path}/dispatches")

    assert (sent["rank"], sent["weights_version"], sent["worker_name"]) == (1, 1, "李师傅")
    assert sent["cost"] == sum(reason["cost"] for reason in sent["reasons"])
    assert sent["accept_by"] == "2026-05-11T01:15:00Z"


async def test_who_is_on_leave_cannot_be_sent(case: Case) -> None:
    community = case.community
    await case.until("accepted")
    leave = {"kind": "leave", "starts_at": "2026-05-11T00:00:00Z", "ends_at": "2026-05-12T00:00:00Z"}
    await community.post(community.head(), f"/workers/{case.worker_id}/duties", leave, expect=201)

    refused = await community.post(
        case.agent, f"{case.path}/dispatches", {"worker_id": str(case.worker_id)}, expect=409
    )

    assert (refused["code"], refused["obstacles"]) == ("property.worker_not_eligible", ["on_leave"])
    assert refused["detail"] == "不能派给李师傅：请假。请从候选名单里选。"
    assert (await community.get(case.agent, case.path))["state"] == "accepted", "a refusal leaves nothing behind"


async def test_a_shift_on_record_decides_who_is_on_duty(case: Case) -> None:
    community = case.community
    await case.until("accepted")
    late = {"kind": "shift", "starts_at": "2026-05-11T08:00:00Z", "ends_at": "2026-05-11T16:00:00Z"}
    await community.post(community.head(), f"/workers/{case.worker_id}/duties", late, expect=201)

    ranking = await community.get(case.agent, f"{case.path}/candidates")

    assert [one["obstacles"] for one in ranking["excluded"]] == [["off_shift"]]


async def test_a_certificate_that_ran_out_does_not_count(community: Community) -> None:
    resident, worker, agent = await community.resident(), await community.worker(), community.agent()
    worker_id = await community.worker_id(worker)
    ticket = await community.submit(resident)
    await community.post(agent, f"/tickets/{ticket['id']}/acceptances", {"category": "power_cut"}, expect=200)

    async def obstacles(valid_until: str | None) -> list[list[str]]:
        body = {"skills": [{"code": "electrician", "valid_until": valid_until}]}
        response = await community.client(community.head()).put(f"{ROOT}/workers/{worker_id}", json=body)
        assert response.status_code == 200, response.text
        ranking = await community.get(agent, f"/tickets/{ticket['id']}/candidates")
        return [one["obstacles"] for one in ranking["excluded"]]

    assert await obstacles("2026-05-01T00:00:00Z") == [["certificate_expired"]]
    assert await obstacles(None) == []


async def test_unknown_and_foreign_workers_are_refused(case: Case) -> None:
    await case.until("accepted")
    cleaner = await case.community.worker("cleaning", name="钱师傅")
    cleaner_id = await case.community.worker_id(cleaner)

    unknown = await case.community.post(case.agent, f"{case.path}/dispatches", {"worker_id": str(new_id())}, expect=404)
    foreign = await case.community.post(
        case.agent, f"{case.path}/dispatches", {"worker_id": str(cleaner_id)}, expect=409
    )

    assert (unknown["code"], foreign["code"]) == ("property.worker_not_found", "property.worker_not_eligible")


async def test_who_declined_is_not_asked_again_for_this_attempt(case: Case) -> None:
    community = case.community
    await case.until("offered")

    back = await community.post(case.worker, f"{case.path}/declines", {"reason": "走不开"}, expect=200)

    assert (back["state"], back["worker"]) == ("accepted", None)
    refused = await community.post(
        case.agent, f"{case.path}/dispatches", {"worker_id": str(case.worker_id)}, expect=409
    )
    assert refused["obstacles"] == ["refused_before"]


async def test_an_offer_nobody_answers_comes_back(case: Case, clock, sweep, facts_of) -> None:
    await case.until("offered")
    clock.advance(timedelta(minutes=14, seconds=59))
    await sweep("property", "lapse_offers")
    assert (await case.community.get(case.agent, case.path))["state"] == "offered"

    clock.advance(timedelta(seconds=1))
    await sweep("property", "lapse_offers")
    await sweep("property", "lapse_offers")

    again = await case.community.get(case.agent, case.path)
    assert (again["state"], again["worker"], again["version"]) == ("accepted", None, 4)
    last = (await facts_of("property", case.community.id))[-1]
    assert (last.action, last.worker_account_id) == ("lapse", case.worker.account_id)


async def test_a_taken_offer_does_not_lapse(case: Case, clock, sweep) -> None:
    await case.until("taken")
    clock.advance(timedelta(minutes=50))

    await sweep("property", "lapse_offers")

    assert (await case.community.get(case.agent, case.path))["state"] == "taken"


async def test_calling_off_frees_the_ticket_for_another(case: Case) -> None:
    community = case.community
    other = await community.worker(name="赵师傅")
    other_id = await community.worker_id(other)
    await case.until("on_site")

    back = await community.post(community.head(), f"{case.path}/recalls", {"reason": "师傅受伤"}, expect=200)
    sent = await community.post(case.agent, f"{case.path}/dispatches", {"worker_id": str(other_id)}, expect=201)

    assert (back["state"], sent["worker"]["name"]) == ("accepted", "赵师傅")
    states = [one["state"] for one in await community.get(case.agent, f"{case.path}/dispatches")]
    assert states == ["recalled", "offered"]
    old = await community.client(case.worker).post(f"{ROOT}{case.path}/arrivals", json={})
    assert old.status_code == 404


async def test_only_the_worker_who_was_sent_can_take(case: Case) -> None:
    other = await case.community.worker(name="赵师傅")
    await case.until("offered")

    response = await case.community.client(other).post(f"{ROOT}{case.path}/takes")

    assert (response.status_code, response.json()["code"]) == (404, "property.ticket_not_found")
    assert UUID(case.ticket["worker"]["id"]) == case.worker_id


async def test_a_retired_worker_is_sent_nowhere(case: Case, hear) -> None:
    from shared.contracts.events import RoleRevoked

    await case.until("accepted")
    revoked = RoleRevoked(
        account_id=case.worker.account_id,
        role=Role.PROPERTY_WORKER,
        scope_kind="department",
        scope_id="engineering",
    )
    await hear("property", case.community.id, revoked)

    ranking = await case.community.get(case.agent, f"{case.path}/candidates")

    assert [one["obstacles"] for one in ranking["excluded"]] == [["inactive"]]
