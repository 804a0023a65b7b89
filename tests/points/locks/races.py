"""Two transactions that meet at one lock: the first has done its work and not yet committed when the second comes.

Nothing here depends on luck: the second is known to wait, or to have ended, before the first commits.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.points.audits.repository import list_breaches
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, HoldOutcome, SystemAccount, TransferKind
from shared.ids import new_id
from shared.kernel.errors import DomainError
from shared.kernel.principal import Role
from shared.refusals import sqlstate
from shared.testing.clients import ClientFor, People
from shared.uow import UnitOfWork
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit
from tests.points.workloads.rows import Rows, insertion

Act = Callable[[UnitOfWork], Awaitable[Any]]
REDEEM = (
    "SELECT points.redeem(:community, :home, :account, :product, :quantity, NULL, NULL, NULL, :id, :codes, :now, NULL)"
)
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@dataclass
class World:
    """One community, and a connection that sees who waits."""

    books: Books
    store: StoreKit
    open_household: OpenHousehold
    people: People
    client_for: ClientFor
    clock: Any
    owner: Any
    hear: Any

    async def meet(self, first: Act, second: Act) -> str:
        """Let the second come while the first has not committed; return what the second was told."""
        async with self.books.work_in("points", self.people.community_id) as uow:
            await first(uow)
            await uow.flush()
            coming = asyncio.create_task(self.told(second))
            while not coming.done() and not await self.waiting():  # noqa: ASYNC110 - the server makes it true.
                await asyncio.sleep(0.005)
        return await coming

    async def told(self, act: Act) -> str:
        """Do something in a transaction and return what came of it: "ok" and what it returned, or the name of the refusal."""
        try:
            result = await self.books.work(act)
        except DomainError as error:
            return type(error).__name__
        except DBAPIError as error:
            return str(sqlstate(error))
        return "ok" if result is None else f"ok {result}"

    async def waiting(self) -> int:
        """Return how many wait for a lock."""
        count: int = await self.owner.fetchval(WAITING)
        return count

    async def until_waiting(self, *tasks: asyncio.Task[str]) -> None:
        """Wait until each of these waits for a lock."""
        async with asyncio.timeout(60):
            while await self.waiting() < len(tasks):
                assert not any(task.done() for task in tasks), [task.result() for task in tasks if task.done()]
                await self.owner.execute("SELECT pg_stat_clear_snapshot()")
                await asyncio.sleep(0.005)

    async def write(self, table: str, **facts: Any) -> None:
        """Write a row as the database's owner."""
        rows = await Rows.read(self.owner)
        row = rows.good(table) | {"community_id": str(self.people.community_id)} | facts
        await self.owner.execute(insertion(table, row))

    async def breaches(self) -> set[str]:
        """Return which invariants are broken in the community."""
        return {
            breach.invariant.name for breach in await self.books.work(lambda uow: list_breaches(uow.session, uow.now))
        }

    def redeem(
        self, home: UUID, product: UUID, *, quantity: int = 1, codes: list[str] | None = None, told: bool = False
    ) -> Act:
        """Redeem inside a transaction that stays open; `told` returns the refusal, or nothing."""
        redemption = new_id()

        async def act(uow: UnitOfWork) -> Any:
            facts = {
                "community": uow.community_id,
                "home": home,
                "account": new_id(),
                "product": product,
                "quantity": quantity,
                "id": redemption,
                "codes": codes or [f"{redemption.int % 10**12:012}"],
                "now": uow.now,
            }
            outcome = (await uow.session.execute(text(REDEEM), facts)).scalar_one()
            return outcome.get("refusal") if told else None

        return act

    async def bought(self, home: UUID, product: UUID) -> UUID:
        """Return a redemption that waits for pickup."""
        answer = await self.store.household(home).post("/api/v1/points/redemptions", json={"product_id": str(product)})
        return UUID(answer.json()["id"])

    def earn(self, home: UUID, amount: int) -> Act:
        """Give spendable points."""
        return lambda uow: _silent(
            ledger.credit_household(
                uow=uow, household_id=home, asset=Asset.SPENDABLE, amount=amount, kind=TransferKind.CLAIM,
                source_id=new_id(), summary="测试",
            )
        )  # fmt: skip

    def hold(self, home: UUID, amount: int) -> Act:
        """Set points aside."""
        return lambda uow: _silent(
            ledger.hold_points(
                uow=uow,
                household_id=home,
                amount=amount,
                purpose="测试",
                expires_at=self.clock.now().replace(year=2030),
            )
        )

    def release(self, hold: UUID) -> Act:
        """Give a hold back."""
        return lambda uow: ledger.release_hold(uow=uow, hold_id=hold, outcome=HoldOutcome.RELEASED)

    def capture(self, hold: UUID) -> Act:
        """Spend a hold."""
        return lambda uow: _silent(
            ledger.capture_hold(
                uow=uow, hold_id=hold, to=SystemAccount.STORE, kind=TransferKind.VOUCHER, source_id=new_id(),
                summary="测试", acting_account_id=None,
            )
        )  # fmt: skip

    @property
    def keeper(self) -> Any:
        """A storekeeper."""
        return self.people.staff(Role.STOREKEEPER)


async def _silent(work: Awaitable[Any]) -> None:
    await work


def sql(statement: str, **facts: Any) -> Act:
    """Return an act that is one statement; what it returns is told."""

    async def act(uow: UnitOfWork) -> Any:
        given = {"community": uow.community_id, "now": uow.now} | facts
        wanted = {name: value for name, value in given.items() if f":{name}" in statement}
        return (await uow.session.execute(text(statement), wanted)).scalar_one_or_none()

    return act


def transfer(giver: UUID, taker: UUID) -> Act:
    """Return an act that moves one spendable point between two accounts."""
    return lambda uow: _silent(
        ledger.post(
            uow=uow, asset=Asset.SPENDABLE, amount=1, from_account_id=giver, to_account_id=taker,
            kind=TransferKind.AWARD, source_id=new_id(), summary="测试",
        )
    )  # fmt: skip
