"""The list over HTTP: adopted in versions, never changed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.events import AssetPassed
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People

PATH = "/api/v1/points/rulebooks"
MINUTES = UUID("0190a7c4-0000-7000-8000-00000000000a")
ITEM = {"code": "clean_home", "name": "家庭清洁", "points": 3}


def body(**change: Any) -> dict[str, Any]:
    return {
        "decision": "居民代表会议",
        "minutes_asset_id": str(MINUTES),
        "effective_on": "2026-05-11",
        "items": [ITEM],
    } | change


@pytest.fixture
def arrive(hear: Any, people: People) -> Callable[..., Awaitable[None]]:
    """Return a teller of files that passed media: by default the minutes, a document."""

    async def arrive(asset_id: UUID = MINUTES, media_type: str = "application/pdf", dhash: str | None = None) -> None:
        passed = AssetPassed(asset_id=asset_id, owner_account_id=new_id(), media_type=media_type, dhash=dhash)
        await hear("points", people.community_id, passed)

    return arrive


@pytest.fixture
async def minutes(arrive: Callable[..., Awaitable[None]]) -> None:
    """The minutes have arrived."""
    await arrive()


@pytest.mark.parametrize(
    "minutes", [{}, {"media_type": "image/jpeg", "dhash": "0123456789abcdef"}, {"media_type": "image/gif"}]
)
async def test_minutes_are_evidence_once_they_are_there(
    client_for: ClientFor, people: People, arrive: Callable[..., Awaitable[None]], minutes: dict[str, str]
) -> None:
    """A document, a photograph, or a picture nobody could compare; told twice, it changes nothing."""
    committee = client_for("points", people.staff(Role.COMMITTEE_MEMBER))
    made_up = await committee.post(PATH, json=body())
    assert (made_up.status_code, made_up.json()["code"]) == (409, "points.minutes_not_arrived")
    await arrive(new_id())
    assert (await committee.post(PATH, json=body())).json()["code"] == "points.minutes_not_arrived"
    await arrive(**minutes)
    await arrive(**minutes)

    adopted = await committee.post(PATH, json=body())

    assert (adopted.status_code, adopted.json()["minutes_asset_id"]) == (201, str(MINUTES))


async def test_minutes_of_another_community_are_none(
    client_for: ClientFor, people: People, strangers: People, hear: Any
) -> None:
    elsewhere = AssetPassed(asset_id=MINUTES, owner_account_id=new_id(), media_type="application/pdf")
    await hear("points", strangers.community_id, elsewhere)
    refused = await client_for("points", people.staff(Role.COMMITTEE_MEMBER)).post(PATH, json=body())
    assert (refused.status_code, refused.json()["code"]) == (409, "points.minutes_not_arrived")


@pytest.mark.usefixtures("minutes")
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


@pytest.mark.usefixtures("minutes")
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


@pytest.mark.usefixtures("minutes")
async def test_only_the_committee_adopts(client_for: ClientFor, people: People, strangers: People) -> None:
    assert (await client_for("points", people.staff(Role.STOREKEEPER)).post(PATH, json=body())).status_code == 403
    await client_for("points", people.staff(Role.COMMUNITY_ADMIN)).post(PATH, json=body())
    assert (await client_for("points", strangers.resident()).get(f"{PATH}/1")).status_code == 404
