"""Gigs over HTTP: escrow, work, payment, refunds, deadlines and disputes."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from shared.contracts.events import GigMoved, GigPlaceMoved
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import People
from tests.points.budget_kit import backing
from tests.points.gigs.conftest import GIGS, JOBS, Market
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit, redeem, spendable


async def test_from_posting_to_payment(market: Market, people: People, facts_of: Any) -> None:
    poster, worker = await market.resident(), await market.resident()

    gig = await market.post(poster)
    assert (gig["state"], gig["free_places"]) == ("open", 1)
    assert await spendable(poster) == (70, 0), "what it pays left the household when it was posted"
    job = await market.take(worker, gig)
    assert (await worker.get(f"{JOBS}/{job['id']}/actions")).json()["actions"] == ["check_in", "give_up"]
    job = await market.work(worker, job)
    assert job["state"] == "done"
    assert (await poster.get(f"{JOBS}/{job['id']}/actions")).json()["actions"] == ["verify", "dispute"]
    paid = await market.step(poster, job, "verifications", note="擦得很干净")

    assert (paid["state"], paid["paid_points"]) == ("paid", 30)
    assert await spendable(worker) == (130, 0)
    assert await spendable(poster) == (70, 0)
    details = (await poster.get(f"{GIGS}/{gig['id']}")).json()
    assert (details["state"], details["shares"][0]["state"]) == ("finished", "paid")
    record = (await poster.get(f"{GIGS}/{gig['id']}/record")).json()
    assert [line["action"] for line in record] == [
        "post",
        "publish",
        "claim",
        "check_in",
        "complete",
        "verify",
        "pay",
        "finish",
    ]
    told = [fact.state for fact in await facts_of("points", people.community_id) if isinstance(fact, GigPlaceMoved)]
    assert told == ["claimed", "claimed", "done", "verified", "paid"]


async def test_escrowed_points_spent(market: Market, store: StoreKit) -> None:
    """DeepBot#10: points set aside for a job could still be spent, so that the worker was paid with nothing."""
    poster, worker = await market.resident(), await market.resident()
    product = await store.stock(price=80)
    gig = await market.post(poster, points=60)

    assert (await redeem(poster, product)).json()["code"] == "points.insufficient_balance"
    assert (await poster.post(GIGS, json=market.body(points=50))).json()["code"] == "points.insufficient_balance"

    job = await market.work(worker, await market.take(worker, gig))
    await market.step(poster, job, "verifications")
    assert await spendable(worker) == (160, 0)
    assert await spendable(poster) == (40, 0)


async def test_several_places_each_go_to_one_household(market: Market) -> None:
    poster, first, second, third = [await market.resident() for _ in range(4)]
    gig = await market.post(poster, points=20, places=2)
    await market.take(first, gig)

    again = await first.post(JOBS, json={"gig_id": gig["id"]})
    own = await poster.post(JOBS, json={"gig_id": gig["id"]})
    await market.take(second, gig)
    full = await third.post(JOBS, json={"gig_id": gig["id"]})

    assert again.json()["code"] == "points.gig_already_taken"
    assert own.json()["code"] == "points.gig_of_own_household"
    assert full.json()["code"] == "points.gig_full"
    assert (await poster.get(f"{GIGS}/{gig['id']}")).json()["free_places"] == 0
    assert await spendable(poster) == (60, 0)


async def test_cancelling_refunds_what_nobody_is_at_work_on(market: Market) -> None:
    poster, at_work, on_the_way = [await market.resident() for _ in range(3)]
    gig = await market.post(
        poster, points=10, places=3, apply_until=(market.clock.now() + timedelta(days=1, hours=2)).isoformat()
    )
    job, other = await market.take(at_work, gig), await market.take(on_the_way, gig)
    market.clock.advance(timedelta(days=1))
    await market.step(at_work, job, "check-ins")

    cancelled = await poster.post(f"{GIGS}/{gig['id']}/cancellations", json={"reason": "下雨了"})

    assert cancelled.json()["state"] == "working", "who has come finishes"
    assert await spendable(poster) == (90, 0)
    assert (await on_the_way.get(f"{JOBS}/{other['id']}")).json()["state"] == "cancelled"
    await market.step(at_work, job, "completions", photo_ids=[str(new_id())])
    await market.step(poster, job, "verifications")
    assert await spendable(at_work) == (110, 0)
    assert (await poster.get(f"{GIGS}/{gig['id']}")).json()["state"] == "finished"
    assert (await poster.post(f"{GIGS}/{gig['id']}/cancellations", json={"reason": "不"})).json()[
        "code"
    ] == "wrong_state"


