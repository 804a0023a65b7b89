"""The list over HTTP: adopted in versions, never changed."""

from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People

PATH = "/api/v1/points/rulebooks"
MINUTES = "0190a7c4-0000-7000-8000-00000000000a"
ITEM = {"code": "clean_home", "name": "家庭清洁", "points": 3}


def body(**change: Any) -> dict[str, Any]:
    return {
        "decision": "居民代表会议",
        "minutes_asset_id": MINUTES,
        "effective_on": "2026-05-11",
        "items": [ITEM],
    } | change


async def test_versions_take_effect_on_their_day(client_for: ClientFor, people: People, clock: Any) -> None:
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    first = await committee.post(PATH, json=body())
    second = await committee.post(PATH, json=body(effective_on="2026-05-20", items=[ITEM | {"points": 4}]))

    assert (first.json()["version"], second.json()["version"]) == (1, 2)
    assert (await committee.get(f"{PATH}/current")).json()["version"] == 1
    clock.advance(timedelta(days=9))
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    assert (await committee.get(f"{PATH}/current")).json()["items"][0]["points"] == 4
    assert (await committee.get(f"{PATH}/1")).json()["items"][0]["points"] == 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"items": [ITEM, ITEM]}, "points.item_code_repeated"),
        ({"effective_on": "2026-05-10"}, "points.rulebook_period_invalid"),
        ({"items": []}, "validation_failed"),
        ({"items": [ITEM | {"points": 0}]}, "validation_failed"),
        ({"items": [ITEM | {"points": -3}]}, "validation_failed"),
        ({"panel_quorum": 2}, "validation_failed"),
        ({"notice_days": 0}, "validation_failed"),
    ],
)
async def test_lists_that_contradict_themselves(
    client_for: ClientFor, people: People, change: dict[str, Any], code: str
) -> None:
    response = await client_for("points", people.staff(Role.COMMITTEE_MEMBER)).post(PATH, json=body(**change))

    assert (response.status_code, response.json()["code"]) == (422, code)


async def test_only_the_committee_adopts(client_for: ClientFor, people: People, strangers: People) -> None:
    assert (await client_for("points", people.staff(Role.STOREKEEPER)).post(PATH, json=body())).status_code == 403
    await client_for("points", people.staff(Role.COMMUNITY_ADMIN)).post(PATH, json=body())
    assert (await client_for("points", strangers.resident()).get(f"{PATH}/1")).status_code == 404
