"""Who meets at the locks of allied shops, their vouchers and settlements, and of awards."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.points.awards import usecases as awards
from services.points.awards.domain import AwardPolicy, WaiverState
from services.points.merchants import usecases as merchants
from services.points.merchants.domain import Action, OfferAction
from services.points.settlements import usecases as settlements
from services.points.vouchers import usecases as vouchers
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork
from tests.points.locks.meetings import Meeting, Town, does
from tests.points.locks.races import Act
from tests.points.shop_kit import DISCOUNT, OFFER, ROOT, Shop, take


async def _voucher(town: Town, shop: Shop, **facts: Any) -> tuple[Principal, dict[str, Any]]:
    """Return a household's voucher of a new offer, and whose it is."""
    who = town.people.resident(await town.open_household())
    taken = await take(town.client_for("points", who), await shop.offer(**facts))
    return who, taken.json()


def _use(shop: Shop, voucher: dict[str, Any], bill_fen: int | None = None) -> Act:
    return does(vouchers.use_by_code, principal=shop.owner, code=voucher["code"], voucher_id=None, bill_fen=bill_fen)


async def _one_more_than_the_limit(town: Town) -> str:
    offer = await (await town.shops.open()).offer(household_limit=1)
    home = await town.open_household()
    return await town.meet(
        *(
            does(vouchers.issue_voucher, principal=town.people.resident(home), offer_id=offer, codes=[code])
            for code in ("111111", "222222")
        )
    )


async def _given_up_twice(town: Town) -> str:
    """A voucher without points has no hold that could be resolved twice; the offer counts it back twice."""
    shop = await town.shops.open()
    offer = await shop.offer(**DISCOUNT)
    homes = [town.people.resident(await town.open_household()) for _ in range(2)]
    taken = [(await take(town.client_for("points", home), offer)).json() for home in homes]
    told = await town.meet(
        *(does(vouchers.give_up_voucher, principal=homes[0], voucher_id=UUID(taken[0]["id"])) for _ in range(2))
    )
    return f"{told}, {await town.of('offer', 'issued', offer)} issued"


async def _used_at_two_tills(town: Town) -> str:
    shop = await town.shops.open()
    _, voucher = await _voucher(town, shop)
    return await town.meet(_use(shop, voucher), _use(shop, voucher))


async def _shown_at_two_tills(town: Town) -> str:
    """A discount has no points that could be paid twice; it is given on two bills."""
    shop = await town.shops.open()
    _, voucher = await _voucher(town, shop, **DISCOUNT)
    told = await town.meet(_use(shop, voucher, 1000), _use(shop, voucher, 9000))
    return f"{told}, {await town.of('voucher', 'bill_fen', voucher['id'])} fen"


async def _given_up_as_it_expires(town: Town) -> str:
    holder, voucher = await _voucher(town, await town.shops.open())
    town.clock.advance(timedelta(days=30))
    one = UUID(voucher["id"])
    return await town.meet(
        does(vouchers.give_up_voucher, principal=holder, voucher_id=one), does(vouchers.expire_voucher, voucher_id=one)
    )


async def _suspended_with_a_customer(town: Town) -> str:
    shop = await town.shops.open()
    _, voucher = await _voucher(town, shop)
    admin = town.people.staff(Role.COMMUNITY_ADMIN)
    return await town.meet(
        does(merchants.move_merchant, principal=admin, merchant_id=shop.id, action=Action.SUSPEND, reason="检查"),
        _use(shop, voucher),
    )


async def _approved_and_refused(town: Town) -> str:
    applied = await town.shops.apply(town.people.resident())
    shop = UUID(applied.json()["id"])

    def move(action: Action) -> Act:
        admin = town.people.staff(Role.COMMUNITY_ADMIN)
        return does(merchants.move_merchant, principal=admin, merchant_id=shop, action=action, reason="")

    told = await town.meet(move(Action.APPROVE), move(Action.REFUSE))
    return f"{told}, {await town.of('merchant', 'state', shop)}"


