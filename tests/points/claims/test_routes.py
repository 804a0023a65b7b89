"""A claim's way over HTTP, from the stairwell to the account."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.contracts.events import ClaimDecided, ClaimPosted, ClaimSubmitted
from shared.ids import new_id
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.minutes_kit import minutes_arrive
from tests.points.store_kit import spendable

PATH = "/api/v1/points/claims"
ITEM = {"code": "stairwell_cleaning", "name": "清扫楼道", "points": 5, "cap_count": 2, "cap_days": 60}
ITEM |= {"photos_required": 0}
SHOWN = {"code": "shown_cleaning", "name": "清扫院子", "points": 5, "photos_required": 1}
FINE = {"code": "chaotic_parking", "name": "车辆乱停", "group": "minus", "points": 2}
CLAIM = {"item_code": "stairwell_cleaning", "happened_on": "2026-05-10", "place": "3栋2单元", "note": "打扫了一到六楼"}

Submit = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
async def rulebook(client_for: ClientFor, people: People, hear: Any) -> dict[str, Any]:
    """The community's first list, in force today."""
    body = {
        "decision": "居民代表会议",
        "minutes_asset_id": await minutes_arrive(hear, people.community_id),
        "effective_on": "2026-05-11",
        "items": [ITEM, FINE, SHOWN],
    }
    response = await client_for("points", people.staff(Role.COMMITTEE_MEMBER)).post(
        "/api/v1/points/rulebooks", json=body
    )
    assert response.status_code == 201, response.text
    return dict(response.json())


@pytest.fixture
def submit(rulebook: dict[str, Any]) -> Submit:
    """Return a submitter of claims with one photo."""

    async def send(client: httpx2.AsyncClient, **body: Any) -> httpx2.Response:
        return await client.post(PATH, json=CLAIM | {"photo_ids": [str(new_id())]} | body)

    return send


async def passed(client_for: ClientFor, people: People, claim_id: str) -> dict[str, Any]:
    """Take a submitted claim through verification and the panel."""
    await client_for("points", people.staff(Role.GRID_WORKER)).post(
        f"{PATH}/{claim_id}/verifications", json={"is_confirmed": True}
    )
    for _ in range(3):
        last = await client_for("points", people.staff(Role.ASSESSOR)).post(
            f"{PATH}/{claim_id}/votes", json={"is_approved": True}
        )
    return dict(last.json())


async def test_from_the_stairwell_to_the_account(
    client_for: ClientFor,
    people: People,
    open_household: OpenHousehold,
    submit: Submit,
    clock: Any,
    sweep: Any,
    facts_of: Any,
) -> None:
    grid = new_id()
    household = await open_household(grid_id=grid)
    claim = (await submit(client_for("points", people.resident(household)))).json()
    published = await passed(client_for, people, claim["id"])
    assert published["state"] == "publicised"
    assert await spendable(client_for("points", people.resident(household))) == (100, 0)

    clock.advance(timedelta(days=3) - timedelta(seconds=1))
    await sweep("points", "post_claims")
    assert await spendable(client_for("points", people.resident(household))) == (100, 0), "not before the notice ends"
    clock.advance(timedelta(seconds=1))
    await sweep("points", "post_claims")
    await sweep("points", "post_claims")

    resident = client_for("points", people.resident(household))
    assert (await resident.get(f"{PATH}/{claim['id']}")).json()["state"] == "posted"
    assert await spendable(resident) == (105, 0), "posted once"
    facts = await facts_of("points", people.community_id)
    (submitted,) = [f for f in facts if isinstance(f, ClaimSubmitted)]
    assert (str(submitted.claim_id), submitted.household_id, submitted.points) == (claim["id"], household, 5)
    assert (submitted.grid_id, submitted.verifier, submitted.is_on_behalf) == (grid, "grid_worker", False)
    assert [f.state for f in facts if isinstance(f, ClaimDecided)] == ["verified", "publicised"]
    assert [f.points for f in facts if isinstance(f, ClaimPosted)] == [5]


