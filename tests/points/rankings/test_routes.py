"""Orders by standing: over all, in one round, in pages, and unnamed for who wants it."""

from datetime import timedelta
from typing import Any

import pytest

from services.points.ledger.domain import Asset
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.round_kit import RoundKit

PATH = "/api/v1/points/rankings"


async def test_households_by_standing_in_pages(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold, sweep: Any
) -> None:
    homes = [await open_household() for _ in range(5)]
    for points, home in enumerate(homes[1:], start=1):
        await kit.credit(home, points, assets=(Asset.STANDING,))
    await kit.credit(homes[0], 500, assets=(Asset.SPENDABLE,))
    resident = client_for("points", people.resident(homes[0]))

    first = (await resident.get(PATH, params={"limit": 3})).json()
    await kit.credit(homes[0], 50, assets=(Asset.STANDING,))
    kit.clock.advance(timedelta(minutes=59))
    await sweep("points", "refresh_rankings")
    kit.clock.advance(timedelta(minutes=1))
    resident = client_for("points", people.resident(homes[0]))
    await sweep("points", "refresh_rankings")
    rest = (await resident.get(PATH, params={"cursor": first["next_cursor"]})).json()
    anew = (await resident.get(PATH, params={"limit": 1})).json()

    assert [(row["rank"], row["standing"]) for row in first["items"]] == [(1, 104), (2, 103), (3, 102)]
    assert [(row["rank"], row["standing"]) for row in rest["items"]] == [(4, 101), (5, 100)], "pages stay of one piece"
    assert [(row["standing"], row["subject_id"]) for row in anew["items"]] == [(150, str(homes[0]))]


async def test_buildings_and_grids_by_household(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold
) -> None:
    home = await open_household()
    await open_household()
    await kit.credit(home, 7)
    resident = client_for("points", people.resident(home))

    grids = (await resident.get(PATH, params={"level": "grid"})).json()["items"]
    buildings = (await resident.get(PATH, params={"level": "building"})).json()["items"]

    assert [row["score_e2"] for row in grids] == [10_700, 10_000]
    assert [(row["rank"], row["households"]) for row in buildings] == [(1, 1), (2, 1)]


async def test_one_round(kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold) -> None:
    homes = [await open_household() for _ in range(3)]
    await kit.credit(homes[2], 9)
    path = await kit.open()
    period_id = path.rpartition("/")[2]
    assert (await kit.supervisor.get(PATH, params={"period_id": period_id})).json()["code"] == (
        "points.period_not_published"
    )
    await kit.publicise(path)
    resident = client_for("points", people.resident(homes[0]))

    first = (await resident.get(PATH, params={"period_id": period_id, "limit": 1})).json()
    rest = (await resident.get(PATH, params={"period_id": period_id, "cursor": first["next_cursor"]})).json()

    assert [(row["rank"], row["standing"], row["subject_id"]) for row in first["items"]] == [(1, 9, str(homes[2]))]
    assert [(row["rank"], row["standing"]) for row in rest["items"]] == [(2, 0), (2, 0)]


@pytest.mark.parametrize("in_period", [False, True])
async def test_who_wants_to_stay_unnamed_keeps_the_place_without_a_name(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold, in_period: bool
) -> None:
    home, other = await open_household(), await open_household()
    await kit.credit(home, 9)
    path = await kit.open()
    await kit.publicise(path)
    own = client_for("points", people.resident(home))
    assert (await own.get(f"{PATH}/preference")).json() == {"is_anonymous": False}
    await own.put(f"{PATH}/preference", json={"is_anonymous": True})
    params = {"period_id": path.rpartition("/")[2]} if in_period else {}

    seen = (await client_for("points", people.resident(other)).get(PATH, params=params)).json()["items"][0]
    mine = (await own.get(PATH, params=params)).json()["items"][0]

    assert (seen["rank"], seen["householder_name"], seen["label"], seen["subject_id"]) == (1, "匿名", "", None)
    assert (seen["building_name"], seen["grid_name"]) == ("", "")
    assert (mine["householder_name"], mine["subject_id"]) == ("王**", str(home))
    await own.put(f"{PATH}/preference", json={"is_anonymous": False})
    named = (await client_for("points", people.resident(other)).get(PATH, params=params)).json()["items"][0]
    assert named["householder_name"] == "王**"


@pytest.mark.parametrize(
    "cursor", ["x", "WyIxIl0", "WyIxIiwiMSJd", "WyJhIiwiYiIsImMiXQ", "WyI5OTk5OTk5OTk5OTkiLCIxIiwieCJd"]
)
async def test_bad_cursors_are_told(kit: RoundKit, open_household: OpenHousehold, cursor: str) -> None:
    await open_household()
    await kit.supervisor.get(PATH)
    refused = await kit.supervisor.get(PATH, params={"cursor": cursor})
    assert (refused.status_code, refused.json()["code"]) == (422, "cursor_invalid")


async def test_only_a_household_has_a_choice(
    people: People, client_for: ClientFor, open_household: OpenHousehold
) -> None:
    await open_household()
    staff = client_for("points", people.staff(Role.SUPERVISOR))
    assert (await staff.get(f"{PATH}/preference")).json()["code"] == "no_household"
    unknown = client_for("points", people.resident())
    refused = await unknown.put(f"{PATH}/preference", json={"is_anonymous": True})
    assert (refused.status_code, refused.json()["code"]) == (404, "points.account_not_found")
    bad = await unknown.put(f"{PATH}/preference", json={"is_anonymous": "perhaps"})
    assert (bad.status_code, bad.json()["code"]) == (422, "validation_failed")