async def test_a_refund_gives_the_lots_back_with_their_expiry(market: Market, work_in: Any, people: People) -> None:
    from sqlalchemy import text

    poster = await market.resident()
    gig = await market.post(poster, points=40)
    await poster.post(f"{GIGS}/{gig['id']}/cancellations", json={"reason": "不用了"})

    assert await spendable(poster) == (100, 0)
    async with work_in("points", people.community_id) as uow:
        lots = (await uow.session.execute(text("SELECT amount, remaining FROM points.lot"))).all()
    assert [tuple(lot) for lot in lots] == [(100, 100)], "the very lot it came from, and no new one"


async def test_nobody_takes_it_and_everything_comes_back(market: Market, sweep: Any) -> None:
    poster = await market.resident()
    gig = await market.post(poster, places=3, points=20)
    market.clock.advance(timedelta(days=1))

    await sweep("points", "close_gigs")
    await sweep("points", "close_gigs")

    details = (await poster.get(f"{GIGS}/{gig['id']}")).json()
    assert (details["state"], {share["state"] for share in details["shares"]}) == ("expired", {"expired"})


async def test_a_no_show_releases_the_place(market: Market, sweep: Any) -> None:
    poster, late, other = [await market.resident() for _ in range(3)]
    until = (market.clock.now() + timedelta(days=1, hours=3)).isoformat()
    gig = await market.post(poster, apply_until=until)
    job = await market.take(late, gig)
    market.clock.advance(timedelta(days=1, hours=1) - timedelta(seconds=1))
    await sweep("points", "move_jobs")
    assert (await late.get(f"{JOBS}/{job['id']}")).json()["state"] == "claimed"

    market.clock.advance(timedelta(seconds=1))
    await sweep("points", "move_jobs")

    freed = (await late.get(f"{JOBS}/{job['id']}")).json()
    assert (freed["state"], freed["worker_household_id"]) == ("open", None)
    assert (await poster.get(f"{GIGS}/{gig['id']}")).json()["free_places"] == 1
    assert (await market.take(other, gig))["id"] == job["id"]


async def test_giving_up_lets_another_take_it(market: Market) -> None:
    poster, first, second = [await market.resident() for _ in range(3)]
    gig = await market.post(poster)
    job = await market.take(first, gig)

    freed = await market.step(first, job, "releases", reason="临时有事")

    assert (freed["state"], freed["worker_household_id"]) == ("open", None)
    assert (await market.take(second, gig))["worker_name"] == "王**"


async def test_silence_of_the_poster_counts_as_consent(market: Market, sweep: Any) -> None:
    poster, worker = await market.resident(), await market.resident()
    job = await market.work(worker, await market.take(worker, await market.post(poster)))

    for state, wait in (("verified", 72), ("paid", 24)):
        market.clock.advance(timedelta(hours=wait))
        await sweep("points", "move_jobs")
        assert (await worker.get(f"{JOBS}/{job['id']}")).json()["state"] == state

    assert await spendable(worker) == (130, 0)


async def test_unfinished_work_ends_unpaid(market: Market, sweep: Any) -> None:
    poster, worker = await market.resident(), await market.resident()
    job = await market.take(worker, await market.post(poster))
    market.clock.advance(timedelta(days=1))
    await market.step(worker, job, "check-ins")
    market.clock.advance(timedelta(hours=3 + 24))

    await sweep("points", "move_jobs")

    ended = (await poster.get(f"{JOBS}/{job['id']}")).json()
    assert (ended["state"], ended["refunded_points"]) == ("expired", 30)
    assert await spendable(poster) == (100, 0)


