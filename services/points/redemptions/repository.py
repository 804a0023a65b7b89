"""Every statement of redemptions, the hot path's call included."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.redemptions.domain import OPEN, WITH_CODE, Filters, Redemption, State
from services.points.redemptions.errors import PickupCodeUnknownError, RedemptionNotFoundError
from services.points.redemptions.models import Redemption as Row
from shared.db import Database
from shared.kernel.errors import UnavailableError
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen, Points
from shared.pagination import PageRequest, Slice, before, within

REDEEM: Final = "SELECT points.redeem($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, false, $13)"


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which redemptions this principal may see: those of its own household, or all for those who run and watch the store."""
    if principal.has(Role.STOREKEEPER, Role.SUPERVISOR, Role.COMMUNITY_ADMIN):
        return true()
    return col(Row.household_id) == principal.household_id


def _domain(row: Row) -> Redemption:
    return Redemption(
        id=row.id,
        household_id=row.household_id,
        account_id=row.account_id,
        product_id=row.product_id,
        product_name=row.product_name,
        quantity=row.quantity,
        points=Points(row.points),
        batch_id=row.batch_id,
        bucket_number=row.bucket_number,
        hold_id=row.hold_id,
        state=State(row.state),
        pickup_code=row.pickup_code,
        expires_at=row.expires_at,
        created_at=row.created_at,
        ended_at=row.ended_at,
        proxy_name=row.proxy_name,
        reason=row.reason,
        proxy_for=row.proxy_for,
        handed_over_by=row.handed_over_by,
        taken_back_by=row.taken_back_by,
        taken_back_at=row.taken_back_at,
        cash_fen=Fen(row.cash_fen),
        cash_received_fen=Fen(row.cash_received_fen),
    )


async def redeem(
    database: Database,
    *,
    community_id: UUID,
    household_id: UUID,
    account_id: UUID,
    product_id: UUID,
    quantity: int,
    expected_price: int | None,
    expected_cash: int | None,
    key: str | None,
    request_hash: bytes,
    redemption_id: UUID,
    codes: Sequence[str],
    now: datetime,
    trace: str | None,
) -> dict[str, Any]:
    """Redeem in one round trip and return the outcome as `redeem.sql` describes it.

    Locks/IO: a transaction of its own; lock order in `redeem.sql`.
    Idempotency: by `key`, refusals included.
    """
    outcome: dict[str, Any] = await database.call(
        REDEEM,
        community_id,
        household_id,
        account_id,
        product_id,
        quantity,
        expected_price,
        key,
        request_hash,
        redemption_id,
        codes,
        now,
        trace,
        expected_cash,
    )
    return outcome


async def get(session: AsyncSession, principal: Principal, redemption_id: UUID) -> Redemption:
    """Return a redemption this principal may see.

    Errors: RedemptionNotFoundError.
    """
    statement = select(Row).where(col(Row.id) == redemption_id, visible_to(principal))
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise RedemptionNotFoundError
    return _domain(row)


async def get_for_update(session: AsyncSession, principal: Principal, redemption_id: UUID) -> Redemption:
    """Return a redemption this principal may see and lock its row.

    Errors: RedemptionNotFoundError.
    """
    statement = select(Row).where(col(Row.id) == redemption_id, visible_to(principal)).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise RedemptionNotFoundError
    return _domain(row)


async def get_by_code(session: AsyncSession, code: str) -> Redemption:
    """Return the open redemption a pickup code stands for.

    Errors: PickupCodeUnknownError.
    """
    statement = select(Row).where(col(Row.pickup_code) == code, col(Row.state).in_(WITH_CODE))
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise PickupCodeUnknownError
    return _domain(row)


async def list_some(
    session: AsyncSession, principal: Principal, redemption_ids: Sequence[UUID]
) -> Sequence[Redemption]:
    """Return those of these redemptions that this principal may see, lowest id first."""
    statement = select(Row).where(col(Row.id).in_(redemption_ids), visible_to(principal)).order_by(col(Row.id))
    return [_domain(row) for row in (await session.execute(statement)).scalars().all()]


async def get_by_code_for_update(session: AsyncSession, code: str) -> Redemption:
    """Return the open redemption a pickup code stands for and lock its row.

    Errors: PickupCodeUnknownError.
    """
    statement = select(Row).where(col(Row.pickup_code) == code, col(Row.state).in_(WITH_CODE)).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise PickupCodeUnknownError
    return _domain(row)


async def lock_many(session: AsyncSession, redemption_ids: Sequence[UUID]) -> dict[UUID, Redemption]:
    """Return the redemptions there are among these and lock their rows, lowest id first."""
    statement = select(Row).where(col(Row.id).in_(redemption_ids)).order_by(col(Row.id)).with_for_update()
    rows = (await session.execute(statement.execution_options(populate_existing=True))).scalars().all()
    return {row.id: _domain(row) for row in rows}


