"""One voucher, many hands: it is used once, and the shop is owed for it once."""

import asyncio
import collections
from datetime import timedelta
from typing import Any

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.shop_kit import ROOT, Shop, ShopKit, take
from tests.points.store_kit import spendable


def codes_of(responses: list[Any]) -> collections.Counter[str]:
    return collections.Counter("ok" if r.is_success else r.json()["code"] for r in responses)


async def owed(work_in: WorkIn, shop: Shop) -> int:
    """Return what stands in the shop's account."""
    async with work_in("points", shop.owner.community_id) as uow:
        account = await ledger.account_of(uow=uow, kind=AccountKind.MERCHANT, owner_id=shop.id, asset=Asset.SPENDABLE)
        return (await ledger.balance_of(uow=uow, account_id=account))[0]


async def test_shown_at_many_tills_at_once(
    client_for: ClientFor, people: People, open_household: OpenHousehold, work_in: WorkIn
) -> None:
    shops = ShopKit(client_for, people)
    shop = await shops.open()
    offer = await shop.offer()
    for used in range(1, 4):
        household = client_for("points", people.resident(await open_household()))
        voucher = (await take(household, offer)).json()

        outcomes = codes_of(await asyncio.gather(*(shop.verify(voucher) for _ in range(5))))

        assert outcomes == {"ok": 1, "points.voucher_code_unknown": 4}
        assert (await spendable(household), await owed(work_in, shop)) == ((80, 0), 20 * used)


async def test_used_taken_back_and_settled_at_once(
    client_for: ClientFor, people: People, open_household: OpenHousehold, work_in: WorkIn, clock: Any
) -> None:
    """What a settlement counts is not taken back any more, what was taken back is not counted, and what is used meanwhile is owed."""
    shops = ShopKit(client_for, people)
    shop = await shops.open()
    offer = await shop.offer()
    person = people.resident(await open_household())
    taken = [(await take(client_for("points", person), offer)).json() for _ in range(4)]
    for voucher in taken[:3]:
        assert (await shop.verify(voucher)).status_code == 200
    clock.advance(timedelta(days=25))
    path = f"{ROOT}/vouchers/{taken[0]['id']}/returns"
    settlement = {"merchant_id": str(shop.id), "month": "2026-05-01"}

    drafted, returned, used = await asyncio.gather(
        shops.staff(Role.COMMUNITY_ADMIN).post(f"{ROOT}/settlements", json=settlement),
        shop.client.post(path, json={"reason": "退货"}),
        shop.verify(taken[3]),
    )

    assert (drafted.status_code, used.status_code) == (201, 200), drafted.text + used.text
    assert returned.is_success or returned.json()["code"] == "points.voucher_settled"
    assert drafted.json()["vouchers"] == (2 if returned.is_success else 3)
    assert await owed(work_in, shop) == (60 if returned.is_success else 80)
