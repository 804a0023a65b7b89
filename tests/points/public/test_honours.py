"""What a visitor reads of adoptions and awards: masked, within what households want, and nothing before its time."""

from typing import Any

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.adoption_kit import AdoptionKit
from tests.points.conftest import OpenHousehold

ROOT = "/api/v1/points"


async def test_the_map_names_who_is_in_charge_and_nobody_before(
    client_for: ClientFor, people: People, strangers: People, open_household: OpenHousehold
) -> None:
    kit, visitor = AdoptionKit(client_for, people), client_for("points")
    base = f"{ROOT}/public/{people.community_id}/adoptions"
    home, shy = await open_household(), await open_household()
    tree = await kit.offer(latitude_e6=32_834_567, longitude_e6=110_812_345)
    await kit.active(kit.household(home), tree)
    await kit.active(kit.household(shy), await kit.offer(kind="bench", name="长椅"))
    await kit.apply(kit.household(home), await kit.offer(kind="plot", name="花坛"))
    await kit.household(shy).put(f"{ROOT}/rankings/preference", json={"is_anonymous": True})

    first = await visitor.get(base)

    plot, bench, shown = first.json()["items"]
    assert (shown["adopter_name"], shown["plaque"], shown["latitude_e6"]) == ("王**家", "王家认领", 32_834_567)
    assert (bench["adopter_name"], bench["plaque"]) == ("匿名", None)
    assert (plot["is_free"], plot["adopter_name"]) == (False, None)
    assert str(home) not in first.text
    again = await visitor.get(base, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert [one["name"] for one in (await visitor.get(base, params={"kind": "bench"})).json()["items"]] == ["长椅"]
    assert (await visitor.get(base, params={"is_free": True})).json()["items"] == []
    assert (await visitor.get(base, params={"cursor": "x"})).json()["code"] == "cursor_invalid"
    nowhere = await visitor.get(f"{ROOT}/public/{strangers.community_id}/adoptions")
    assert nowhere.json()["code"] == "points.public_page_not_found"


async def test_awards_are_public_once_they_hang_out(
    client_for: ClientFor, people: People, open_household: OpenHousehold
) -> None:
    visitor, base = client_for("points"), f"{ROOT}/public/{people.community_id}/awards"
    body: dict[str, Any] = {"category": "身边好人", "deed": "送饭", "person_name": "王小明"}
    for is_shy in (False, True):
        household = await open_household()
        if is_shy:
            resident = client_for("points", people.resident(household))
            await resident.put(f"{ROOT}/rankings/preference", json={"is_anonymous": True})
        nominated = await client_for("points", people.resident()).post(
            f"{ROOT}/awards", json=body | {"household_id": str(household)}
        )
        path = f"{ROOT}/awards/{nominated.json()['id']}"
        before = (await visitor.get(base)).json()["items"]
        assert len(before) == int(is_shy)
        decision = {"is_approved": True, "decision": "评议会", "votes_for": 3, "votes_against": 0}
        await client_for("points", people.staff(Role.ASSESSOR)).post(f"{path}/decisions", json=decision)
        await client_for("points", people.staff(Role.COMMUNITY_ADMIN)).post(f"{path}/publications")

    shown = (await visitor.get(base)).json()["items"]

    assert [(one["person_name"], one["deed"]) for one in shown] == [("匿名", ""), ("王**", "送饭")]