async def list_open(session: AsyncSession, now: datetime, limit: int) -> Sequence[Redemption]:
    """Return redemptions whose code opens now and that nothing is to be paid for, soonest deadline first."""
    statement = (
        select(Row)
        .where(col(Row.state).in_(WITH_CODE), col(Row.expires_at) > now, col(Row.cash_fen) == 0)
        .order_by(col(Row.expires_at), col(Row.id))
        .limit(limit)
    )
    return [_domain(row) for row in (await session.execute(statement)).scalars().all()]


async def list_between(session: AsyncSession, since: datetime, until: datetime) -> Sequence[Redemption]:
    """Return redemptions made from `since` to before `until`, oldest first, for the sheet."""
    statement = (
        select(Row)
        .where(col(Row.created_at) >= since, col(Row.created_at) < until)
        .order_by(col(Row.created_at), col(Row.id))
    )
    return [_domain(row) for row in (await session.execute(statement)).scalars().all()]


async def find_due_for_update(session: AsyncSession, redemption_id: UUID, now: datetime) -> Redemption | None:
    """Return an open redemption past its time and lock it; None when it ended meanwhile or somebody is at it."""
    statement = (
        select(Row)
        .where(col(Row.id) == redemption_id, col(Row.state).in_(OPEN), col(Row.expires_at) <= now)
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return open redemptions past their time in all communities, oldest deadline first."""
    statement = (
        select(col(Row.community_id), col(Row.id))
        .where(col(Row.state).in_(OPEN), col(Row.expires_at) <= now)
        .order_by(col(Row.expires_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def list_page(
    session: AsyncSession, principal: Principal, page: PageRequest, filters: Filters, now: datetime
) -> Slice[Redemption]:
    """Return redemptions this principal may see, newest first; one past its time is in none of the states that wait for pickup."""
    statement = (
        select(Row)
        .where(visible_to(principal), within(col(Row.created_at), filters.span.begins_at, filters.span.ends_at))
        .order_by(col(Row.created_at).desc(), col(Row.id).desc())
        .limit(page.limit + 1)
    )
    if filters.state is not None:
        statement = statement.where(col(Row.state) == filters.state)
    if filters.state in WITH_CODE:
        statement = statement.where(col(Row.expires_at) > now)
    wanted = {"household_id": filters.household_id, "product_id": filters.product_id, "batch_id": filters.batch_id}
    for name, one in wanted.items():
        if one is not None:
            statement = statement.where(col(getattr(Row, name)) == one)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(Row.created_at), col(Row.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row).seen_at(now) for row in rows], page.limit, lambda r: (r.created_at, r.id))


async def save_state(session: AsyncSession, redemption_id: UUID, state: State, **facts: Any) -> None:
    """Write what a locked redemption became; what is not told stays as it was."""
    await session.execute(update(Row).where(col(Row.id) == redemption_id).values(state=state, **facts))


async def replace_code(session: AsyncSession, community_id: UUID, redemption_id: UUID, codes: Sequence[str]) -> None:
    """Give a locked redemption the first of these codes that no open redemption has.

    Locks/IO: the code, without waiting: somebody may be about to write the same, see `redeem.sql`.
    Errors: UnavailableError when every code offered is in use.
    """
    for code in codes:
        name = f"pickup code {community_id}{code}"
        is_ours = (
            await session.execute(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0))))
        ).scalar_one()
        in_use = exists().where(col(Row.pickup_code) == code, col(Row.state).in_(WITH_CODE))
        if is_ours and not (await session.execute(select(in_use))).scalar_one():
            await session.execute(update(Row).where(col(Row.id) == redemption_id).values(pickup_code=code))
            return
    raise UnavailableError


async def release(
    session: AsyncSession,
    *,
    community_id: UUID,
    redemption_id: UUID,
    state: State,
    actor: UUID | None,
    reason: str,
    now: datetime,
    trace: str | None,
) -> None:
    """End a locked redemption without a hand-over: points, limit and stock go back, and the fact is told.

    Locks/IO: errands, account, bucket.
    Errors: HoldAlreadyResolvedError.
    """
    await session.execute(
        text("SELECT points.release_redemption(:community_id, :id, :state, :actor, :reason, :now, :trace)"),
        {
            "community_id": community_id,
            "id": redemption_id,
            "state": state,
            "actor": actor,
            "reason": reason,
            "now": now,
            "trace": trace,
        },
    )


async def close_errands(
    session: AsyncSession, *, community_id: UUID, redemption_id: UUID, reason: str, now: datetime, trace: str | None
) -> None:
    """End what was arranged around a redemption that ends: a delivery not made, an installation not done."""
    await session.execute(
        text("SELECT points.close_errands(:community_id, :id, :reason, :now, :trace)"),
        {"community_id": community_id, "id": redemption_id, "reason": reason, "now": now, "trace": trace},
    )
