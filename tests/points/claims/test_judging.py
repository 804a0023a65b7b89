"""Who steps aside, pictures seen before, budgets that end, and appeals after posting."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.events import (
    AppealAnswered,
    AppealMade,
    AssetPassed,
    ClaimDecided,
    ClaimPosted,
    ClaimReversed,
)
from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from shared.testing.clients import ClientFor, People
from tests.points.budget_kit import backing
from tests.points.claims_kit import CLAIMS, PARKING, SWEEP, ClaimsKit, balances
from tests.points.conftest import OpenHousehold

KINSHIPS = "/api/v1/points/kinships"
APPEALS = "/api/v1/points/appeals"
BUDGETS = "/api/v1/points/budgets"
YES = {"is_approved": True}


@pytest.fixture
async def kit(client_for: ClientFor, people: People, hear: Any) -> ClaimsKit:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt()
    return kit


async def test_kin_step_aside_until_the_declaration_is_taken_back(
    kit: ClaimsKit, open_household: OpenHousehold
) -> None:
    household = await open_household()
    claim = (await kit.enter(kit.home(household))).json()
    path = f"{CLAIMS}/{claim['id']}"
    person = kit.people.staff(Role.ASSESSOR, Role.GRID_WORKER)
    relative = kit.client(person)
    declared = await relative.post(KINSHIPS, json={"household_id": str(household), "relation": "兄弟"})
    assert declared.status_code == 201
    twice = await relative.post(KINSHIPS, json={"household_id": str(household), "relation": "兄弟"})
    assert (twice.status_code, twice.json()["code"]) == (409, "points.kinship_known")

    refused = await relative.post(f"{path}/verifications", json={"is_confirmed": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "points.recused")
    assert (await relative.get(f"{path}/actions")).json()["actions"] == []

    kinship = declared.json()["id"]
    assert (await kit.staff(Role.ASSESSOR).delete(f"{KINSHIPS}/{kinship}")).status_code == 404
    assert (await relative.delete(f"{KINSHIPS}/{kinship}")).status_code == 204
    assert (await relative.delete(f"{KINSHIPS}/{kinship}")).status_code == 404
    assert (await relative.post(f"{path}/verifications", json={"is_confirmed": True})).status_code == 200


async def test_what_a_supervisor_declared_is_not_taken_back_by_who_is_meant(
    kit: ClaimsKit, open_household: OpenHousehold
) -> None:
    """Seen here: a judge took back what had been declared of them, and judged."""
    household = await open_household()
    path = f"{CLAIMS}/{(await kit.enter(kit.home(household))).json()['id']}"
    for roles in ((Role.ASSESSOR, Role.GRID_WORKER), (Role.GRID_WORKER, Role.SUPERVISOR)):
        judge = kit.people.staff(*roles)
        body = {"household_id": str(household), "relation": "女儿家", "account_id": str(judge.account_id)}
        kinship = (await kit.staff(Role.SUPERVISOR).post(KINSHIPS, json=body)).json()["id"]

        refused = await kit.client(judge).delete(f"{KINSHIPS}/{kinship}")

        assert (refused.status_code, refused.json()["code"]) == (403, "points.kinship_not_own")
        judged = await kit.client(judge).post(f"{path}/verifications", json={"is_confirmed": True})
        assert judged.json()["code"] == "points.recused"
        assert (await kit.staff(Role.SUPERVISOR).delete(f"{KINSHIPS}/{kinship}")).status_code == 204


async def test_a_supervisor_declares_for_others_and_sees_all(
    kit: ClaimsKit, open_household: OpenHousehold, strangers: People
) -> None:
    household = await open_household()
    judge = kit.people.staff(Role.ASSESSOR)
    body = {"household_id": str(household), "relation": "女儿家", "account_id": str(judge.account_id)}
    assert (await kit.staff(Role.ASSESSOR).post(KINSHIPS, json=body)).status_code == 403
    assert (await kit.staff(Role.SUPERVISOR).post(KINSHIPS, json=body)).status_code == 201
    unknown = await kit.staff(Role.SUPERVISOR).post(KINSHIPS, json=body | {"household_id": str(new_id())})
    assert unknown.json()["code"] == "points.account_not_found"
    own = await kit.home(household).post(KINSHIPS, json={"household_id": str(household), "relation": "自己"})
    assert own.json()["code"] == "points.kinship_own_household"

    async def seen(client: Any) -> int:
        return len((await client.get(KINSHIPS)).json()["items"])

    assert await seen(kit.staff(Role.SUPERVISOR)) == 1
    assert await seen(kit.client(judge)) == 1
    assert await seen(kit.staff(Role.ASSESSOR)) == 0
    assert await seen(kit.client(strangers.staff(Role.SUPERVISOR))) == 0


async def test_a_picture_seen_before_is_shown_beside_the_first(
    kit: ClaimsKit, open_household: OpenHousehold, hear: Any
) -> None:
    first, second, other = new_id(), new_id(), new_id()
    looks = {
        first: 0x0123456789ABCDEF,
        second: 0x0123456789ABCDEF ^ 0b111_0000_0000_0000_0011,
        other: 0xFEDCBA9876543210,
    }
    for asset, dhash in looks.items():
        passed = AssetPassed(asset_id=asset, owner_account_id=new_id(), media_type="image/jpeg", dhash=f"{dhash:016x}")
        await hear("points", kit.people.community_id, passed)
        await hear("points", kit.people.community_id, passed)
    one = (await kit.enter(kit.home(await open_household()), photo_ids=[str(first)])).json()
    await kit.enter(kit.home(await open_household()), photo_ids=[str(other)])
    home = kit.home(await open_household())
    two = (await kit.enter(home, photo_ids=[str(second)])).json()
    same = (await kit.enter(kit.home(await open_household()), photo_ids=[str(first)])).json()

    verifier = kit.staff(Role.GRID_WORKER)
    found = (await verifier.get(f"{CLAIMS}/{two['id']}/duplicates")).json()
    assert {(row["photo_id"], row["other_photo_id"], row["other"]["id"], row["bits"]) for row in found} == {
        (str(second), str(first), one["id"], 5),
        (str(second), str(first), same["id"], 5),
    }
    again = (await verifier.get(f"{CLAIMS}/{same['id']}/duplicates")).json()
    assert [(row["bits"], row["other"]["id"]) for row in again] == [(0, one["id"]), (5, two["id"])]
    assert (await home.get(f"{CLAIMS}/{two['id']}/duplicates")).status_code == 403
    # Whoever verifies sees it without asking, on the claim and in the list.
    listed = {row["id"]: row["look_alikes"] for row in (await verifier.get(CLAIMS)).json()["items"]}
    assert [listed[claim["id"]] for claim in (one, two, same)] == [2, 2, 2]
    assert (await verifier.get(f"{CLAIMS}/{two['id']}")).json()["look_alikes"] == 2
    assert sorted(listed.values()) == [0, 2, 2, 2]
    await home.post(f"{CLAIMS}/{two['id']}/withdrawals")
    assert (await verifier.get(f"{CLAIMS}/{one['id']}")).json()["look_alikes"] == 1


async def test_a_deduction_appealed_against_comes_back(
    kit: ClaimsKit, open_household: OpenHousehold, clock: Any, sweep: Any, facts_of: Any
) -> None:
    household = await open_household()
    entered = (await kit.enter(kit.staff(Role.GRID_WORKER), "chaotic_parking", household_id=str(household))).json()
    early = await kit.home(household).post(APPEALS, json={"claim_id": entered["id"], "reason": "不是我家的车"})
    assert early.json()["code"] == "wrong_state"
    await kit.post(entered["id"], clock, sweep)
    home = kit.home(household)
    assert await balances(home) == {"standing": 97, "spendable": 97}

    made = await home.post(APPEALS, json={"claim_id": entered["id"], "reason": "不是我家的车"})
    assert made.status_code == 201
    again = await home.post(APPEALS, json={"claim_id": entered["id"], "reason": "不是我家的车"})
    assert (again.status_code, again.json()["code"]) == (409, "points.appeal_open")
    path = f"{APPEALS}/{made.json()['id']}"
    assert (await home.get(f"{path}/actions")).json()["actions"] == ["withdraw"]
    assert (await kit.home(await open_household()).get(path)).status_code == 404
    own = await kit.staff(Role.SUPERVISOR, household_id=household).post(
        f"{path}/answers", json={"is_upheld": True, "answer": "是的"}
    )
    assert own.json()["code"] == "points.recused"
    person = kit.people.staff(Role.SUPERVISOR)
    relative = kit.client(person)
    declared = await relative.post(KINSHIPS, json={"household_id": str(household), "relation": "兄弟"})
    assert (await relative.get(f"{path}/actions")).json()["actions"] == []
    await relative.delete(f"{KINSHIPS}/{declared.json()['id']}")
    assert (await relative.get(f"{path}/actions")).json()["actions"] == ["uphold", "dismiss"]

    answers = await asyncio.gather(
        *(
            kit.staff(Role.SUPERVISOR).post(f"{path}/answers", json={"is_upheld": True, "answer": "是访客的车"})
            for _ in range(3)
        )
    )

    assert sorted(a.json().get("code", a.json()["state"]) for a in answers) == ["upheld", "wrong_state", "wrong_state"]
    assert await balances(home) == {"standing": 100, "spendable": 100}
    claim = (await home.get(f"{CLAIMS}/{entered['id']}")).json()
    assert (claim["state"], claim["reason"]) == ("reversed", "是访客的车")
    facts = await facts_of("points", kit.people.community_id)
    assert [f.group for f in facts if isinstance(f, ClaimReversed)] == ["minus"]
    assert [f.is_upheld for f in facts if isinstance(f, AppealAnswered)] == [True]
    assert [f.reason for f in facts if isinstance(f, AppealMade)] == ["不是我家的车"]
    (posted,) = [f for f in facts if isinstance(f, ClaimPosted)]
    assert posted.appeal_until == posted.posted_at + timedelta(days=30)
    (shown,) = [f for f in facts if isinstance(f, ClaimDecided) and f.state == "publicised"]
    assert (shown.group, shown.points) == ("minus", 3)
    assert shown.notice_ends_at is not None
    assert shown.notice_ends_at <= posted.posted_at


async def test_what_a_neighbour_got_wrongly_is_taken_back_and_the_budget_has_it_again(
    kit: ClaimsKit, open_household: OpenHousehold, clock: Any, sweep: Any
) -> None:
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    fund = {"name": "额度", "starts_on": "2026-05-01", "ends_on": "2026-06-30"} | await backing(committee)
    set_up = await committee.post(BUDGETS, json=fund | {"amount": 5, "decision": "会议"})
    household, neighbour = await open_household(), await open_household()
    claim = (await kit.enter(kit.home(household))).json()
    await kit.post(claim["id"], clock, sweep)
    budget = f"{BUDGETS}/{set_up.json()['id']}"
    assert (await kit.home(household).get(budget)).json()["left"] == 0

    own = await kit.home(household).post(APPEALS, json={"claim_id": claim["id"], "reason": "不该给我家"})
    assert own.status_code == 403
    made = (await kit.home(neighbour).post(APPEALS, json={"claim_id": claim["id"], "reason": "照片是去年的"})).json()
    for concerned in (household, neighbour):
        aside = kit.client(kit.people.staff(Role.SUPERVISOR))
        await aside.post(KINSHIPS, json={"household_id": str(concerned), "relation": "兄弟"})
        assert (await aside.get(f"{APPEALS}/{made['id']}/actions")).json()["actions"] == []
        refused = await aside.post(f"{APPEALS}/{made['id']}/answers", json={"is_upheld": True, "answer": "是的"})
        assert refused.json()["code"] == "points.recused"
    dismissed_first = await kit.staff(Role.SUPERVISOR).post(
        f"{APPEALS}/{made['id']}/answers", json={"is_upheld": False, "answer": "照片是今年的"}
    )
    assert dismissed_first.json()["state"] == "dismissed"
    made = (await kit.home(neighbour).post(APPEALS, json={"claim_id": claim["id"], "reason": "再看一下"})).json()
    await kit.staff(Role.SUPERVISOR).post(
        f"{APPEALS}/{made['id']}/answers", json={"is_upheld": True, "answer": "确实是去年的照片"}
    )

    assert await balances(kit.home(household)) == {"standing": 100, "spendable": 100}
    assert (await kit.home(household).get(budget)).json()["left"] == 5


async def test_an_appeal_has_its_days_and_can_be_taken_back(
    kit: ClaimsKit, open_household: OpenHousehold, clock: Any, sweep: Any
) -> None:
    household, neighbour = await open_household(), await open_household()
    claim = (await kit.enter(kit.home(household))).json()
    await kit.post(claim["id"], clock, sweep)
    body = {"claim_id": claim["id"], "reason": "不对"}
    made = (await kit.home(neighbour).post(APPEALS, json=body)).json()
    assert (await kit.home(household).post(f"{APPEALS}/{made['id']}/withdrawals")).status_code == 404
    taken = await kit.home(neighbour).post(f"{APPEALS}/{made['id']}/withdrawals")
    assert taken.json()["state"] == "withdrawn"
    deduction = (await kit.enter(kit.staff(Role.ASSESSOR), "chaotic_parking", household_id=str(household))).json()
    await kit.post(deduction["id"], clock, sweep)

    clock.advance(timedelta(days=30))
    late = await kit.home(household).post(APPEALS, json={"claim_id": deduction["id"], "reason": "不对"})
    assert (late.status_code, late.json()["code"]) == (409, "points.appeal_too_late")
    unseen = await kit.home(neighbour).post(APPEALS, json=body)
    assert unseen.json()["code"] == "points.claim_not_found", "what was posted long ago is the household's own matter"


async def test_what_no_budget_covers_waits_for_more(
    client_for: ClientFor, people: People, hear: Any, open_household: OpenHousehold, clock: Any, sweep: Any
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(SWEEP, PARKING)
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    fund = {"name": "额度", "starts_on": "2026-05-01", "ends_on": "2026-06-30"} | await backing(committee)
    made = await committee.post(BUDGETS, json=fund | {"amount": 7, "decision": "会议"})
    households = [await open_household() for _ in range(3)]
    claims = [(await kit.enter(kit.home(household))).json()["id"] for household in households[:2]]
    claims.append(
        (await kit.enter(kit.staff(Role.ASSESSOR), "chaotic_parking", household_id=str(households[2]))).json()["id"]
    )
    for claim in claims:
        await kit.publicise(claim)
        clock.advance(timedelta(seconds=1))
    clock.advance(timedelta(days=3))
    await sweep("points", "post_claims")
    await sweep("points", "post_claims")

    async def state(number: int) -> str:
        found = (await kit.staff(Role.SUPERVISOR).get(f"{CLAIMS}/{claims[number]}")).json()
        return str(found["state"])

    assert [await state(n) for n in range(3)] == ["posted", "publicised", "posted"]
    waiting = (await kit.staff(Role.SUPERVISOR).get(f"{CLAIMS}/{claims[1]}")).json()
    assert "额度" in waiting["reason"]
    path = f"{BUDGETS}/{made.json()['id']}"
    committee = kit.staff(Role.COMMITTEE_MEMBER)
    etag = (await committee.get(path)).headers["ETag"]
    raised = await committee.put(path, json={"amount": 10, "decision": "追加"}, headers={"If-Match": etag})
    assert raised.json()["left"] == 5
    clock.advance(timedelta(hours=1))
    await sweep("points", "post_claims")
    assert await state(1) == "posted"
    assert (await kit.staff(Role.SUPERVISOR).get(path)).json()["left"] == 0


async def test_two_sweepers_post_everything_once(
    client_for: ClientFor, people: People, hear: Any, open_household: OpenHousehold, clock: Any, sweep: Any
) -> None:
    kit = ClaimsKit(client_for, people, hear)
    await kit.adopt(SWEEP)
    households = [await open_household() for _ in range(4)]
    for household in households:
        await kit.publicise((await kit.enter(kit.home(household))).json()["id"])
    clock.advance(timedelta(days=3))

    await asyncio.gather(*(sweep("points", "post_claims") for _ in range(4)))
    await sweep("points", "post_claims")

    assert [await balances(kit.home(household)) for household in households] == [
        {"standing": 105, "spendable": 105}
    ] * 4


async def test_who_did_what_is_written_down(kit: ClaimsKit, open_household: OpenHousehold) -> None:
    """Every act of an official can be told from the claim: who, when, why. The panel's votes are read by who watches."""
    mine = kit.people.resident(await open_household())
    worker, supervisor = kit.people.staff(Role.GRID_WORKER), kit.people.staff(Role.SUPERVISOR)
    panel = [kit.people.staff(Role.ASSESSOR) for _ in range(3)]
    claim = (await kit.enter(kit.client(mine))).json()
    path = f"{CLAIMS}/{claim['id']}"

    async def act(by: Principal, what: str, **body: Any) -> None:
        answer = await kit.client(by).post(f"{path}/{what}", json=body)
        assert answer.status_code == 200, answer.text

    await act(worker, "verifications", is_confirmed=True, reason="看过了")
    await act(panel[0], "votes", is_approved=False, reason="不够干净")
    early = [(await kit.client(by).get(f"{path}/votes")).json() for by in (panel[0], panel[1], supervisor)]
    assert [len(votes) for votes in early] == [1, 0, 1], "who is still to vote does not read how others did"
    for assessor in panel[1:]:
        await act(assessor, "votes", is_approved=True)
    neighbour = kit.people.resident(await open_household())
    await act(neighbour, "objections", reason="没有扫")
    await act(supervisor, "answers", is_upheld=True, answer="查过，没有扫")

    steps = (await kit.client(mine).get(f"{path}/steps")).json()["items"]

    assert [(step["action"], step["state"], step["account_id"], step["reason"]) for step in steps] == [
        ("submit", "submitted", str(mine.account_id), ""),
        ("verify", "verified", str(worker.account_id), "看过了"),
        ("approve", "publicised", str(panel[2].account_id), ""),
        ("object", "voted", str(neighbour.account_id), "没有扫"),
        ("uphold", "rejected", str(supervisor.account_id), "查过，没有扫"),
    ]
    votes = (await kit.client(panel[1]).get(f"{path}/votes")).json()
    assert [(vote["account_id"], vote["is_approved"], vote["reason"]) for vote in votes] == [
        (str(panel[0].account_id), False, "不够干净"),
        (str(panel[1].account_id), True, ""),
        (str(panel[2].account_id), True, ""),
    ]
    refused = [
        await kit.client(mine).get(f"{path}/votes"),
        await kit.client(kit.people.resident(await open_household())).get(f"{path}/steps"),
    ]
    assert [answer.status_code for answer in refused] == [403, 404]