async def test_an_objection_stops_the_notice_until_it_is_answered(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit, clock: Any, sweep: Any
) -> None:
    household, neighbour = await open_household(), await open_household()
    claim = (await submit(client_for("points", people.resident(household)))).json()
    await passed(client_for, people, claim["id"])

    objected = await client_for("points", people.resident(neighbour)).post(
        f"{PATH}/{claim['id']}/objections", json={"reason": "那天是我家打扫的"}
    )
    assert (objected.status_code, objected.json()["state"]) == (200, "voted")
    clock.advance(timedelta(days=10))
    await sweep("points", "post_claims")
    assert await spendable(client_for("points", people.resident(household))) == (100, 0)

    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    relative = client_for("points", people.staff(Role.SUPERVISOR))
    kin = {"household_id": str(neighbour), "relation": "女儿家"}
    assert (await relative.post("/api/v1/points/kinships", json=kin)).status_code == 201
    for concerned in (relative, client_for("points", people.staff(Role.SUPERVISOR, household_id=neighbour))):
        actions = (await concerned.get(f"{PATH}/{claim['id']}/actions")).json()["actions"]
        assert not {"uphold", "publicise"} & set(actions)
        refused = await concerned.post(f"{PATH}/{claim['id']}/answers", json={"is_upheld": True, "answer": "是的"})
        assert (refused.status_code, refused.json()["code"]) == (403, "points.recused")
    assert (await supervisor.get(f"{PATH}/{claim['id']}/actions")).json()["actions"] == ["publicise", "uphold"]
    dismissed = await supervisor.post(
        f"{PATH}/{claim['id']}/answers", json={"is_upheld": False, "answer": "两家各打扫了一半。"}
    )
    assert dismissed.json()["state"] == "publicised"
    clock.advance(timedelta(days=3))
    await sweep("points", "post_claims")
    assert await spendable(client_for("points", people.resident(household))) == (105, 0)


async def test_an_upheld_objection_refuses_the_claim(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit
) -> None:
    household, neighbour = await open_household(), await open_household()
    claim = (await submit(client_for("points", people.resident(household)))).json()
    await passed(client_for, people, claim["id"])
    await client_for("points", people.resident(neighbour)).post(
        f"{PATH}/{claim['id']}/objections", json={"reason": "没有打扫"}
    )

    answered = await client_for("points", people.staff(Role.SUPERVISOR)).post(
        f"{PATH}/{claim['id']}/answers", json={"is_upheld": True, "answer": "经核实没有打扫。"}
    )

    assert (answered.json()["state"], answered.json()["reason"]) == ("rejected", "经核实没有打扫。")


async def test_those_concerned_step_aside(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit
) -> None:
    household = await open_household()
    claim = (await submit(client_for("points", people.resident(household)))).json()
    path = f"{PATH}/{claim['id']}"
    own_worker = client_for("points", people.staff(Role.GRID_WORKER, household_id=household))
    own_assessor = client_for("points", people.staff(Role.ASSESSOR, household_id=household))

    verified = await own_worker.post(f"{path}/verifications", json={"is_confirmed": True})
    assert (verified.status_code, verified.json()["code"]) == (403, "points.recused")
    await client_for("points", people.staff(Role.GRID_WORKER)).post(
        f"{path}/verifications", json={"is_confirmed": True}
    )
    voted = await own_assessor.post(f"{path}/votes", json={"is_approved": True})
    assert (voted.status_code, voted.json()["code"]) == (403, "points.recused")


async def test_a_grid_worker_verifies_in_the_own_grid_only(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit
) -> None:
    grid = new_id()
    household = await open_household(grid_id=grid)
    claim = (await submit(client_for("points", people.resident(household)))).json()

    def worker_of(grid_id: UUID) -> Principal:
        grant = RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, str(grid_id))
        return Principal(new_id(), AccountKind.STAFF, people.community_id, roles=frozenset({grant}))

    body = {"is_confirmed": True}
    path = f"{PATH}/{claim['id']}/verifications"
    assert (await client_for("points", worker_of(new_id())).post(path, json=body)).status_code == 404
    assert (await client_for("points", worker_of(grid)).post(path, json=body)).status_code == 200


