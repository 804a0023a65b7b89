"""Who meets at the locks of the store, of what leaves it, of things in a neighbour's care, and of the boards."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.points.adoptions import usecases as adoptions
from services.points.adoptions.domain import Action as Step
from services.points.adoptions.domain import AdopterKind
from services.points.audits import usecases as audits
from services.points.boards import usecases as boards
from services.points.boards.domain import Action, Concerns
from services.points.boards.domain import Policy as BoardPolicy
from services.points.claims import usecases as claims
from services.points.deliveries import usecases as deliveries
from services.points.duties import usecases as duties
from services.points.redemptions import repository as redemption_rows
from services.points.redemptions import usecases as redemptions
from services.points.stock import usecases as stock
from services.points.stock.domain import LossKind
from services.points.stocktakes import usecases as stocktakes
from services.points.store import usecases as store
from services.points.store.domain import ProductFacts
from services.points.suppliers import usecases as suppliers
from shared.kernel.principal import Role
from shared.kernel.values import Fen
from shared.uow import UnitOfWork
from tests.points.adoption_kit import TERMS, AdoptionKit
from tests.points.boards.test_routes import Kit as BoardKit
from tests.points.locks.meetings import Meeting, Town, does
from tests.points.locks.races import Act


async def _fetching(town: Town, bought: UUID) -> Act:
    return does(
        redemptions.pick_up_by_code,
        principal=town.keeper,
        code=await town.of("redemption", "pickup_code", bought),
        redemption_id=None,
        proxy_name=None,
        cash_received=Fen(0),
    )


def _giving_up(town: Town, bought: UUID) -> Act:
    return does(redemptions.cancel_redemption, principal=town.keeper, redemption_id=bought, reason="不要了")


async def _given_up_and_fetched(town: Town) -> str:
    bought = await town.bought(await town.open_household(), await town.store.stock())
    return await town.meet(_giving_up(town, bought), await _fetching(town, bought))


async def _given_up_twice(town: Town) -> str:
    bought = await town.bought(await town.open_household(), await town.store.stock())
    return await town.meet(_giving_up(town, bought), _giving_up(town, bought))


async def _given_up_and_expired(town: Town) -> str:
    bought = await town.bought(await town.open_household(), await town.store.stock(hold_hours=1))
    town.clock.advance(timedelta(hours=1))
    return await town.meet(_giving_up(town, bought), does(redemptions.expire_redemption, redemption_id=bought))


async def _given_up_and_brought_home(town: Town) -> str:
    home = await town.open_household()
    bought = await town.bought(home, await town.store.stock())
    ask = does(deliveries.request_delivery, principal=town.people.resident(home), redemption_id=bought, note="")
    return await town.meet(_giving_up(town, bought), ask)


async def _bought_and_fetched(town: Town) -> str:
    product = await town.store.stock(price=10)
    bought = await town.bought(await town.open_household(), product)
    return await town.meet(town.redeem(await town.open_household(), product), await _fetching(town, bought))


async def _bought_and_written_off(town: Town) -> str:
    product = await town.store.stock(price=10, quantity=1)
    (batch,) = await town.store.batches(product)
    loss = {"quantity": 1, "kind": LossKind.DAMAGED, "note": ""}
    return await town.meet(
        town.redeem(await town.open_household(), product),
        does(stock.write_off, principal=town.keeper, product_id=product, batch_id=UUID(batch["id"]), **loss),
    )


async def _two_volunteers(town: Town) -> str:
    home = await town.open_household()
    bought = await town.bought(home, await town.store.stock())
    asked = await town.books.work(
        lambda uow: deliveries.request_delivery(
            uow=uow, principal=town.people.resident(home), redemption_id=bought, note=""
        )
    )
    volunteers = [town.people.resident(await town.open_household()) for _ in range(2)]
    return await town.meet(*(does(deliveries.take_delivery, principal=who, delivery_id=asked.id) for who in volunteers))


async def _approved_twice(town: Town) -> str:
    product = await town.store.stock(price=1)
    (batch,) = await town.store.batches(product)
    keeper = town.keeper
    sheet = await town.books.work(lambda uow: stocktakes.start_stocktake(uow=uow, principal=keeper, title="盘点"))
    count = {"principal": keeper, "stocktake_id": sheet.stocktake.id}
    await town.books.work(
        does(stocktakes.count_batch, batch_id=UUID(batch["id"]), counted=7, explanation="少三件", **count)
    )
    await town.books.work(does(stocktakes.submit_stocktake, **count))
    supervisor = town.people.staff(Role.SUPERVISOR)
    told = await town.meet(
        *(
            does(stocktakes.approve_stocktake, principal=supervisor, stocktake_id=sheet.stocktake.id, remark="")
            for _ in range(2)
        )
    )
    left = "SELECT sum(available) FROM points.stock_bucket WHERE product_id = $1"
    return f"{told}, {await town.owner.fetchval(left, product)} left"


async def _two_hands_at_a_product(town: Town) -> str:
    product, keeper = await town.store.stock(), town.keeper

    async def read(uow: UnitOfWork) -> ProductFacts:
        known = (await store.get_shelf(uow=uow, principal=keeper, product_id=product)).product
        return ProductFacts(**{name: getattr(known, name) for name in ProductFacts.__slots__})

    change = {"principal": keeper, "product_id": product, "facts": await town.books.work(read), "seen": '"1"'}
    return await town.meet(*(does(store.change_product, **change) for _ in range(2)))


async def _two_hands_at_a_supplier(town: Town) -> str:
    facts = suppliers.SupplierFacts(name="县供销社", contact="", note="", is_active=True)
    supplier = await town.books.work(lambda uow: suppliers.create_supplier(uow=uow, principal=town.keeper, facts=facts))
    change = {"principal": town.keeper, "supplier_id": supplier.id, "facts": facts, "seen": '"1"'}
    return await town.meet(*(does(suppliers.change_supplier, **change) for _ in range(2)))


async def _retired_and_asked_for(town: Town) -> str:
    tree = UUID(await AdoptionKit(town.client_for, town.people).offer())
    who = town.people.resident(await town.open_household())
    return await town.meet(
        does(adoptions.retire_asset, principal=town.people.staff(Role.COMMITTEE_MEMBER), asset_id=tree, reason="砍了"),
        does(
            adoptions.apply_for_asset, principal=who, asset_id=tree, kind=AdopterKind.HOUSEHOLD, adopter_name="",
            motive="",
        ),
    )  # fmt: skip


def _terms() -> dict[str, Any]:
    return TERMS | {name: date.fromisoformat(TERMS[name]) for name in ("starts_on", "ends_on")}


async def _applied(town: Town) -> tuple[Any, UUID]:
    """Return who asked to take charge of a tree, and the adoption."""
    kit, who = AdoptionKit(town.client_for, town.people), town.people.resident(await town.open_household())
    applied = await kit.apply(town.client_for("points", who), await kit.offer())
    return who, UUID(applied.json()["id"])


async def _withdrawn_and_agreed_to(town: Town) -> str:
    who, adoption = await _applied(town)
    told = await town.meet(
        does(adoptions.move_adoption, principal=who, adoption_id=adoption, action=Step.WITHDRAW, reason=""),
        does(
            adoptions.agree_to_adoption, principal=town.people.staff(Role.COMMITTEE_MEMBER), adoption_id=adoption,
            **_terms(),
        ),
    )  # fmt: skip
    return f"{told}, {await town.of('adoption', 'state', adoption)}"


async def _signed_as_it_lapses(town: Town) -> str:
    who, adoption = await _applied(town)
    member = town.people.staff(Role.COMMITTEE_MEMBER)
    await town.books.work(does(adoptions.agree_to_adoption, principal=member, adoption_id=adoption, **_terms()))
    town.clock.advance(timedelta(days=15))
    told = await town.meet(
        does(adoptions.sign_adoption, principal=who, adoption_id=adoption),
        does(adoptions.end_adoption, adoption_id=adoption),
    )
    return f"{told}, {await town.of('adoption', 'state', adoption)}"


async def _care_found_bad_and_good(town: Town) -> str:
    kit, who = AdoptionKit(town.client_for, town.people), town.people.resident(await town.open_household())
    adoption = UUID(await kit.active(town.client_for("points", who), await kit.offer()))
    duty = await town.books.work(
        lambda uow: duties.log_duty(
            uow=uow, principal=who, adoption_id=adoption, done_on=date(2026, 5, 11), note="", photo_ids=[]
        )
    )
    inspector = town.people.staff(Role.COMMITTEE_MEMBER)
    told = await town.meet(
        *(
            does(duties.inspect_duty, principal=inspector, duty_id=duty.id, is_passed=good, finding="看过")
            for good in (False, True)
        )
    )
    return f"{told}, {await town.of('adoption_duty', 'result', duty.id)}"


async def _proposed(town: Town) -> UUID:
    """Return a warning the panel is about to vote on."""
    proposed = await BoardKit(town.client_for, town.people).propose(await town.open_household())
    return UUID(proposed.json()["id"])


def _voting(town: Town, entry: UUID, *, is_approved: bool = True) -> Act:
    who = town.people.staff(Role.ASSESSOR)
    return does(boards.vote_on_entry, principal=who, entry_id=entry, is_approved=is_approved, reason="看过")


async def _two_last_votes(town: Town) -> str:
    entry = await _proposed(town)
    for _ in range(2):
        await town.books.work(_voting(town, entry))
    return await town.meet(_voting(town, entry), _voting(town, entry, is_approved=False))


async def _put_right_as_it_hangs(town: Town) -> str:
    kit = BoardKit(town.client_for, town.people)
    entry = UUID((await kit.warned(await town.open_household())).rsplit("/", 1)[1])
    town.clock.advance(timedelta(days=15))
    supervisor = town.people.staff(Role.SUPERVISOR)
    told = await town.meet(
        does(boards.act_on_entry, principal=supervisor, entry_id=entry, action=Action.CURE, reason="清了"),
        does(boards.move_due_entry, entry_id=entry),
    )
    return f"{told}, {await town.of('board_entry', 'state', entry)}"


async def _rejected_and_exempted(town: Town) -> str:
    entry = await _proposed(town)
    for _ in range(2):
        await town.books.work(_voting(town, entry, is_approved=False))
    facts = {"kind": Concerns.ILL, "until": date(2026, 12, 31), "note": ""}
    told = await town.meet(
        _voting(town, entry, is_approved=False),
        does(
            boards.exempt_household, principal=town.people.staff(Role.SUPERVISOR),
            household_id=await town.of("board_entry", "household_id", entry), **facts,
        ),
    )  # fmt: skip
    return f"{told}: {await town.of('board_entry', 'answer', entry)}"


async def _two_policies_of_boards(town: Town) -> str:
    member = town.people.staff(Role.COMMITTEE_MEMBER)
    return await town.meet(
        *(does(boards.adopt_policy, principal=member, policy=BoardPolicy(decision="居民代表会议")) for _ in range(2))
    )


async def _two_post_claims(town: Town) -> str:
    kit = town.claims
    await kit.adopt({"code": "stairwell_cleaning", "name": "清扫楼道", "points": 5})
    entered = await kit.enter(kit.home(await town.open_household()))
    await kit.publicise(entered.json()["id"])
    town.clock.advance(timedelta(days=3))
    return await town.meet(lambda uow: claims.post_due(uow=uow), lambda uow: claims.post_due(uow=uow))


async def _one_code_for_two(town: Town) -> str:
    bought = [await town.bought(await town.open_household(), await town.store.stock()) for _ in range(2)]

    def replace(redemption: UUID, *codes: str) -> Act:
        async def act(uow: UnitOfWork) -> None:
            await redemption_rows.replace_code(uow.session, uow.community_id, redemption, codes)

        return act

    return await town.meet(replace(bought[0], "123456"), replace(bought[1], "123456", "654321"))


async def _audited_twice(town: Town) -> str:
    await town.open_household()
    town.clock.advance(timedelta(days=1))
    told = await town.meet(does(audits.audit_nightly), does(audits.audit_nightly))
    nights = "SELECT count(*) FROM points.nightly_audit WHERE community_id = $1"
    return f"{told}, {await town.owner.fetchval(nights, town.people.community_id)} kept"


STORE = {
    "one code for two": Meeting("redemptions.replace_code", _one_code_for_two, "ok", "23505"),
    "books audited twice": Meeting("audits.lock_due_schedule", _audited_twice, "ok, 1 kept", "23505, 1 kept"),
    "goods given up and fetched": Meeting(
        "redemptions.get_by_code_for_update",
        _given_up_and_fetched,
        "PickupCodeUnknownError",
        "HoldAlreadyResolvedError",
    ),
    "goods given up twice": Meeting(
        "redemptions.get_for_update", _given_up_twice, "WrongStateError", "HoldAlreadyResolvedError"
    ),
    "goods given up and run out of time": Meeting(
        "redemptions.find_due_for_update", _given_up_and_expired, "ok", "HoldAlreadyResolvedError"
    ),
    "goods given up and brought home": Meeting(
        "redemptions.lock_many", _given_up_and_brought_home, "NotDeliverableError", "ok"
    ),
    "goods bought and fetched": Meeting("stock.move_stock", _bought_and_fetched, "ok", "ok", frozenset({"I8"})),
    "goods bought and written off": Meeting("stock.lock_buckets", _bought_and_written_off, "StockShortError", "23514"),
    "claims posted twice": Meeting("claims.lock_due", _two_post_claims, "ok 0", "ok 1"),
    "two volunteers": Meeting("deliveries.get_for_update", _two_volunteers, "DeliveryNotFoundError", "ok"),
    "a count approved twice": Meeting(
        "stocktakes.get_for_update", _approved_twice, "WrongStateError, 7 left", "ok, 4 left"
    ),
    "two hands at a product": Meeting("store.get_for_update", _two_hands_at_a_product, "PreconditionError", "ok"),
    "two hands at a supplier": Meeting("suppliers.get_for_update", _two_hands_at_a_supplier, "PreconditionError", "ok"),
    "a tree retired and asked for": Meeting("adoptions.get_asset", _retired_and_asked_for, "AssetRetiredError", "ok"),
    "an adoption withdrawn and agreed to": Meeting(
        "adoptions.get", _withdrawn_and_agreed_to, "WrongStateError, withdrawn", "ok, agreed"
    ),
    "an adoption signed as it lapses": Meeting(
        "adoptions.find_locked", _signed_as_it_lapses, "ok, active", "ok, withdrawn"
    ),
    "care found bad and good": Meeting(
        "duties.get", _care_found_bad_and_good, "DutyAlreadyJudgedError, failed", "ok, passed"
    ),
    "two last votes": Meeting("boards.get", _two_last_votes, "WrongStateError", "ok"),
    "a warning put right as it hangs": Meeting(
        "boards.find_due_for_update", _put_right_as_it_hangs, "ok, cured", "ok, listed"
    ),
    "a warning rejected and exempted": Meeting(
        "boards.list_open_warnings_for_update", _rejected_and_exempted, "ok: ", "ok: 不列入提醒榜"
    ),
    "two policies of boards": Meeting("boards.next_policy_version", _two_policies_of_boards, "ok", "23505"),
}
"""By what meets."""