@pytest.mark.parametrize(("worker_points", "poster_points"), [(30, 0), (0, 30), (18, 12)])
async def test_a_supervisor_settles_a_dispute(market: Market, worker_points: int, poster_points: int) -> None:
    poster, worker = await market.resident(), await market.resident()
    job = await market.work(worker, await market.take(worker, await market.post(poster)))
    await market.step(poster, job, "disputes", reason="只擦了一半")
    supervisor = market.staff(Role.SUPERVISOR)
    body = {"worker_points": worker_points, "poster_points": poster_points, "reason": "看过现场"}

    unfit = await supervisor.post(f"{JOBS}/{job['id']}/settlements", json=body | {"poster_points": poster_points + 1})
    assert (unfit.status_code, unfit.json()["code"]) == (422, "points.gig_split_invalid")
    assert (await poster.post(f"{JOBS}/{job['id']}/settlements", json=body)).status_code == 403
    settled = await market.step(supervisor, job, "settlements", **body)

    assert settled["state"] == "settled"
    assert await spendable(worker) == (100 + worker_points, 0)
    assert await spendable(poster) == (70 + poster_points, 0)
    again = await supervisor.post(f"{JOBS}/{job['id']}/settlements", json=body)
    assert again.json()["code"] == "wrong_state"


@pytest.mark.parametrize(
    ("worker_points", "base", "late", "early"), [(35, 100, 5, 0), (15, 100, 20, 5), (60, 80, 0, 0), (129, 11, 0, 0)]
)
async def test_a_divided_place_gives_the_lots_back_with_their_expiry(
    market: Market, work_in: Any, people: People, worker_points: int, base: int, late: int, early: int
) -> None:
    """What lasts longest comes back: the worker's share was spent like any other, earliest expiry first."""
    household, books = await market.open_household(), Books(work_in, people.community_id)
    soon, later = market.clock.now() + timedelta(days=10), market.clock.now() + timedelta(days=40)
    await books.earn(household, 20, lot_expires_at=later)
    await books.earn(household, 20, lot_expires_at=soon)
    poster, worker = await market.resident(household), await market.resident()
    gig = await market.post(poster, points=130)
    job = await market.work(worker, await market.take(worker, gig))
    await market.step(poster, job, "disputes", reason="只擦了一半")
    split = {"worker_points": worker_points, "poster_points": 130 - worker_points, "reason": "看过现场"}
    supervisor = market.staff(Role.SUPERVISOR)

    settled = await market.step(supervisor, job, "settlements", **split)

    assert (settled["state"], settled["refunded_points"]) == ("settled", 130 - worker_points)
    lots = {(None, 100, base), (later, 20, late), (soon, 20, early)}
    assert sorted(await books.lots(household), key=str) == sorted(lots, key=str), "and no new one"
    assert await spendable(worker) == (100 + worker_points, 0)
    lines = await books.lines(household)
    assert lines[-1] == ("gig_refund", 130 - worker_points, 140 - worker_points)


async def test_a_part_that_comes_back_repays_what_the_poster_owes(market: Market, work_in: Any, people: People) -> None:
    household, books = await market.open_household(), Books(work_in, people.community_id)
    poster, worker = await market.resident(household), await market.resident()
    job = await market.work(worker, await market.take(worker, await market.post(poster, points=100)))
    await market.step(poster, job, "disputes", reason="只擦了一半")
    await books.deduct(household, 30)
    split = {"worker_points": 60, "poster_points": 40, "reason": "看过现场"}
    await market.step(market.staff(Role.SUPERVISOR), job, "settlements", **split)
    assert (await books.has(household), await books.owes(household)) == (10, 0)