async def _opened_and_refused(town: Town) -> str:
    shop = await town.shops.open()
    offer = UUID((await shop.client.post(f"{ROOT}/offers", json=OFFER)).json()["id"])

    def move(action: OfferAction) -> Act:
        admin = town.people.staff(Role.COMMUNITY_ADMIN)
        return does(merchants.move_offer, principal=admin, offer_id=offer, action=action, reason="")

    told = await town.meet(move(OfferAction.OPEN), move(OfferAction.REFUSE))
    return f"{told}, {await town.of('offer', 'state', offer)}"


async def _settlement(town: Town, shop: Shop, *steps: str) -> UUID:
    """Return the settlement of a month with one voucher in it, as far as it has come."""
    _, voucher = await _voucher(town, shop)
    assert (await shop.verify(voucher)).status_code == 200
    town.clock.advance(timedelta(days=31))
    drafted = await town.shops.admin.post(
        f"{ROOT}/settlements", json={"merchant_id": str(shop.id), "month": "2026-05-01"}
    )
    assert drafted.status_code == 201, drafted.text
    for step in steps:
        who = shop.client if step == "confirmations" else town.shops.staff(Role.COMMITTEE_MEMBER)
        assert (await who.post(f"{ROOT}/settlements/{drafted.json()['id']}/{step}")).status_code == 200
    return UUID(drafted.json()["id"])


async def _disputed_and_confirmed(town: Town) -> str:
    shop = await town.shops.open()
    month = await _settlement(town, shop)
    member = town.people.staff(Role.COMMITTEE_MEMBER)
    told = await town.meet(
        does(settlements.dispute_settlement, principal=member, settlement_id=month, reason="有一张不对"),
        does(settlements.confirm_settlement, principal=shop.owner, settlement_id=month),
    )
    return f"{told}, {await town.of('settlement', 'state', month)}"


async def _stop_at_vouchers(uow: UnitOfWork) -> None:
    """Let whoever comes to the vouchers wait, until those who are at them have ended."""
    await uow.session.execute(text("LOCK TABLE points.voucher"))


async def _paid_with_a_customer(town: Town) -> str:
    """A voucher is used between the two looks at the books that a payment compares; whoever comes to the vouchers is stopped there."""
    shop = await town.shops.open()
    month = await _settlement(town, shop, "confirmations", "countersignatures")
    _, voucher = await _voucher(town, shop)
    pay = does(
        settlements.pay_settlement,
        principal=town.people.staff(Role.COMMUNITY_ADMIN),
        settlement_id=month,
        reference="转账 001",
    )
    async with asyncio.TaskGroup() as group, town.books.work_in("points", town.people.community_id) as uow:
        await _use(shop, voucher)(uow)
        await uow.flush()
        stop = group.create_task(town.told(_stop_at_vouchers))
        await town.until_waiting(stop)
        paying = group.create_task(town.told(pay))
        await town.until_waiting(stop, paying)
    return paying.result()


async def _award(town: Town) -> UUID:
    """Return a nominated award."""
    person = {"resident_id": None, "person_name": "王小明", "category": "身边好人", "deed": "送饭", "talent": "助老"}
    home = await town.open_household()
    award = await town.books.work(
        lambda uow: awards.nominate(uow=uow, principal=town.people.resident(), household_id=home, **person)
    )
    return award.id


def _decide(town: Town, award: UUID, *, is_approved: bool = True) -> Act:
    votes = (3, 0) if is_approved else (0, 3)
    return does(
        awards.decide_award, principal=town.people.staff(Role.ASSESSOR), award_id=award, is_approved=is_approved,
        decision="评议会", votes_for=votes[0], votes_against=votes[1],
    )  # fmt: skip


async def _published(town: Town) -> UUID:
    award = await _award(town)
    await town.books.work(_decide(town, award))
    admin = town.people.staff(Role.COMMUNITY_ADMIN)
    await town.books.work(does(awards.publish_award, principal=admin, award_id=award))
    return award


async def _granted(town: Town) -> UUID:
    award = await _published(town)
    town.clock.advance(timedelta(days=5))
    await town.books.work(does(awards.grant_award, award_id=award))
    return award


