"""Workers over HTTP: who is listed, who may change what."""

import pytest

from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.property.conftest import ROOT, Community

SKILLS = {"skills": [{"code": "lift", "valid_until": "2027-01-01T00:00:00Z"}], "is_on_call_reserve": True}


async def test_workers_come_from_the_roles_identity_grants(community: Community) -> None:
    worker = await community.worker("greening", name="周师傅")
    agent = community.agent()

    listed = await community.get(agent, "/workers", department="greening")

    assert [(one["name"], one["account_id"], one["is_active"]) for one in listed["items"]] == [
        ("周师傅", str(worker.account_id), True)
    ]


async def test_workers_are_paged(community: Community) -> None:
    for number in range(5):
        await community.worker(name=f"师傅{number}")
    first = await community.get(community.agent(), "/workers", limit=3)
    second = await community.get(community.agent(), "/workers", limit=3, cursor=first["next_cursor"])

    assert [len(first["items"]), len(second["items"])] == [3, 2]
    assert second["next_cursor"] is None


async def test_the_head_says_what_a_worker_can_do(community: Community) -> None:
    worker_id = await community.worker_id(await community.worker())

    response = await community.client(community.head()).put(f"{ROOT}/workers/{worker_id}", json=SKILLS)

    assert response.status_code == 200, response.text
    assert response.json()["skills"] == [{"code": "lift", "valid_until": "2027-01-01T00:00:00Z"}]
    assert response.json()["is_on_call_reserve"] is True


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        (lambda c: c.head("cleaning"), 404, "property.worker_not_found"),
        (lambda c: c.agent(), 403, "forbidden"),
        (lambda c: c.people.resident(), 403, "forbidden"),
    ],
)
async def test_others_may_not(community: Community, who, status: int, code: str) -> None:
    worker_id = await community.worker_id(await community.worker())

    response = await community.client(who(community)).put(f"{ROOT}/workers/{worker_id}", json=SKILLS)

    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_workers_of_another_community_do_not_exist(
    community: Community, strangers: People, client_for: ClientFor
) -> None:
    worker_id = await community.worker_id(await community.worker())
    manager = client_for("property", strangers.staff(Role.PROPERTY_MANAGER))
    duty = {"kind": "shift", "starts_at": "2026-05-11T00:00:00Z", "ends_at": "2026-05-11T09:00:00Z"}

    answers = [
        await manager.put(f"{ROOT}/workers/{worker_id}", json=SKILLS),
        await manager.get(f"{ROOT}/workers/{worker_id}/duties"),
        await manager.post(f"{ROOT}/workers/{worker_id}/duties", json=duty),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "property.worker_not_found")}


async def test_a_worker_reads_the_own_rota(community: Community) -> None:
    worker = await community.worker()
    worker_id = await community.worker_id(worker)
    duty = {"kind": "shift", "starts_at": "2026-05-12T00:00:00Z", "ends_at": "2026-05-12T09:00:00Z"}
    await community.post(community.head(), f"/workers/{worker_id}/duties", duty, expect=201)

    rota = await community.get(worker, f"/workers/{worker_id}/duties")

    assert [(one["kind"], one["starts_at"]) for one in rota] == [("shift", "2026-05-12T00:00:00Z")]
    other = await community.client(await community.worker(name="赵师傅")).get(f"{ROOT}/workers/{worker_id}/duties")
    assert other.status_code == 403


@pytest.mark.parametrize("ends_at", ["2026-05-11T00:00:00Z", "2026-05-10T00:00:00Z", "2028-05-11T00:00:00Z"])
async def test_a_shift_that_cannot_be_is_refused(community: Community, ends_at: str) -> None:
    worker_id = await community.worker_id(await community.worker())
    duty = {"kind": "shift", "starts_at": "2026-05-11T00:00:00Z", "ends_at": ends_at}

    refused = await community.post(community.head(), f"/workers/{worker_id}/duties", duty, expect=422)

    assert refused["code"] == "property.duty_span"


async def test_an_unknown_worker_is_not_found(community: Community) -> None:
    response = await community.client(community.head()).put(f"{ROOT}/workers/{new_id()}", json=SKILLS)

    assert response.status_code == 404
