"""Whoever a fact concerns hears it once; who has left, another household and another community never do."""

import dataclasses
from typing import Any
from uuid import UUID

import pytest

from services.notifications.inbox.pages import page_of
from services.notifications.inbox.wording import put_into_words
from services.notifications.recipients.domain import Household, People, Residents
from shared.contracts import events as facts
from shared.ids import new_id
from shared.kernel.principal import Principal, Role, ScopeKind
from tests.notifications import samples
from tests.notifications.inbox.recorded import GRID, HELPER, HOUSE, OTHER, PERSON, recorded
from tests.notifications.inbox.test_recorded import CASES

INBOX = "/api/v1/notifications/inbox"


@pytest.fixture
def tell(hear, people):
    async def say(event: Any) -> None:
        await hear("notifications", people.community_id, event)

    return say


@pytest.fixture
def heard_by(client_for):
    async def read(person: Principal, **params: Any) -> list[str]:
        titles: list[str] = []
        cursor: dict[str, Any] = {"limit": 100}
        while True:
            page = (await client_for("notifications", person).get(INBOX, params=cursor | params)).json()
            titles += [item["title"] for item in page["items"]]
            if page["next_cursor"] is None:
                return titles
            cursor["cursor"] = page["next_cursor"]

    return read


def about(event: Any, person: Principal, neighbour: Principal) -> Any:
    """Put two real people in the place of those a recorded fact is about."""
    places: dict[UUID, Any] = {
        HOUSE: person.household_id,
        OTHER: neighbour.household_id,
        PERSON: person.resident_id,
        HELPER: neighbour.resident_id,
    }
    values = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    changed = {name: places[value] for name, value in values.items() if isinstance(value, UUID) and value in places}
    if values.get("helper_resident_ids"):
        changed["helper_resident_ids"] = (neighbour.resident_id,)
    return dataclasses.replace(event, **changed)


def anew(cls: type[Any]) -> dict[str, UUID]:
    """Return ids of its own for the thing a fact is about, so that two cases are not one fact."""
    things = {field.name for field in dataclasses.fields(cls)} & THINGS
    return {name: new_id() for name in things}


THINGS = {
    *(
        "claim_id",
        "appeal_id",
        "period_id",
        "redemption_id",
        "delivery_id",
        "merchant_id",
        "voucher_id",
        "settlement_id",
    ),
    *("gig_id", "place_id", "request_id", "adoption_id", "duty_id", "award_id", "entry_id", "ticket_id", "round_id"),
    *("notice_id", "concern_id", "proposal_id", "process_id", "objection_id", "asset_id", "move_id"),
}

AT_HOME = {
    cls: changes
    for cls, changes, told in reversed(CASES)
    if any(isinstance(audience, Household | People | Residents) for audience, _, _ in told)
}
"""One case of every fact that is told to those who live here."""


async def test_household_and_people_hear_every_fact_about_them_and_nobody_else_does(people, strangers, tell, heard_by):
    person, neighbour, outsider, mover, stranger = (
        *(people.resident() for _ in range(3)),
        people.resident(),
        strangers.resident(),
    )
    mover = dataclasses.replace(mover, household_id=person.household_id)
    for account in (person, neighbour, outsider, mover):
        await tell(samples.bound(account))
    await tell(samples.registered(person.household_id, GRID, GRID))
    await tell(facts.ResidentLeft(resident_id=mover.resident_id, household_id=mover.household_id, reason="moved_out"))
    said = []
    for number, (cls, changes) in enumerate(AT_HOME.items()):
        event = about(recorded(cls, **changes | anew(cls)), person, neighbour)
        await tell(event)
        if number % 10 == 0:
            await tell(event)
        said += put_into_words(event)
    keys = {
        person: (Household(person.household_id), Residents(), Residents(ScopeKind.GRID, GRID)),
        neighbour: (Household(neighbour.household_id), Residents()),
        outsider: (Residents(),),
    }
    for reader, audiences in keys.items():
        expected = [
            draft.title
            for draft in said
            if draft.audience in audiences
            or (isinstance(draft.audience, People) and reader.resident_id in draft.audience.resident_ids)
        ]
        assert sorted(await heard_by(reader)) == sorted(expected)
    assert await heard_by(mover) == []
    assert await heard_by(stranger) == []


