"""A household that went up in another, or left, stands on no board and in no order, and nobody is compared with its base of 100."""

from typing import Any
from uuid import UUID

import pytest

from services.points.ledger.domain import Asset
from shared.contracts.events import HouseholdChanged
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.round_kit import RoundKit

ROOT = "/api/v1/points"


class Leaving:
    """Two ways a household goes."""

    def __init__(self, kit: RoundKit, people: People, hear: Any) -> None:
        self.kit, self.people, self.hear = kit, people, hear

    async def merge(self, household: UUID, into: UUID, _grid: UUID) -> None:
        admin = self.kit.client_for("points", self.people.staff(Role.COMMUNITY_ADMIN))
        body = {"into_household_id": str(into), "reason": "老人搬来同住"}
        merged = await admin.post(f"{ROOT}/households/{household}/mergers", json=body)
        assert merged.status_code == 201, merged.text

    async def move_out(self, household: UUID, _into: UUID, grid: UUID) -> None:
        changed = HouseholdChanged(
            household_id=household,
            household_number="QLQ-0001",
            grid_id=grid,
            grid_name="第一网格",
            building_id=new_id(),
            building_name="1栋",
            householder_name="王**",
            area_cm2e2=8_800,
            resident_count=3,
            status="moved_out",
        )
        await self.hear("points", self.people.community_id, changed)


@pytest.fixture(params=["merge", "move_out"])
def leave(request: pytest.FixtureRequest, kit: RoundKit, people: People, hear: Any) -> Any:
    return getattr(Leaving(kit, people, hear), request.param)


async def subjects(client: Any, path: str, **query: str) -> dict[str, tuple[int, int]]:
    """Return the rank and number of households of each subject of an order."""
    answer = await client.get(f"{ROOT}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return {item["subject_id"]: (item["rank"], item["households"]) for item in answer.json()["items"]}


async def test_it_has_no_place_any_more(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold, leave: Any
) -> None:
    grid = new_id()
    gone, stays, last = [await open_household(grid_id=grid) for _ in range(3)]
    await kit.credit(gone, 5, assets=(Asset.STANDING,))
    await kit.credit(last, 1, assets=(Asset.STANDING,))
    reader = client_for("points", people.resident(stays))
    assert set(await subjects(reader, "rankings")) == {str(gone), str(stays), str(last)}

    await leave(gone, last, grid)

    public = client_for("points")
    assert set(await subjects(reader, "rankings")) == {str(stays), str(last)}, "at once, not only when drawn up anew"
    hung = (await public.get(f"{ROOT}/public/{people.community_id}/rankings")).json()["items"]
    assert len(hung) == 2


async def test_a_round_drawn_up_afterwards_counts_who_is_here(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold, leave: Any
) -> None:
    grid = new_id()
    gone, stays, last = [await open_household(grid_id=grid) for _ in range(3)]
    await kit.credit(stays, 9)
    path = await kit.open()
    await leave(gone, stays, grid)
    await kit.credit(last, 4)
    await kit.publicise(path)
    period = path.rpartition("/")[2]
    reader = client_for("points", people.resident(stays))

    households = await subjects(reader, "rankings", period_id=period)
    assert households == {str(stays): (1, 1), str(last): (2, 1)}, "a family that grew has not lost a place to it"
    grids = await subjects(reader, "rankings", period_id=period, level="grid")
    assert grids[str(grid)] == (1, 2), "the average is over those who are here"
    statement = (await client_for("points", people.resident(gone)).get(f"{path}/statements/{gone}")).json()
    assert statement["rank"] == 0


async def test_it_hangs_on_no_board_and_is_not_proposed_again(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold, leave: Any
) -> None:
    grid = new_id()
    gone, stays = [await open_household(grid_id=grid) for _ in range(2)]
    entry = {"board": "honour", "household_id": str(gone), "title": "互助邻居", "reason": "照顾老人"}
    entries = f"{ROOT}/boards/entries"
    proposed = (await kit.organiser.post(entries, json=entry)).json()["id"]
    for _ in range(3):
        assessor = client_for("points", people.staff(Role.ASSESSOR))
        assert (await assessor.post(f"{entries}/{proposed}/votes", json={"is_approved": True})).status_code == 200
    neighbour = client_for("points", people.resident(stays))
    board = f"{ROOT}/public/{people.community_id}/boards"

    async def hanging() -> tuple[list[str], int]:
        shown = (await client_for("points").get(board)).json()
        return [one["id"] for one in (await neighbour.get(entries)).json()["items"]], len(shown["items"])

    assert await hanging() == ([proposed], 1)
    await leave(gone, stays, grid)

    assert await hanging() == ([], 0)
    assert (await neighbour.get(f"{entries}/{proposed}")).status_code == 404
    assert (await kit.supervisor.get(f"{entries}/{proposed}")).json()["state"] == "listed", "officials still find it"
    again = await kit.organiser.post(entries, json=entry)
    assert (again.status_code, again.json()["code"]) == (409, "points.board_household_gone")
