"""Balances computed again from the transfers alone, as if no account had ever kept one."""

from collections import Counter
from uuid import UUID

from sqlalchemy import text

from shared.uow import UnitOfWork


async def replayed_balances(uow: UnitOfWork) -> dict[UUID, int]:
    """Return what each live account owns by the transfers of the community, oldest first or not: sums do not mind."""
    balances: Counter[UUID] = Counter()
    for row in await uow.session.execute(text("SELECT from_account_id, to_account_id, amount FROM points.transfer")):
        balances[row.from_account_id] -= row.amount
        balances[row.to_account_id] += row.amount
    live = (await uow.session.execute(text("SELECT id FROM points.account WHERE kind <> 'system'"))).scalars()
    return {account_id: balances[account_id] for account_id in live}


async def kept_balances(uow: UnitOfWork) -> dict[UUID, int]:
    """Return what each live account says it owns."""
    rows = await uow.session.execute(
        text("SELECT id, available + held AS owned FROM points.account WHERE kind <> 'system'")
    )
    return {row.id: row.owned for row in rows}