async def test_a_refusal_and_a_withdrawal_name_who_did_it(kit: ClaimsKit, open_household: OpenHousehold) -> None:
    mine, worker = kit.people.resident(await open_household()), kit.people.staff(Role.GRID_WORKER)
    taken_back, refused = [(await kit.enter(kit.client(mine))).json()["id"] for _ in range(2)]
    await kit.client(mine).post(f"{CLAIMS}/{taken_back}/withdrawals")
    body = {"is_confirmed": False, "reason": "没有做"}
    await kit.client(worker).post(f"{CLAIMS}/{refused}/verifications", json=body)

    told = [
        (await kit.client(worker).get(f"{CLAIMS}/{claim}/steps")).json()["items"][-1] for claim in (taken_back, refused)
    ]

    assert [(step["action"], step["account_id"], step["reason"]) for step in told] == [
        ("withdraw", str(mine.account_id), ""),
        ("refuse", str(worker.account_id), "没有做"),
    ]


async def test_an_id_alone_is_no_photo(kit: ClaimsKit, open_household: OpenHousehold, hear: Any) -> None:
    """What the item asks for must have arrived before somebody says that it happened; an official's own eyes need none."""
    await kit.adopt(SWEEP | {"photos_required": 2}, PARKING)
    photos = [new_id() for _ in range(3)]
    household = await open_household()
    claim = (await kit.enter(kit.home(household), photo_ids=[str(photo) for photo in photos])).json()
    worker, path = kit.staff(Role.GRID_WORKER), f"{CLAIMS}/{claim['id']}"

    async def verify() -> Any:
        return await worker.post(f"{path}/verifications", json={"is_confirmed": True})

    async def arrive(photo: Any) -> None:
        look = f"{photo.int >> 64:016x}"
        passed = AssetPassed(asset_id=photo, owner_account_id=new_id(), media_type="image/jpeg", dhash=look)
        await hear("points", kit.people.community_id, passed)

    refused = await verify()
    assert (refused.status_code, refused.json()["code"], refused.json()["arrived"]) == (
        409,
        "points.photos_not_arrived",
        0,
    )
    await arrive(photos[0])
    assert (await verify()).json()["code"] == "points.photos_not_arrived"
    assert (await worker.get(path)).json()["photos_missing"] == 2
    await arrive(photos[2])
    assert (await verify()).json()["state"] == "verified"

    entered = (await kit.enter(worker, "chaotic_parking", household_id=str(household))).json()
    seen = await kit.staff(Role.ASSESSOR).post(f"{CLAIMS}/{entered['id']}/verifications", json={"is_confirmed": True})
    assert seen.status_code == 200
    never = (await kit.enter(kit.home(household), photo_ids=[str(new_id()), str(new_id())])).json()
    body = {"is_confirmed": False, "reason": "照片一直没有"}
    assert (await worker.post(f"{CLAIMS}/{never['id']}/verifications", json=body)).json()["state"] == "rejected"