async def test_a_divided_place_of_the_community_goes_back_to_where_it_came_from(market: Market) -> None:
    clerk, chief, worker = (
        market.staff(Role.COMMUNITY_ADMIN),
        market.staff(Role.COMMITTEE_MEMBER),
        await market.resident(),
    )
    gig = await market.post(clerk, grid_id=str(new_id()), points=20)
    assert (await chief.post(f"{GIGS}/{gig['id']}/publications")).status_code == 200
    job = await market.work(worker, await market.take(worker, gig))
    await market.step(chief, job, "disputes", reason="只扫了一半")
    split = {"worker_points": 5, "poster_points": 15, "reason": "看过现场"}
    settled = await market.step(market.staff(Role.SUPERVISOR), job, "settlements", **split)
    assert (settled["state"], await spendable(worker)) == ("settled", (105, 0))


async def test_a_grid_workers_word_leaves_time_to_object(market: Market) -> None:
    poster, worker = await market.resident(), await market.resident()
    gig = await market.post(poster)
    job = await market.work(worker, await market.take(worker, gig))
    grid_worker = market.staff(Role.GRID_WORKER)

    assert (await market.step(grid_worker, job, "verifications"))["state"] == "verified"
    assert await spendable(worker) == (100, 0)
    assert (await market.step(poster, job, "disputes", reason="没擦干净"))["state"] == "disputed"


async def test_the_worker_never_judges_the_own_work(market: Market) -> None:
    poster = await market.resident()
    household = await market.open_household()
    worker = await market.resident(household)
    job = await market.work(worker, await market.take(worker, await market.post(poster)))
    own_grid_worker = market.staff(Role.GRID_WORKER, household_id=household)

    assert (await worker.post(f"{JOBS}/{job['id']}/verifications", json={})).status_code == 403
    refused = await own_grid_worker.post(f"{JOBS}/{job['id']}/verifications", json={})
    assert refused.json()["code"] == "points.gig_own_work"
    for role, path in ((Role.GRID_WORKER, "verifications"), (Role.SUPERVISOR, "settlements")):
        relative = market.staff(role)
        kin = {"household_id": str(household), "relation": "女儿家"}
        assert (await relative.post("/api/v1/points/kinships", json=kin)).status_code == 201
        assert (await relative.get(f"{JOBS}/{job['id']}/actions")).json()["actions"] == []
        split = {"worker_points": 30, "poster_points": 0, "reason": "看过现场"} if path == "settlements" else {}
        refused = await relative.post(f"{JOBS}/{job['id']}/{path}", json=split)
        assert refused.json()["code"] == "points.gig_own_work"
        if role is Role.GRID_WORKER:
            await market.step(poster, job, "disputes", reason="没擦干净")
    stranger = await market.resident()
    assert (await stranger.post(f"{JOBS}/{job['id']}/check-ins")).status_code == 403


async def test_what_the_community_pays_needs_two_officials(market: Market) -> None:
    clerk, chief = market.staff(Role.COMMUNITY_ADMIN), market.staff(Role.COMMITTEE_MEMBER)
    worker = await market.resident()
    gig = await market.post(clerk, grid_id=str(new_id()), points=20)
    path = f"{GIGS}/{gig['id']}"

    assert gig["state"] == "budgeted"
    assert (await worker.get(path)).status_code == 404
    assert (await worker.post(JOBS, json={"gig_id": gig["id"]})).status_code == 404
    assert (await clerk.post(f"{path}/publications")).json()["code"] == "points.gig_own_posting"
    assert (await chief.post(f"{path}/publications")).json()["state"] == "open"
    job = await market.work(worker, await market.take(worker, gig))
    assert (await market.step(chief, job, "verifications"))["state"] == "paid"
    assert await spendable(worker) == (120, 0)


