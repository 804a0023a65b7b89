"""The real ledger and store against a model in plain Python: after every step both tell the same story and the audit is clean."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from services.points.audits.repository import list_breaches
from services.points.ledger.domain import AccountKind, Asset, SystemAccount
from services.points.ledger.errors import AlreadyReversedError, HoldAlreadyResolvedError, InsufficientBalanceError
from services.points.redemptions import usecases as redemptions
from services.points.redemptions.errors import SoldOutError
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.errors import DomainError
from shared.kernel.principal import Role
from shared.kernel.values import Fen
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from shared.uow import UnitOfWork
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit
from tests.points.workloads.model import House, Model
from tests.points.workloads.replay import kept_balances, replayed_balances

T = TypeVar("T")
STOCK, PRICE = 12, 9
GRACE = timedelta(hours=1)
MOST = 1_000

houses = st.integers(0, 2)
amounts = st.integers(1, 90)


@dataclass
class World:
    """What the machine's thread needs from the tests' own event loop."""

    loop: asyncio.AbstractEventLoop
    clock: FixedClock
    work_in: WorkIn
    client_for: ClientFor
    open_household: OpenHousehold
    apps: Any

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


class Points(RuleBasedStateMachine):
    """Three households, one product, and everything that happens to them."""

    world: ClassVar[World]
    holds = Bundle("holds")
    transfers = Bundle("transfers")
    bought = Bundle("bought")

    @initialize()
    def open(self) -> None:
        """Open the households' files and put the product on the shelf."""
        self.people = People(new_id())
        self.books = Books(self.world.work_in, self.people.community_id)
        self.model = Model(stock=STOCK, price=PRICE)
        self.undone: set[UUID] = set()
        self.lots = 0
        kit = StoreKit(self.world.client_for, self.people)
        self.product = self.world.do(kit.stock(price=PRICE, quantity=STOCK, household_limit=MOST))
        for _ in range(3):
            self.model.houses[self.world.do(self.world.open_household(self.people.community_id))] = House()
        self.merchant = self.world.do(self.books.open(AccountKind.MERCHANT, new_id()))

    def at(self, number: int) -> UUID:
        """Return a household by number."""
        return list(self.model.houses)[number]

    @property
    def now(self) -> Any:
        return self.world.clock.now()

    def refused(self, error: type[DomainError], work: Coroutine[Any, Any, Any]) -> None:
        """Try something that must be refused."""
        with pytest.raises(error):
            self.world.do(work)

    @rule(target=transfers, house=houses, amount=amounts, days=st.integers(1, 9))
    def earn(self, house: int, amount: int, days: int) -> UUID:
        """Earn points that expire at a moment of their own."""
        self.lots += 1
        expires_at = self.now + timedelta(days=days, microseconds=self.lots)
        transfer = self.world.do(self.books.earn(self.at(house), amount, lot_expires_at=expires_at))
        self.model.earn(self.at(house), transfer, amount, expires_at, self.now)
        return transfer

    @rule(target=transfers, house=houses, amount=st.integers(1, 250))
    def deduct(self, house: int, amount: int) -> Any:
        """Lose points, whether they are there or not."""
        deduction = self.world.do(self.books.deduct(self.at(house), amount))
        lent, taken = self.model.deduct(self.at(house), amount, self.now)
        assert (deduction.arrears, deduction.spendable_taken) == (lent, amount - lent)
        self.model.note(deduction.standing_transfer_id, deduction.spendable_transfer_id, self.at(house), amount, taken)
        return multiple(deduction.standing_transfer_id, deduction.spendable_transfer_id)

    @rule(target=holds, house=houses, amount=amounts, hours=st.integers(1, 90))
    def hold(self, house: int, amount: int, hours: int) -> Any:
        """Set points aside."""
        expires_at = self.now + timedelta(hours=hours)
        work = self.books.hold(self.at(house), amount, expires_at)
        if self.model.houses[self.at(house)].usable(self.now) < amount:
            self.refused(InsufficientBalanceError, work)
            return multiple()
        hold = self.world.do(work)
        assert self.model.hold(self.at(house), hold, amount, expires_at, self.now)
        return hold

    @rule(hold=holds)
    def release(self, hold: UUID) -> None:
        """Give back what was set aside."""
        if hold not in self.model.holds:
            return self.refused(HoldAlreadyResolvedError, self.books.release(hold))
        self.world.do(self.books.release(hold))
        return self.model.release(hold)

    @rule(target=transfers, hold=holds, is_merchant=st.booleans())
    def capture(self, hold: UUID, *, is_merchant: bool) -> Any:
        """Spend what was set aside."""
        work = self.books.capture(hold, self.merchant if is_merchant else SystemAccount.STORE)
        if hold not in self.model.holds:
            self.refused(HoldAlreadyResolvedError, work)
            return multiple()
        transfer = self.world.do(work)
        self.model.capture(hold, transfer)
        return transfer

    @rule(transfer=transfers)
    def reverse(self, transfer: UUID) -> None:
        """Undo a transfer, once."""
        if transfer in self.undone:
            return self.refused(AlreadyReversedError, self.books.reverse(transfer))
        self.undone.add(transfer)
        self.world.do(self.books.reverse(transfer))
        return self.model.reverse(transfer, self.now)

    @rule(target=bought, house=houses, quantity=st.integers(1, 6))
    def redeem(self, house: int, quantity: int) -> Any:
        """Redeem the product."""
        redemption = new_id()
        work = redemptions.redeem(
            database=self.world.apps.runtime("points").database,
            principal=self.people.resident(self.at(house)),
            product_id=self.product,
            quantity=quantity,
            expected_price=PRICE,
            key=redemption.hex,
            request_hash=b"",
            redemption_id=redemption,
            codes=[f"{redemption.int % 10**12:012}"],
            now=self.now,
        )
        outcome = self.model.redeem(self.at(house), redemption, quantity, self.now + timedelta(hours=72), self.now)
        if outcome != "ok":
            refusal = {"sold_out": SoldOutError, "insufficient_balance": InsufficientBalanceError}[outcome]
            self.refused(refusal, work)
            return multiple()
        assert self.world.do(work).redemption["points"] == PRICE * quantity
        return redemption

    @rule(redemption=bought)
    def cancel(self, redemption: UUID) -> None:
        """Give goods up that are not yet picked up."""
        if redemption in self.model.holds:
            keeper = self.people.staff(Role.STOREKEEPER)
            self.act(
                lambda uow: redemptions.cancel_redemption(
                    uow=uow, principal=keeper, redemption_id=redemption, reason="不要了"
                )
            )
            self.model.release(redemption)

    @rule(redemption=bought)
    def pick_up(self, redemption: UUID) -> None:
        """Fetch goods in time."""
        hold = self.model.holds.get(redemption)
        if hold is not None and self.now < hold.expires_at:
            self.act(
                lambda uow: redemptions.pick_up_by_code(
                    uow=uow,
                    principal=self.people.staff(Role.STOREKEEPER),
                    code=f"{redemption.int % 10**12:012}",
                    redemption_id=redemption,
                    proxy_name=None,
                    cash_received=Fen(0),
                )
            )
            self.model.capture(redemption, None)

    @rule(hours=st.sampled_from([1, 30, 71]))
    def wait(self, hours: int) -> None:
        """Let time pass; what is long past its time is swept up, what has only just ended is not."""
        self.world.clock.advance(timedelta(hours=hours))
        for hold_id, hold in list(self.model.holds.items()):
            if hold.expires_at + GRACE <= self.now:
                if hold.quantity:
                    self.act(lambda uow, due=hold_id: redemptions.expire_redemption(uow=uow, redemption_id=due))  # type: ignore[misc]
                else:
                    self.world.do(self.books.release(hold_id))
                self.model.release(hold_id)

    def act(self, act: Callable[[UnitOfWork], Awaitable[Any]]) -> None:
        """Do something in one unit of work."""
        self.world.do(self.books.work(act))

    @invariant()
    def both_tell_the_same(self) -> None:
        """Balances, lots, debts and goods are those of the model; the audit is clean; transfers alone give the same balances."""
        if not hasattr(self, "merchant"):
            return
        said = self.world.do(self.books.work(self._say))
        expected = {
            house: (owner.available, self.model.held(house), owner.standing, owner.debt, dict(+owner.lots))
            for house, owner in self.model.houses.items()
        }
        assert said == expected | {self.product: (self.model.stock, self.model.reserved)}

    async def _say(self, uow: UnitOfWork) -> dict[UUID, Any]:
        assert await list_breaches(uow.session, uow.now) == []
        assert await replayed_balances(uow) == await kept_balances(uow)
        said: dict[UUID, Any] = {}
        accounts = {
            (row.owner_id, row.kind, row.asset): row
            for row in await uow.session.execute(
                text("SELECT id, owner_id, kind, asset, available, held FROM points.account")
            )
        }
        lots = (
            await uow.session.execute(
                text(
                    "SELECT account_id, expires_at, sum(remaining)::int AS left FROM points.lot WHERE remaining > 0 GROUP BY 1, 2"
                )
            )
        ).all()
        for house in self.model.houses:
            spendable = accounts[house, AccountKind.HOUSEHOLD, Asset.SPENDABLE]
            debt = accounts.get((house, AccountKind.ARREARS, Asset.SPENDABLE))
            said[house] = (
                spendable.available,
                spendable.held,
                accounts[house, AccountKind.HOUSEHOLD, Asset.STANDING].available,
                0 if debt is None else -debt.available,
                {lot.expires_at: lot.left for lot in lots if lot.account_id == spendable.id},
            )
        goods = await uow.session.execute(
            text("SELECT sum(available)::int, sum(reserved)::int FROM points.stock_bucket WHERE product_id = :id"),
            {"id": self.product},
        )
        said[self.product] = tuple(goods.one())
        return said


async def test_the_books_are_the_model(
    apps: Any, clock: FixedClock, work_in: WorkIn, client_for: ClientFor, open_household: OpenHousehold
) -> None:
    Points.world = World(asyncio.get_running_loop(), clock, work_in, client_for, open_household, apps)
    chosen = settings(
        max_examples=7,
        stateful_step_count=22,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )

    await asyncio.to_thread(run_state_machine_as_test, Points, settings=chosen)
