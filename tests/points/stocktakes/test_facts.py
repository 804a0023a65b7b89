"""What others are told of a count: what did not agree, in pieces, at each step."""

from typing import Any

from shared.contracts.events import StocktakeMoved
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.points.store_kit import StoreKit

COUNTS = "/api/v1/points/stocktakes"


async def test_a_count_tells_what_did_not_agree(
    store: StoreKit, client_for: ClientFor, people: People, facts_of: Any
) -> None:
    short, over, right = [await store.stock(price=1) for _ in range(3)]
    path = (await store.keeper.post(COUNTS, json={"title": "五月盘点"})).headers["location"]
    for product, counted in ((short, 7), (over, 11), (right, 10)):
        (batch,) = await store.batches(product)
        line = {"batch_id": batch["id"], "counted": counted, "explanation": "数过两遍"}
        assert (await store.keeper.post(f"{path}/counts", json=line)).status_code == 200
    assert (await store.keeper.post(f"{path}/submissions")).status_code == 200
    supervisor = client_for("points", people.staff(Role.SUPERVISOR))
    assert (await supervisor.post(f"{path}/approvals", json={"remark": "已复核"})).status_code == 200

    told = [fact for fact in await facts_of("points", people.community_id) if isinstance(fact, StocktakeMoved)]
    assert [(fact.state, fact.reason) for fact in told] == [("submitted", ""), ("approved", "已复核")]
    assert {(fact.title, fact.differences, fact.missing, fact.extra) for fact in told} == {("五月盘点", 2, 3, 1)}