async def test_the_community_pays_within_its_budget(market: Market) -> None:
    clerk = market.staff(Role.COMMUNITY_ADMIN)
    budget = {
        "name": "五月额度",
        "amount": 50,
        "starts_on": "2026-05-01",
        "ends_on": "2026-06-30",
        "decision": "两委会议",
    }
    set_up = await clerk.post("/api/v1/points/budgets", json=budget | await backing(clerk))
    assert set_up.status_code == 201, set_up.text
    grid = str(new_id())
    gig = await market.post(clerk, grid_id=grid, points=20, places=2)

    refused = await clerk.post(GIGS, json=market.body(grid_id=grid, points=20))
    assert (refused.json()["code"], refused.json()["left"]) == ("points.budget_exhausted", 10)
    await clerk.post(f"{GIGS}/{gig['id']}/cancellations", json={"reason": "不做了"})
    await market.post(clerk, grid_id=grid, points=25, places=2)
    left = (await clerk.get(f"/api/v1/points/budgets/{set_up.json()['id']}")).json()
    assert left["charged"] == 50


async def test_silence_where_the_community_pays_goes_to_a_supervisor(market: Market, sweep: Any) -> None:
    clerk, chief = market.staff(Role.COMMUNITY_ADMIN), market.staff(Role.COMMITTEE_MEMBER)
    worker = await market.resident()
    gig = await market.post(clerk, grid_id=str(new_id()))
    await chief.post(f"{GIGS}/{gig['id']}/publications")
    job = await market.work(worker, await market.take(worker, gig))
    market.clock.advance(timedelta(hours=72))

    await sweep("points", "move_jobs")

    supervisor = market.staff(Role.SUPERVISOR)
    assert (await supervisor.get(f"{JOBS}/{job['id']}/actions")).json() == {"state": "disputed", "actions": ["settle"]}
    disputed = (await supervisor.get(JOBS, params={"mine": False, "state": "disputed"})).json()["items"]
    assert [row["id"] for row in disputed] == [job["id"]]
    split = {"worker_points": 10, "poster_points": 20, "reason": "完成三分之一"}
    assert (await market.step(supervisor, job, "settlements", **split))["state"] == "settled"


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"points": 0}, 422, "validation_failed"),
        ({"points": -5}, 422, "validation_failed"),
        ({"points": 1.5}, 422, "validation_failed"),
        ({"points": 10**30}, 422, "validation_failed"),
        ({"places": 0}, 422, "validation_failed"),
        ({"title": ""}, 422, "validation_failed"),
        ({"apply_until": "2020-01-01T00:00:00Z"}, 422, "points.gig_times_invalid"),
        ({"work_from": "2099-01-01T00:00:00Z"}, 422, "points.gig_times_invalid"),
        ({"apply_until": "2026-05-12T01:00:00"}, 422, "validation_failed"),
        ({"points": 101}, 409, "points.insufficient_balance"),
        ({"points": 60, "places": 2}, 409, "points.insufficient_balance"),
        ({"points": 1001}, 422, "points.gig_too_expensive"),
        ({"grid_id": str(new_id())}, 403, "forbidden"),
    ],
)
async def test_refusals_say_why_and_change_nothing(
    market: Market, facts: dict[str, Any], status: int, code: str
) -> None:
    poster = await market.resident()
    response = await poster.post(GIGS, json=market.body(**facts))
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert await spendable(poster) == (100, 0)
    assert (await poster.get(GIGS)).json()["items"] == []


async def test_text_is_kept_as_it_is(market: Market) -> None:
    poster = await market.resident()
    text = "'; DROP TABLE gig;-- <script>alert(1)</script> 👵🏽 \u202eمرحبا"
    gig = await market.post(poster, title=text)
    assert (await poster.get(f"{GIGS}/{gig['id']}")).json()["title"] == text


async def test_the_same_key_posts_and_takes_once(market: Market) -> None:
    poster, worker = await market.resident(), await market.resident()
    body, key = market.body(places=2), {"Idempotency-Key": "tap-1"}

    first, second = [await poster.post(GIGS, json=body, headers=key) for _ in range(2)]
    taken = [await worker.post(JOBS, json={"gig_id": first.json()["id"]}, headers=key) for _ in range(2)]

    assert first.json() == second.json()
    assert await spendable(poster) == (40, 0)
    assert taken[0].json() == taken[1].json()
    assert (await poster.get(f"{GIGS}/{first.json()['id']}")).json()["free_places"] == 1


