"""What awards make property do: once per award, whatever is told twice or in the wrong order."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.events import (
    AwardGranted,
    AwardRevoked,
    FeeWaiverGranted,
    FeeWaiverRefused,
    FeeWaiverWithdrawn,
)
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.property.conftest import Community

PATH = "/api/v1/property/waivers"
AT = datetime(2026, 5, 11, 1, tzinfo=UTC)


def granted(award_id: UUID, household_id: UUID | None, *, months: int = 1) -> AwardGranted:
    return AwardGranted(
        award_id=award_id,
        household_id=household_id or new_id(),
        resident_id=None,
        category="身边好人",
        standing=10,
        spendable=10,
        fee_months=months,
        granted_at=AT,
    )


def revoked(award_id: UUID, household_id: UUID | None) -> AwardRevoked:
    return AwardRevoked(award_id=award_id, household_id=household_id or new_id(), reason="事迹不实", revoked_at=AT)


async def waivers_told(facts_of: Any, community: Community) -> list[Any]:
    kinds = (FeeWaiverGranted, FeeWaiverRefused, FeeWaiverWithdrawn)
    return [fact for fact in await facts_of("property", community.id) if isinstance(fact, kinds)]


async def test_an_award_waives_the_next_month_once(community: Community, hear: Any, facts_of: Any) -> None:
    resident = await community.resident()
    award_id = new_id()
    event_id = new_id()

    assert await hear("property", community.id, granted(award_id, resident.household_id), event_id=event_id)
    assert not await hear("property", community.id, granted(award_id, resident.household_id), event_id=event_id)
    assert await hear("property", community.id, granted(award_id, resident.household_id)), "told again under another id"

    (waiver,) = (await community.client(resident).get(PATH)).json()["items"]
    assert (waiver["state"], waiver["months"]) == ("granted", ["2026-06-01"])
    (told,) = await waivers_told(facts_of, community)
    assert told == FeeWaiverGranted(award_id=award_id, household_id=resident.household_id, months=(date(2026, 6, 1),))


async def test_two_awards_give_two_months(community: Community, hear: Any) -> None:
    resident = await community.resident()
    for _ in range(2):
        await hear("property", community.id, granted(new_id(), resident.household_id))

    waivers = (await community.client(resident).get(PATH)).json()["items"]

    assert sorted(waiver["months"][0] for waiver in waivers) == ["2026-06-01", "2026-07-01"]


async def test_an_unknown_household_is_refused_with_a_reason(community: Community, hear: Any, facts_of: Any) -> None:
    award_id = new_id()
    await hear("property", community.id, granted(award_id, None))

    (told,) = await waivers_told(facts_of, community)

    assert isinstance(told, FeeWaiverRefused)
    assert told.reason == "物业没有这一户的记录"


async def test_an_award_without_months_asks_nothing(community: Community, hear: Any, facts_of: Any) -> None:
    resident = await community.resident()
    await hear("property", community.id, granted(new_id(), resident.household_id, months=0))

    assert await waivers_told(facts_of, community) == []


@pytest.mark.parametrize("order", ["granted first", "revoked first"])
async def test_a_revoked_award_waives_nothing_in_either_order(
    community: Community, hear: Any, facts_of: Any, order: str
) -> None:
    resident = await community.resident()
    award_id = new_id()
    told = [granted(award_id, resident.household_id), revoked(award_id, resident.household_id)]
    for event in told if order == "granted first" else reversed(told):
        await hear("property", community.id, event)
        await hear("property", community.id, event)

    waiver = (await community.client(resident).get(f"{PATH}/{award_id}")).json()
    assert (waiver["state"], waiver["reason"]) == ("withdrawn", "事迹不实")
    facts = await waivers_told(facts_of, community)
    assert [type(fact) for fact in facts].count(FeeWaiverWithdrawn) == 1
    assert isinstance(facts[-1], FeeWaiverWithdrawn)

    await hear("property", community.id, granted(new_id(), resident.household_id))
    waivers = (await community.client(resident).get(PATH)).json()["items"]
    assert waivers[0]["months"] == ["2026-06-01"], "the month of the revoked award is free again"


async def test_waivers_are_seen_by_the_household_and_those_who_bill(
    community: Community, client_for: ClientFor, strangers: People, hear: Any
) -> None:
    resident, neighbour = await community.resident(), await community.resident()
    award_id = new_id()
    await hear("property", community.id, granted(award_id, resident.household_id))
    path = f"{PATH}/{award_id}"
    manager = community.client(community.people.staff(Role.PROPERTY_MANAGER))

    assert (await manager.get(path)).status_code == 200
    assert len((await manager.get(PATH, params={"household_id": str(resident.household_id)})).json()["items"]) == 1
    assert (await community.client(neighbour).get(path)).json()["code"] == "property.waiver_not_found"
    assert (await community.client(neighbour).get(PATH)).json()["items"] == []
    assert (await client_for("property", strangers.staff(Role.PROPERTY_MANAGER)).get(path)).status_code == 404
    assert (await client_for("property").get(path)).status_code == 401
    assert (await manager.get(PATH, params={"cursor": "x"})).json()["code"] == "cursor_invalid"
