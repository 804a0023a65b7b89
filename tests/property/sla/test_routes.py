"""Promised times over HTTP: make-up days, holidays, holds, changed priorities, escalations."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.clock import CHINA
from shared.kernel.principal import Role
from tests.property.conftest import ROOT, Case, Community


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)


def every(*priorities: str, **targets: int) -> dict[str, dict[str, int]]:
    return dict.fromkeys(priorities, targets)


def clock_of(ticket: dict, kind: str, attempt: int = 1) -> dict:
    return next(one for one in ticket["clocks"] if (one["kind"], one["attempt"]) == (kind, attempt))


@pytest.mark.parametrize(
    ("reported", "due"),
    [
        pytest.param("2026-05-08 16:30", "2026-05-09 09:30", id="Friday evening, and the Saturday is made up for"),
        pytest.param("2026-05-09 16:30", "2026-05-11 09:30", id="made-up Saturday evening, Sunday is off"),
        pytest.param("2026-04-30 16:30", "2026-05-06 09:30", id="over the labour day holiday"),
        pytest.param("2026-05-11 11:30", "2026-05-11 15:30", id="over lunch"),
        pytest.param("2026-05-11 23:00", "2026-05-12 10:30", id="at night the desk sleeps"),
    ],
)
async def test_the_first_answer_is_promised_in_working_time(
    community: Community, clock, reported: str, due: str
) -> None:
    """Two hours at a desk open 8:30 to 12:00 and 14:00 to 17:30."""
    clock.set(at(reported))

    ticket = await community.submit(await community.resident())

    assert datetime.fromisoformat(clock_of(ticket, "respond")["due_at"]) == at(due)


async def test_a_calendar_corrected_by_the_notice_moves_what_is_still_due(community: Community, clock, sweep) -> None:
    clock.set(at("2026-05-08 16:30"))
    resident, manager = await community.resident(), community.people.staff(Role.PROPERTY_MANAGER)
    ticket = await community.submit(resident)
    assert datetime.fromisoformat(clock_of(ticket, "respond")["due_at"]) == at("2026-05-09 09:30")
    book = await community.get(resident, "/calendars")
    days = [day for day in book["days"] if day["on_date"].startswith("2026") and day["on_date"] != "2026-05-09"]

    response = await community.client(manager).put(f"{ROOT}/calendars/2026", json={"days": days, "source": "更正通知"})

    assert response.status_code == 200, response.text
    again = await community.get(resident, f"/tickets/{ticket['id']}")
    assert datetime.fromisoformat(clock_of(again, "respond")["due_at"]) == at("2026-05-11 09:30")


async def test_the_next_year_is_provisional_until_its_notice(community: Community) -> None:
    book = await community.get(await community.resident(), "/calendars")

    assert [(year["year"], year["is_provisional"]) for year in book["years"]] == [(2026, False), (2027, True)]
    assert {"2026-05-09", "2026-10-10"} <= {day["on_date"] for day in book["days"] if day["works_like"] == 0}
    assert [one["code"] for one in book["calendars"]] == ["always", "daily", "office"]


@pytest.mark.parametrize(
    ("days", "status", "code"),
    [
        ([{"on_date": "2026-01-01", "name": "元旦"}], 422, "property.calendar_invalid"),
        ([{"on_date": "2027-01-01", "name": "元旦"}] * 2, 422, "property.calendar_invalid"),
        ([{"on_date": "2027-01-01", "name": "元旦", "works_like": 7}], 422, "validation_failed"),
        ([{"on_date": "2027-01-01", "name": "元旦"}], 200, None),
    ],
)
async def test_a_year_is_entered_whole_or_not_at_all(
    community: Community, days: list[dict], status: int, code: str | None
) -> None:
    manager = community.client(community.people.staff(Role.PROPERTY_MANAGER))

    response = await manager.put(f"{ROOT}/calendars/2027", json={"days": days, "source": "通知"})

    assert (response.status_code, response.json().get("code")) == (status, code)


@pytest.mark.parametrize("role", [Role.PROPERTY_AGENT, Role.DEPARTMENT_HEAD, Role.RESIDENT])
async def test_calendars_and_promises_are_for_managers(community: Community, role: Role) -> None:
    client = community.client(community.people.staff(role))
    level = {"adopted_by": "x", "by_priority": {}}

    calendar = await client.put(f"{ROOT}/calendars/2027", json={"days": [], "source": "通知"})
    promise = await client.post(f"{ROOT}/service-levels", json=level)

    assert (calendar.status_code, promise.status_code) == (403, 403)


async def test_a_new_promise_binds_what_comes_after(case: Case) -> None:
    community = case.community
    manager = community.people.staff(Role.PROPERTY_MANAGER)
    targets = every("urgent", "high", "normal", "low", respond_seconds=600, resolve_seconds=3_600)
    body = {"adopted_by": "第2号决议", "by_priority": targets}

    adopted = await community.post(manager, "/service-levels", body, expect=201)
    later = await community.submit(case.resident)
    before = await community.get(case.resident, case.path)

    assert (adopted["version"], adopted["adopted_by"]) == (2, "第2号决议")
    assert clock_of(later, "resolve")["target_seconds"] == 3_600
    assert clock_of(before, "resolve")["target_seconds"] == 86_400
    assert (await community.get(case.resident, "/service-level"))["version"] == 2


@pytest.mark.parametrize(
    "by_priority",
    [
        {"urgent": {"respond_seconds": 600, "resolve_seconds": 3_600}},
        every("urgent", "high", "normal", "low", respond_seconds=3_600, resolve_seconds=600),
        every("urgent", "high", "normal", "highest", respond_seconds=600, resolve_seconds=600),
    ],
)
async def test_a_promise_that_is_none_is_refused(community: Community, by_priority: dict) -> None:
    manager = community.people.staff(Role.PROPERTY_MANAGER)

    refused = await community.post(
        manager, "/service-levels", {"adopted_by": "x", "by_priority": by_priority}, expect=422
    )

    assert refused["code"] == "property.service_level_invalid"


async def test_a_hold_for_parts_stops_the_promise_and_ends_on_its_day(case: Case, clock, sweep) -> None:
    community = case.community
    await case.until("working")
    clock.advance(timedelta(minutes=30))
    hold = {"reason": "waiting_parts", "until": "2026-05-13T02:00:00Z", "note": "等阀门"}
    held = await community.post(case.worker, f"{case.path}/holds", hold, expect=200)

    assert (held["state"], clock_of(held, "resolve")["state"], clock_of(held, "resolve")["due_at"]) == (
        "on_hold",
        "paused",
        None,
    )
    used = clock_of(held, "resolve")["elapsed_seconds"]
    assert used == 1_800
    clock.set(datetime(2026, 5, 13, 2, 0, tzinfo=UTC))
    await sweep("property", "escalate_clocks")
    agent = community.agent()
    resumed = clock_of(await community.get(agent, case.path), "resolve")
    assert (resumed["state"], resumed["elapsed_seconds"]) == ("running", 1_800)
    # 23.5 hours of 11-hour days are left from Wednesday 10:00, with lunch from 12:00 to 13:30.
    assert datetime.fromisoformat(resumed["due_at"]) > clock.now() + timedelta(days=1)


async def test_being_busy_elsewhere_does_not_stop_the_promise(case: Case) -> None:
    await case.until("working")
    hold = {"reason": "other_job", "until": "2026-05-12T02:00:00Z"}

    held = await case.community.post(case.worker, f"{case.path}/holds", hold, expect=200)

    assert clock_of(held, "resolve")["state"] == "running"


async def test_a_changed_priority_keeps_what_was_used(case: Case, clock) -> None:
    await case.until("accepted")
    clock.advance(timedelta(minutes=40))

    body = {"category": "stair_lamp", "priority": "high", "reason": "老人摔倒过"}
    changed = await case.community.post(case.agent, f"{case.path}/reclassifications", body, expect=200)

    resolve = clock_of(changed, "resolve")
    assert (resolve["target_seconds"], resolve["elapsed_seconds"]) == (8 * 3_600, 2_400)
    assert clock_of(changed, "respond")["state"] == "met"


async def test_rework_keeps_the_old_breach_and_starts_anew(case: Case, clock) -> None:
    await case.until("working")
    clock.set(at("2026-05-14 10:00"))
    community = case.community
    late = Case(community, case.resident, case.agent, case.worker, case.worker_id, case.ticket)
    community._clients.clear()
    finished = await late.until("done_pending_check")
    assert clock_of(finished, "resolve")["state"] == "breached"

    again = await community.post(case.resident, f"{case.path}/disputes", {"reason": "still_broken"}, expect=200)

    assert (again["state"], again["attempt"]) == ("accepted", 2)
    assert (clock_of(again, "resolve", 1)["state"], clock_of(again, "resolve", 2)["state"]) == ("breached", "running")


async def test_each_rung_is_told_once_to_its_person(case: Case, clock, sweep, facts_of) -> None:
    """Normal priority: 24 hours of 11-hour days from Monday 09:00."""
    await case.until("taken")
    told = []
    for moment in ("2026-05-12 10:00", "2026-05-12 19:00", "2026-05-13 12:00", "2026-05-14 15:00", "2026-05-20 12:00"):
        clock.set(at(moment))
        await sweep("property", "escalate_clocks")
        await sweep("property", "escalate_clocks")
        told.append(
            [fact.percent for fact in await facts_of("property", case.community.id) if hasattr(fact, "percent")]
        )

    assert told == [[50], [50, 80], [50, 80, 100], [50, 80, 100, 150], [50, 80, 100, 150]]
    case.community._clients.clear()
    rows = await case.community.get(case.agent, f"{case.path}/escalations")
    assert [row["tells"] for row in rows] == ["worker", "department_head", "property_manager", "community"]


async def test_nobody_is_told_of_a_finished_job(case: Case, clock, sweep, facts_of) -> None:
    await case.until("done_pending_check")
    clock.advance(timedelta(days=30))

    await sweep("property", "escalate_clocks")

    assert not any(hasattr(fact, "percent") for fact in await facts_of("property", case.community.id))


async def test_every_year_comes_in_time_and_says_that_it_is_provisional(community: Community, clock) -> None:
    resident, manager = await community.resident(), community.people.staff(Role.PROPERTY_MANAGER)

    async def years() -> dict[int, bool]:
        community._clients.clear()
        book = await community.get(resident, "/calendars")
        return {one["year"]: one["is_provisional"] for one in book["years"]}

    assert await years() == {2026: False, 2027: True}
    notice = {"days": [{"on_date": "2029-02-13", "works_like": None, "name": "春节"}], "source": "国务院办公厅通知"}
    entered = await community.client(manager).put(f"{ROOT}/calendars/2029", json=notice)
    assert entered.status_code == 200, entered.text
    clock.advance(timedelta(days=365))
    assert await years() == {2026: False, 2027: True, 2028: True, 2029: False}
    clock.advance(timedelta(days=366))
    assert await years() == {2026: False, 2027: True, 2028: True, 2029: False}, "what somebody entered stays"


async def test_a_calendar_that_was_rolled_back_is_forgotten(community: Community, work_in) -> None:
    """What a process keeps of the rules must not come from a change that never happened."""
    from services.property.sla import usecases
    from services.property.sla.domain import SpecialDay

    manager = community.people.staff(Role.PROPERTY_MANAGER)
    year = {"year": 2027, "is_provisional": False, "source": "通知"}

    async def enter(name: str, *, fail: bool) -> None:
        async with work_in("property", community.id) as uow:
            days = [SpecialDay(datetime(2027, 1, 4, tzinfo=UTC).date(), None, name)]
            await usecases.replace_year(uow=uow, principal=manager, days=days, **year)
            rules = await usecases.get_rules(uow=uow)
            assert not rules.calendars["office"].plan_of(days[0].on_date)
            if fail:
                raise RuntimeError(name)

    with pytest.raises(RuntimeError):
        await enter("撤回的通知", fail=True)

    async with work_in("property", community.id) as uow:
        rules = await usecases.get_rules(uow=uow)
    assert rules.calendars["office"].plan_of(datetime(2027, 1, 4, tzinfo=UTC).date())


async def test_a_community_decides_how_long_a_ticket_waits(case: Case, clock, sweep) -> None:
    community = case.community
    targets = every("urgent", "high", "normal", "low", respond_seconds=600, resolve_seconds=3_600)
    policy = {"reopen_days": 3, "longest_hold_days": 2, "rating_days": 1, "offer_minutes": 5}
    body = {"adopted_by": "第3号决议", "by_priority": targets, "policy": policy}
    adopted = await community.post(community.people.staff(Role.PROPERTY_MANAGER), "/service-levels", body, expect=201)
    assert adopted["policy"] == policy

    await case.until("offered")
    (sent,) = await community.get(case.agent, f"{case.path}/dispatches")
    assert sent["accept_by"] == "2026-05-11T01:05:00Z"
    await case.until("working")
    hold = {"reason": "weather", "until": "2026-05-14T01:00:00Z"}
    refused = await community.post(case.worker, f"{case.path}/holds", hold, expect=422)
    assert (refused["code"], refused["days"]) == ("property.hold_too_long", 2)
    finished = await case.until("done_pending_check")
    assert finished["silent_close_at"] == "2026-05-12T01:00:00Z"
    clock.advance(timedelta(days=1))
    await sweep("property", "close_silent_tickets")
    clock.advance(timedelta(days=3, seconds=1))
    community._clients.clear()
    late = await community.post(case.resident, f"{case.path}/reopenings", {"reason": "not_fixed"}, expect=409)
    assert (late["code"], late["days"]) == ("property.reopen_too_late", 3)
    assert (await community.get(case.resident, f"{case.path}/actions"))["actions"] == []


async def test_while_nobody_was_sent_the_desk_is_told(community: Community, clock, sweep, facts_of) -> None:
    await community.submit(await community.resident())
    clock.advance(timedelta(hours=1, minutes=1))

    await sweep("property", "escalate_clocks")

    (told,) = [fact for fact in await facts_of("property", community.id) if hasattr(fact, "percent")]
    assert (told.clock, told.percent, told.tells, told.department) == ("respond", 50, "desk", "customer_service")