async def test_too_many_jobs_in_hand_and_the_policy_that_says_so(market: Market) -> None:
    poster, worker = await market.resident(), await market.resident()
    path = "/api/v1/points/help-policies/gigs"
    adopted = {"decision": "居民代表会议", "numbers": {"most_taken": 1}}
    assert (await worker.post(path, json=adopted)).status_code == 403
    version = (await market.staff(Role.COMMUNITY_ADMIN).post(path, json=adopted)).json()
    assert (version["version"], version["numbers"]["most_taken"]) == (1, 1)
    assert (await worker.get(path)).json() == version
    first, second = await market.post(poster, points=5), await market.post(poster, points=5)
    await market.take(worker, first)

    refused = await worker.post(JOBS, json={"gig_id": second["id"]})

    assert (refused.json()["code"], refused.json()["most"]) == ("points.gig_too_many_taken", 1)
    assert (await poster.get(f"{GIGS}/{second['id']}")).json()["free_places"] == 1


async def test_lists_page_and_filter(market: Market) -> None:
    poster, other = await market.resident(), await market.resident()
    posted = []
    for _ in range(5):
        market.clock.advance(timedelta(seconds=1))
        posted.append((await market.post(poster, points=1))["id"])
    await market.take(other, {"id": posted[0]})

    seen, url = [], f"{GIGS}?limit=2"
    while url:
        response = await other.get(url)
        seen += [row["id"] for row in response.json()["items"]]
        url = response.links.get("next", {}).get("url")

    assert seen == posted[::-1]

    async def ids(**params: Any) -> list[str]:
        return [row["id"] for row in (await other.get(GIGS, params=params)).json()["items"]]

    assert await ids(has_free_places=False) == [posted[0]]
    assert await ids(mine=True) == []
    assert await ids(state="expired") == []
    assert await ids(grid_id=str(new_id())) == []
    assert [row["gig_id"] for row in (await other.get(JOBS)).json()["items"]] == [posted[0]]
    assert (await poster.get(JOBS)).json()["items"] == []
    assert (await other.get(JOBS, params={"mine": False})).status_code == 403
    assert (await other.get(GIGS, params={"cursor": "x"})).json()["code"] == "cursor_invalid"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_officials_download_what_was_done(market: Market, file_format: str) -> None:
    poster, worker = await market.resident(), await market.resident()
    gig = await market.post(poster, title="=HYPERLINK(1)", places=2)
    job = await market.work(worker, await market.take(worker, gig))
    await market.step(poster, job, "verifications")
    span = {"from_on": "2026-05-01", "to_on": "2026-06-30", "format": file_format}

    assert (await worker.get(f"{GIGS}/export", params=span)).status_code == 403
    official = market.staff(Role.COMMUNITY_ADMIN)
    response = await official.get(f"{GIGS}/export", params=span)

    assert response.status_code == 200
    if file_format == "csv":
        rows = [line.split(",") for line in response.content.decode("utf-8-sig").splitlines()]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        assert sheet is not None
        rows = [[str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    assert len(rows) == 3
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert {row[5] for row in rows[1:]} == {"paid", "open"}


async def test_strangers_find_nothing(market: Market, strangers: People) -> None:
    poster = await market.resident()
    gig = await market.post(poster)
    share = (await poster.get(f"{GIGS}/{gig['id']}")).json()["shares"][0]["id"]
    outside = market.client_for("points", strangers.staff(*Role))

    assert (await outside.get(f"{GIGS}/{gig['id']}")).status_code == 404
    assert (await outside.get(f"{JOBS}/{share}")).status_code == 404
    assert (await outside.get(GIGS)).json()["items"] == []


async def test_posting_is_told(market: Market, people: People, facts_of: Any) -> None:
    poster = await market.resident()
    gig = await market.post(poster)
    (fact,) = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, GigMoved)]
    assert (str(fact.gig_id), fact.state, fact.points) == (gig["id"], "open", 30)
