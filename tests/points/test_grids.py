"""A grid worker looks after one grid: the other grids' households and places are not theirs to see behind the scenes, or to act on."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.ids import new_id
from shared.kernel.principal import Role, RoleGrant, ScopeKind
from shared.testing.clients import ClientFor, People
from tests.points.adoption_kit import ROOT, TREE, AdoptionKit
from tests.points.claims_kit import PARKING, SWEEP, ClaimsKit
from tests.points.conftest import OpenHousehold

WARNING = {"board": "warning", "title": "楼道堆物", "reason": "楼道长期堆放杂物"}


@dataclass
class Grids:
    """Two grids with a worker and a household each."""

    here: UUID
    household: UUID
    own: httpx2.AsyncClient
    other: httpx2.AsyncClient


@pytest.fixture
async def grids(client_for: ClientFor, people: People, open_household: OpenHousehold) -> Grids:
    def worker(grid_id: UUID) -> httpx2.AsyncClient:
        grant = RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, str(grid_id))
        return client_for("points", replace(people.staff(), roles=frozenset({grant})))

    here = new_id()
    household = await open_household(grid_id=here)
    return Grids(here, household, worker(here), worker(new_id()))


async def ids(client: httpx2.AsyncClient, path: str, name: str = "id") -> list[str]:
    answer = await client.get(f"{ROOT}/{path}")
    assert answer.status_code == 200, answer.text
    return [item[name] for item in answer.json()["items"]]


async def test_a_household_is_proposed_cured_and_exempted_by_its_own_grid_worker(
    grids: Grids, client_for: ClientFor, people: People
) -> None:
    body = WARNING | {"household_id": str(grids.household)}
    refused = await grids.other.post(f"{ROOT}/boards/entries", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    proposed = await grids.own.post(f"{ROOT}/boards/entries", json=body)
    assert proposed.status_code == 201, proposed.text
    path = f"{ROOT}/boards/entries/{proposed.json()['id']}"
    for _ in range(3):
        vote = client_for("points", people.staff(Role.ASSESSOR)).post(f"{path}/votes", json={"is_approved": True})
        assert (await vote).status_code == 200

    assert await ids(grids.own, "boards/entries") == [proposed.json()["id"]]
    assert await ids(grids.other, "boards/entries") == []
    for step in ("get", "post"):
        url = path if step == "get" else f"{path}/cures"
        answer = await grids.other.request(step, url, json={"reason": "已清走"} if step == "post" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "points.board_entry_not_found")
    assert (await grids.own.get(f"{path}/actions")).json()["actions"] == ["cure", "exempt"]

    exemption = {"kind": "ill", "until": "2026-12-31", "note": "住院"}
    target = f"{ROOT}/boards/exemptions/{grids.household}"
    assert (await grids.other.put(target, json=exemption)).status_code == 403
    assert (await grids.own.put(target, json=exemption)).status_code == 200
    assert await ids(grids.own, "boards/exemptions", "household_id") == [str(grids.household)]
    assert await ids(grids.other, "boards/exemptions", "household_id") == [], "an illness is nobody else's business"


async def test_an_entry_that_hangs_is_seen_by_all_and_moved_by_the_own_grid_worker_alone(
    grids: Grids, client_for: ClientFor, people: People
) -> None:
    body = WARNING | {"board": "honour", "household_id": str(grids.household)}
    path = f"{ROOT}/boards/entries/{(await grids.own.post(f'{ROOT}/boards/entries', json=body)).json()['id']}"
    for _ in range(3):
        await client_for("points", people.staff(Role.ASSESSOR)).post(f"{path}/votes", json={"is_approved": True})
    assert (await grids.other.get(path)).json()["state"] == "listed"
    assert (await grids.other.get(f"{path}/actions")).json()["actions"] == []


def gig(**facts: Any) -> dict[str, Any]:
    times = {"apply_until": "2099-05-12T01:00:00Z"}
    times |= {"work_from": "2099-05-12T01:00:00Z", "work_until": "2099-05-12T04:00:00Z"}
    return {"title": "扫楼道", "location": "3栋", "points": 5} | times | facts


async def test_the_communitys_gigs_and_their_jobs_belong_to_the_grid(
    grids: Grids, client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    body = gig(grid_id=str(grids.here))
    assert (await grids.other.post(f"{ROOT}/gigs", json=body)).status_code == 403
    posted = await grids.own.post(f"{ROOT}/gigs", json=body)
    assert posted.status_code == 201, posted.text
    path = f"{ROOT}/gigs/{posted.json()['id']}"
    resident = client_for("points", people.resident(await open_household()))
    for client in (grids.other, resident, client_for("points", people.client("points:read"))):
        assert (await client.get(path)).status_code == 404, "not published yet"
    official = client_for("points", people.staff(Role.COMMUNITY_ADMIN))
    assert (await official.post(f"{path}/publications")).status_code == 200
    taken = await resident.post(f"{ROOT}/jobs", json={"gig_id": posted.json()["id"]})
    assert taken.status_code == 201, taken.text

    assert await ids(grids.own, "jobs?mine=false") == [taken.json()["id"]]
    assert await ids(official, "jobs?mine=false") == [taken.json()["id"]]
    assert await ids(grids.other, "jobs?mine=false") == []
    assert (await grids.other.post(f"{path}/cancellations", json={"reason": "下雨"})).status_code == 403


async def test_things_to_adopt_are_offered_seen_and_inspected_in_the_own_grid(
    grids: Grids, client_for: ClientFor, people: People
) -> None:
    kit = AdoptionKit(client_for, people)
    tree = TREE | {"grid_id": str(grids.here)}
    assert (await grids.other.post(f"{ROOT}/adoption-assets", json=tree)).status_code == 403
    assert (await grids.own.post(f"{ROOT}/adoption-assets", json=TREE)).status_code == 403, "of no grid"
    offered = await grids.own.post(f"{ROOT}/adoption-assets", json=tree)
    assert offered.status_code == 201, offered.text
    resident = kit.household(grids.household)
    applied = (await kit.apply(resident, offered.json()["id"])).json()["id"]
    common = (await kit.apply(resident, await kit.offer())).json()["id"]

    assert sorted(await ids(grids.own, "adoptions")) == sorted([applied, common])
    assert await ids(grids.other, "adoptions") == [common]
    exported = (await grids.other.get(f"{ROOT}/adoptions/export?format=csv")).text
    assert len(exported.strip().splitlines()) == 2, exported
    assert (await grids.other.get(f"{ROOT}/adoptions/{applied}")).status_code == 404


async def test_pictures_are_compared_by_those_who_judge_the_claim(
    grids: Grids, client_for: ClientFor, people: People, hear: Any
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(SWEEP, PARKING)
    entered = await kit.enter(grids.own, "chaotic_parking", household_id=str(grids.household))
    assert entered.status_code == 201, entered.text
    await kit.publicise(entered.json()["id"])
    path = f"{ROOT}/claims/{entered.json()['id']}/duplicates"
    assert (await grids.own.get(path)).json() == []
    assert (await grids.other.get(path)).status_code == 403