async def test_help_is_told_to_persons_not_to_their_whole_household(people, tell, heard_by):
    asker, helper = people.resident(), people.resident()
    brother = people.resident(helper.household_id)
    for account in (asker, helper, brother):
        await tell(samples.bound(account))
    await tell(about(recorded(facts.TimeCredited), helper, asker))
    assert await heard_by(helper) == ["时间存折增加 2 小时"]
    assert await heard_by(brother) == []
    await tell(facts.ResidentLeft(resident_id=helper.resident_id, household_id=helper.household_id, reason="moved_out"))
    await tell(about(recorded(facts.HelpMoved, state="cancelled", action="cancel"), asker, helper))
    assert await heard_by(helper) == ["时间存折增加 2 小时"]
    assert await heard_by(asker) == ["求助取消了"]


async def test_the_grid_worker_hears_of_the_own_grid_only(people, tell, heard_by):
    here, there = people.staff(Role.GRID_WORKER), people.staff(Role.GRID_WORKER)
    await tell(samples.granted(here, "grid_worker", "grid", str(GRID)))
    await tell(samples.granted(there, "grid_worker", "grid", str(OTHER)))
    await tell(recorded(facts.GigPlaceMoved, state="done", poster_household_id=None, grid_id=GRID))
    assert await heard_by(here, topic="gigs") == ["零工做完了，请您看看"]
    assert await heard_by(there, topic="gigs") == []


async def test_who_looks_hears_of_a_claim_in_the_own_grid_and_of_nothing_else(people, tell, heard_by):
    here, there = people.staff(Role.GRID_WORKER), people.staff(Role.GRID_WORKER)
    assessor, neighbour = people.staff(Role.ASSESSOR), people.resident()
    await tell(samples.bound(neighbour))
    await tell(samples.granted(here, "grid_worker", "grid", str(GRID)))
    await tell(samples.granted(there, "grid_worker", "grid", str(OTHER)))
    await tell(samples.granted(assessor, "assessor"))
    plain = about(recorded(facts.ClaimSubmitted, grid_id=GRID, claim_id=new_id()), neighbour, neighbour)
    await tell(plain)
    await tell(plain)
    assert await heard_by(here, topic="points") == ["有一笔积分申报，请核实"]
    assert [await heard_by(other, topic="points") for other in (there, assessor, neighbour)] == [[], [], []]
    entered = dataclasses.replace(plain, claim_id=new_id(), group="minus", is_on_behalf=True)
    await tell(entered)
    assert [(await heard_by(person, topic="points"))[0] for person in (here, assessor)] == ["有一笔扣分，请核实"] * 2
    assert [await heard_by(other, topic="points") for other in (there, neighbour)] == [[], []]


async def test_low_stock_reaches_the_storekeeper_once_and_the_next_time_again(people, tell, heard_by, clock):
    keeper = people.staff(Role.STOREKEEPER)
    await tell(samples.granted(keeper, "storekeeper"))
    low = recorded(facts.StockLow, told_at=clock.now())
    await tell(low)
    await tell(low)
    assert await heard_by(keeper, topic="store") == ["食用油 1.8 升快没货了"]
    await tell(dataclasses.replace(low, told_at=samples.LATER))
    assert len(await heard_by(keeper, topic="store")) == 2


async def test_an_item_names_the_page_it_opens(people, tell, client_for):
    person = people.resident()
    await tell(samples.bound(person))
    event = about(recorded(facts.PointsExpiring), person, person)
    await tell(event)
    (item,) = (await client_for("notifications", person).get(INBOX)).json()["items"]
    (draft,) = put_into_words(event)
    assert item["target_kind"] == "ledger"
    assert item["target_id"] == str(person.household_id)
    assert item["page"] == page_of(draft.target_kind, draft.target_id) == "pages/points/index"