async def test_an_assessor_votes_once_and_refusals_need_a_reason(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit
) -> None:
    claim = (await submit(client_for("points", people.resident(await open_household())))).json()
    path = f"{PATH}/{claim['id']}"
    worker = client_for("points", people.staff(Role.GRID_WORKER))
    assessor = client_for("points", people.staff(Role.ASSESSOR))
    assert (await assessor.post(f"{path}/votes", json={"is_approved": True})).json()["code"] == "wrong_state"
    assert (await worker.post(f"{path}/verifications", json={"is_confirmed": False})).json()["code"] == (
        "points.reason_missing"
    )
    await worker.post(f"{path}/verifications", json={"is_confirmed": True})

    assert (await assessor.post(f"{path}/votes", json={"is_approved": True})).status_code == 200
    again = await assessor.post(f"{path}/votes", json={"is_approved": True})
    assert (again.status_code, again.json()["code"]) == (409, "points.already_voted")
    against = await client_for("points", people.staff(Role.ASSESSOR)).post(f"{path}/votes", json={"is_approved": False})
    assert (against.status_code, against.json()["code"]) == (422, "points.reason_missing")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"item_code": "unknown"}, 404, "points.item_not_found"),
        ({"item_code": "chaotic_parking"}, 409, "points.item_not_claimable"),
        ({"happened_on": "2026-05-12"}, 422, "points.happened_on_invalid"),
        ({"happened_on": "2026-01-01"}, 422, "points.happened_on_invalid"),
        ({"item_code": "shown_cleaning", "photo_ids": []}, 422, "points.photos_missing"),
        ({"happened_on": "yesterday"}, 422, "validation_failed"),
        ({"place": ""}, 422, "validation_failed"),
        ({"place": "a\x00b"}, 422, "validation_failed"),
        ({"note": "长" * 501}, 422, "validation_failed"),
        ({"points": 100}, 422, "validation_failed"),
    ],
)
async def test_bad_claims_are_told_what_is_wrong(
    client_for: ClientFor,
    people: People,
    open_household: OpenHousehold,
    submit: Submit,
    body: dict[str, Any],
    status: int,
    code: str,
) -> None:
    response = await submit(client_for("points", people.resident(await open_household())), **body)

    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_strange_texts_are_kept_as_they_are(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit
) -> None:
    text = "🧹 <script>alert(1)</script> '; DROP TABLE points.claim; -- \u202eابجد"

    response = await submit(client_for("points", people.resident(await open_household())), note=text)

    assert response.json()["note"] == text


async def test_without_a_rulebook_nothing_can_be_claimed(
    client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    client = client_for("points", people.resident(await open_household()))

    response = await client.post(PATH, json=CLAIM | {"photo_ids": []})

    assert (response.status_code, response.json()["code"]) == (404, "points.rulebook_not_found")


async def test_the_cap_holds_when_many_claims_come_at_once(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit
) -> None:
    household = await open_household()

    responses = await asyncio.gather(*(submit(client_for("points", people.resident(household))) for _ in range(12)))

    outcomes = sorted(r.json().get("code", "ok") for r in responses)
    assert outcomes == ["ok"] * 2 + ["points.cap_reached"] * 10


async def test_the_last_votes_at_once_decide_once(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit, facts_of: Any
) -> None:
    claim = (await submit(client_for("points", people.resident(await open_household())))).json()
    path = f"{PATH}/{claim['id']}"
    await client_for("points", people.staff(Role.GRID_WORKER)).post(
        f"{path}/verifications", json={"is_confirmed": True}
    )
    assessors = [client_for("points", people.staff(Role.ASSESSOR)) for _ in range(6)]

    responses = await asyncio.gather(*(a.post(f"{path}/votes", json={"is_approved": True}) for a in assessors))

    assert sorted(r.status_code for r in responses) == [200] * 3 + [409] * 3
    facts = await facts_of("points", people.community_id)
    published = [f for f in facts if isinstance(f, ClaimDecided) and f.state == "publicised"]
    assert len(published) == 1


async def test_a_sweep_racing_an_objection_posts_or_stops(
    client_for: ClientFor, people: People, open_household: OpenHousehold, submit: Submit, clock: Any, sweep: Any
) -> None:
    neighbour = await open_household()
    for _ in range(5):
        household = await open_household()
        claim = (await submit(client_for("points", people.resident(household)))).json()
        await passed(client_for, people, claim["id"])
        clock.advance(timedelta(days=3))
        objector = client_for("points", people.resident(neighbour))

        objected, _ = await asyncio.gather(
            objector.post(f"{PATH}/{claim['id']}/objections", json={"reason": "不对"}), sweep("points", "post_claims")
        )

        resident = client_for("points", people.resident(household))
        state = (await resident.get(f"{PATH}/{claim['id']}")).json()["state"]
        assert state == ("voted" if objected.is_success else "posted")
        assert await spendable(resident) == ((100, 0) if state == "voted" else (105, 0))
        clock.advance(timedelta(days=-3))


async def test_claims_are_seen_by_those_concerned(
    client_for: ClientFor, people: People, strangers: People, open_household: OpenHousehold, submit: Submit
) -> None:
    household, neighbour = await open_household(), await open_household()
    claim = (await submit(client_for("points", people.resident(household)))).json()
    path = f"{PATH}/{claim['id']}"

    assert (await client_for("points", people.resident(neighbour)).get(path)).status_code == 404
    assert (await client_for("points", strangers.staff(Role.SUPERVISOR)).get(path)).status_code == 404
    own = (await client_for("points", people.resident(household)).get(f"{path}/actions")).json()
    assert own == {"state": "submitted", "actions": ["withdraw"]}
    await passed(client_for, people, claim["id"])
    hanging = (await client_for("points", people.resident(neighbour)).get(PATH, params={"state": "publicised"})).json()
    assert [row["id"] for row in hanging["items"]] == [claim["id"]]
