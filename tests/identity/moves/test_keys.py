from shared.kernel.principal import Role
from tests.identity.rosters.kit import Desk

HOUSEHOLDS = "/api/v1/identity/households"


async def test_a_household_sent_twice_is_registered_once_and_a_refusal_leaves_the_key_free(client_for, people, sweep):
    desk = Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
    await desk.bring_in()
    headers = {"Idempotency-Key": "move-in"}
    bad = {"number": "H4", "unit_codes": ["X"], "members": [{"name": "钱八", "relation": "householder"}]}
    refused = await desk.client.post(HOUSEHOLDS, json=bad, headers=headers)
    assert refused.json()["code"] == "identity.unit_unknown"
    good = bad | {"unit_codes": ["L2-1-202"]}
    first = await desk.client.post(HOUSEHOLDS, json=good, headers=headers)
    again = await desk.client.post(HOUSEHOLDS, json=good, headers=headers)
    assert first.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "identity.secret_shown_once")
    assert first.json()["card_code"] not in again.text
    assert len(await desk.items(f"{HOUSEHOLDS}?number=H4")) == 1
    other = await desk.client.post(HOUSEHOLDS, json=good | {"number": "H5"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
