"""Opens accounts, moves points and reads what came of it, as other slices do through the ledger's use cases."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, SystemAccount, TransferKind
from shared.ids import new_id
from shared.testing.factories import WorkIn
from shared.uow import UnitOfWork

T = TypeVar("T")


@dataclass
class Books:
    """The books of the test's community; each call is a transaction of its own."""

    work_in: WorkIn
    community_id: UUID

    async def work(self, act: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Do something in one unit of work."""
        async with self.work_in("points", self.community_id) as uow:
            return await act(uow)

    async def open(self, kind: AccountKind, owner: UUID, asset: Asset = Asset.SPENDABLE) -> UUID:
        """Open an account."""
        return await self.work(lambda uow: ledger.open_account(uow=uow, kind=kind, owner_id=owner, asset=asset))

    async def of(self, household: UUID, asset: Asset = Asset.SPENDABLE) -> UUID:
        """Return a household's account."""
        return await self.open(AccountKind.HOUSEHOLD, household, asset)

    async def system(self, name: SystemAccount, asset: Asset = Asset.SPENDABLE) -> UUID:
        """Return one of the community's own accounts."""
        return await self.work(lambda uow: ledger.system_account(uow=uow, name=name, asset=asset))

    async def post(self, from_: UUID, to: UUID, amount: int, **facts: Any) -> UUID:
        """Move points between two accounts."""
        given: dict[str, Any] = {
            "asset": Asset.SPENDABLE,
            "kind": TransferKind.AWARD,
            "source_id": new_id(),
            "summary": "测试",
        } | facts
        return await self.work(
            lambda uow: ledger.post(uow=uow, amount=amount, from_account_id=from_, to_account_id=to, **given)
        )

    async def earn(self, household: UUID, amount: int, **facts: Any) -> UUID:
        """Let a household earn spendable points."""
        given: dict[str, Any] = {
            "asset": Asset.SPENDABLE,
            "kind": TransferKind.CLAIM,
            "source_id": new_id(),
            "summary": "楼道清扫",
        } | facts
        return await self.work(
            lambda uow: ledger.credit_household(uow=uow, household_id=household, amount=amount, **given)
        )

    async def deduct(self, household: UUID, amount: int, **facts: Any) -> Any:
        """Deduct points of both kinds."""
        given: dict[str, Any] = {"source_id": new_id(), "summary": "楼道堆物"} | facts
        return await self.work(
            lambda uow: ledger.deduct_household(uow=uow, household_id=household, amount=amount, **given)
        )

    async def hold(self, household: UUID, amount: int, expires_at: datetime) -> UUID:
        """Set points aside."""
        return await self.work(
            lambda uow: ledger.hold_points(
                uow=uow, household_id=household, amount=amount, purpose="测试", expires_at=expires_at
            )
        )

    async def capture(self, hold: UUID, to: SystemAccount | UUID) -> UUID:
        """Spend a hold."""
        return await self.work(
            lambda uow: ledger.capture_hold(
                uow=uow,
                hold_id=hold,
                to=to,
                kind=TransferKind.VOUCHER,
                source_id=new_id(),
                summary="测试",
                acting_account_id=None,
            )
        )

    async def release(self, hold: UUID) -> None:
        """Give a hold back."""
        await self.work(lambda uow: ledger.release_hold(uow=uow, hold_id=hold))

    async def reverse(self, transfer: UUID) -> UUID:
        """Undo a transfer."""
        return await self.work(
            lambda uow: ledger.reverse_transfer(
                uow=uow, transfer_id=transfer, source_id=new_id(), summary="更正", acting_account_id=None
            )
        )

    async def balance(self, account: UUID) -> tuple[int, int]:
        """Return what an account has available and held."""
        return await self.work(lambda uow: ledger.balance_of(uow=uow, account_id=account))

    async def has(self, household: UUID, asset: Asset = Asset.SPENDABLE) -> int:
        """Return what a household has available."""
        return (await self.balance(await self.of(household, asset)))[0]

    async def owes(self, household: UUID) -> int:
        """Return what a household owes."""
        return -(await self.balance(await self.open(AccountKind.ARREARS, household)))[0]

    async def lots(self, household: UUID) -> list[tuple[datetime | None, int, int]]:
        """Return expiry, amount and what is left of each lot of a household, oldest first."""
        account = await self.of(household)

        async def read(uow: UnitOfWork) -> list[tuple[datetime | None, int, int]]:
            rows = await uow.session.execute(
                text(
                    "SELECT expires_at, amount, remaining FROM points.lot WHERE account_id = :id ORDER BY created_at, id"
                ),
                {"id": account},
            )
            return [(row.expires_at, row.amount, row.remaining) for row in rows]

        return await self.work(read)

    async def lines(self, household: UUID, asset: Asset = Asset.SPENDABLE) -> list[tuple[str, int, int]]:
        """Return kind, amount and balance of each line of a household, oldest first."""
        account = await self.of(household, asset)

        async def read(uow: UnitOfWork) -> list[tuple[str, int, int]]:
            rows = await uow.session.execute(
                text(
                    "SELECT coalesce(t.kind, 'hold') AS kind, e.amount, e.available_after FROM points.entry e"
                    " LEFT JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id"
                    " WHERE e.account_id = :id ORDER BY e.version"
                ),
                {"id": account},
            )
            return [(row.kind, row.amount, row.available_after) for row in rows]

        return await self.work(read)