async def _refused_and_approved(town: Town) -> str:
    award = await _award(town)
    told = await town.meet(_decide(town, award, is_approved=False), _decide(town, award))
    return f"{told}, {await town.of('award', 'state', award)}"


async def _revoked_twice(town: Town) -> str:
    award = await _granted(town)

    def revoke() -> Act:
        member = town.people.staff(Role.COMMITTEE_MEMBER)
        return does(awards.revoke_award, principal=member, award_id=award, reason="不实")

    return await town.meet(revoke(), revoke())


async def _objected_as_it_is_granted(town: Town) -> str:
    award = await _published(town)
    town.clock.advance(timedelta(days=5))
    told = await town.meet(
        does(awards.object_to_award, principal=town.people.resident(), award_id=award, reason="不实"),
        does(awards.grant_award, award_id=award),
    )
    return f"{told}, {await town.of('award', 'state', award)}"


async def _withdrawn_and_granted_by_property(town: Town) -> str:
    award = await _granted(town)
    told = await town.meet(
        does(awards.note_waiver, award_id=award, heard=WaiverState.WITHDRAWN),
        does(awards.note_waiver, award_id=award, heard=WaiverState.GRANTED, months=[date(2026, 6, 1)]),
    )
    return f"{told}, {await town.of('award', 'waiver_state', award)}"


async def _two_policies(town: Town) -> str:
    member = town.people.staff(Role.COMMITTEE_MEMBER)
    facts = {"policy": AwardPolicy(), "decision": "居民代表会议", "effective_on": date(2026, 6, 1)}
    return await town.meet(*(does(awards.adopt_policy, principal=member, **facts) for _ in range(2)))


SHOPS = {
    "one voucher more than the limit": Meeting(
        "vouchers.lock_limit", _one_more_than_the_limit, "VoucherLimitError", "ok"
    ),
    "a voucher given up twice": Meeting("vouchers.get", _given_up_twice, "WrongStateError, 1 issued", "ok, 0 issued"),
    "a voucher used at two tills": Meeting(
        "vouchers.get_by_code_for_update", _used_at_two_tills, "VoucherCodeUnknownError", "AlreadyPostedError"
    ),
    "a discount shown at two tills": Meeting(
        "vouchers.get_by_code_for_update",
        _shown_at_two_tills,
        "VoucherCodeUnknownError, 1000 fen",
        "ok, 9000 fen",
    ),
    "a voucher given up as it expires": Meeting(
        "vouchers.find_due_for_update", _given_up_as_it_expires, "ok", "HoldAlreadyResolvedError"
    ),
    "a shop suspended with a customer": Meeting("merchants.find", _suspended_with_a_customer, "NotAShopError", "ok"),
    "a shop paid with a customer": Meeting("merchants.find", _paid_with_a_customer, "ok", "SettlementMismatchError"),
    "a shop approved and refused": Meeting(
        "merchants.get", _approved_and_refused, "WrongStateError, active", "ok, refused"
    ),
    "an offer opened and refused": Meeting(
        "merchants.get_offer", _opened_and_refused, "WrongStateError, open", "ok, refused"
    ),
    "a settlement disputed and confirmed": Meeting(
        "settlements.get", _disputed_and_confirmed, "WrongStateError, disputed", "ok, merchant_confirmed"
    ),
    "an award refused and approved": Meeting(
        "awards.get", _refused_and_approved, "WrongStateError, refused", "ok, decided"
    ),
    "an award revoked twice": Meeting("awards.get", _revoked_twice, "WrongStateError", "AlreadyReversedError"),
    "an award objected to as it is granted": Meeting(
        "awards.find_due_for_update", _objected_as_it_is_granted, "ok, objected", "ok, granted"
    ),
    "a waiver withdrawn and granted": Meeting(
        "awards.find_for_update", _withdrawn_and_granted_by_property, "ok, withdrawn", "ok, granted"
    ),
    "two policies of awards": Meeting("awards.next_policy_version", _two_policies, "ok", "23505"),
}
"""By what meets."""
