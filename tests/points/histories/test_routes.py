"""A household's points over HTTP: who may look, and what they see."""

from datetime import timedelta
from typing import Any

import pytest

from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold


async def test_new_household_has_its_opening_points(
    client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    household = await open_household()
    client = client_for("points", people.resident(household))

    account = (await client.get("/api/v1/points/account")).json()
    statement = (await client.get(f"/api/v1/points/households/{household}/statement")).json()

    assert {b["asset"]: (b["available"], b["held"]) for b in account["balances"]} == {
        "standing": (100, 0),
        "spendable": (100, 0),
    }
    assert [(row["kind"], row["amount"], row["available_after"]) for row in statement["items"]] == [
        ("opening", 100, 100)
    ]


async def test_hearing_of_a_household_twice_opens_it_once(
    client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    household = await open_household()
    client = client_for("points", people.resident(household))

    response = await client.get(f"/api/v1/points/households/{household}/verification")

    assert response.json() == {"is_sound": True, "broken_version": None}


async def test_visitor_is_told_to_sign_in(client_for: ClientFor) -> None:
    response = await client_for("points").get("/api/v1/points/account")

    assert response.status_code == 401
    assert response.json()["code"] == "unauthenticated"
    assert response.headers["www-authenticate"] == "Bearer"


async def test_expired_token_is_refused(client_for: ClientFor, people: People, clock: Any) -> None:
    client = client_for("points", people.resident())
    clock.advance(timedelta(hours=2))

    response = await client.get("/api/v1/points/account")

    assert (response.status_code, response.json()["code"]) == (401, "token_expired")


async def test_neighbour_does_not_see_a_household(
    client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    household = await open_household()

    response = await client_for("points", people.resident()).get(f"/api/v1/points/households/{household}/account")

    assert (response.status_code, response.json()["code"]) == (404, "points.account_not_found")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.STOREKEEPER, Role.GRID_WORKER, Role.COMMUNITY_ADMIN])
async def test_staff_of_the_scheme_see_every_household_of_their_community_only(
    client_for: ClientFor, people: People, strangers: People, open_household: OpenHousehold, role: Role
) -> None:
    household = await open_household()
    path = f"/api/v1/points/households/{household}/account"

    assert (await client_for("points", people.staff(role)).get(path)).status_code == 200
    assert (await client_for("points", strangers.staff(role)).get(path)).status_code == 404


async def test_unknown_household_is_not_found(client_for: ClientFor, people: People) -> None:
    client = client_for("points", people.staff(Role.SUPERVISOR))

    response = await client.get(f"/api/v1/points/households/{new_id()}/statement")

    assert (response.status_code, response.json()["code"]) == (404, "points.account_not_found")
