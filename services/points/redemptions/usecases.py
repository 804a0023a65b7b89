"""What a household, a storekeeper and the clock do with redemptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import SystemAccount, TransferKind
from services.points.redemptions import repository
from services.points.redemptions.domain import (
    LIFE,
    Action,
    Actor,
    Filters,
    Pickup,
    Redemption,
    State,
    acting_as,
    check_cash,
    check_reason,
    decide,
    span_of,
)
from services.points.redemptions.errors import PickupCodeUnknownError, refusal_of
from services.points.steps import usecases as steps
from services.points.stock import usecases as stock
from shared.contracts.events import RedemptionPickedUp, RedemptionReturned
from shared.db import Database
from shared.idempotency import IdempotencyKeyReusedError
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen
from shared.pagination import PageRequest, Slice
from shared.telemetry import current_trace
from shared.uow import UnitOfWork, translated


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What `redeem` came to: the fields of the redemption as written, and whether the answer is a repeated one."""

    redemption: dict[str, Any]
    is_replayed: bool


async def redeem(
    *,
    database: Database,
    principal: Principal,
    product_id: UUID,
    quantity: int,
    expected_price: int | None,
    expected_cash: int | None = None,
    key: str | None,
    request_hash: bytes,
    redemption_id: UUID,
    codes: Sequence[str],
    now: datetime,
) -> Redeemed:
    """Hold points and stock for the caller's household.

    `codes` are pickup codes to choose from; the first that no open redemption has is taken.

    Locks/IO: one round trip, one commit of its own; lock order in `redeem.sql`.
    Errors: NoHouseholdError, AccountNotFoundError, InsufficientBalanceError, NotOnSaleError, PriceChangedError, HouseholdLimitError,
        SoldOutError; IdempotencyKeyReusedError when the key stands for another request.
    Idempotency: by `key`, refusals included.
    """
    with translated(database):
        outcome = await repository.redeem(
            database,
            community_id=principal.community_id,
            household_id=principal.require_household(),
            account_id=principal.account_id,
            product_id=product_id,
            quantity=quantity,
            expected_price=expected_price,
            expected_cash=expected_cash,
            key=key,
            request_hash=request_hash,
            redemption_id=redemption_id,
            codes=codes,
            now=now,
            trace=current_trace(),
        )
    if "reused" in outcome:
        raise IdempotencyKeyReusedError
    if "refusal" in outcome:
        raise refusal_of(outcome["refusal"], outcome["facts"])
    return Redeemed(outcome["redemption"], is_replayed="replayed" in outcome)


async def list_redemptions(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, filters: Filters
) -> Slice[Redemption]:
    """Return the redemptions the caller may see, newest first."""
    return await repository.list_page(uow.session, principal, page, filters, uow.now)


async def export_redemptions(
    *, uow: UnitOfWork, principal: Principal, from_on: date, to_on: date
) -> Sequence[Redemption]:
    """Return what was redeemed on these days, both included, oldest first.

    Errors: ForbiddenError; ExportSpanError.
    """
    principal.require(Role.STOREKEEPER, Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    return await repository.list_between(uow.session, *span_of(from_on, to_on))


async def get_redemption(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID) -> Redemption:
    """Return a redemption.

    Errors: RedemptionNotFoundError, also for one the caller may not see.
    """
    return (await repository.get(uow.session, principal, redemption_id)).seen_at(uow.now)


async def list_actions(
    *, uow: UnitOfWork, principal: Principal, redemption_id: UUID
) -> tuple[Redemption, list[Action]]:
    """Return a redemption and what the caller could do with it now.

    Errors: RedemptionNotFoundError.
    """
    redemption = await get_redemption(uow=uow, principal=principal, redemption_id=redemption_id)
    return redemption, LIFE.actions(redemption.state, acting_as(principal, redemption))


async def prepare_redemption(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID) -> Redemption:
    """Say that the goods lie ready at the counter.

    Locks/IO: the redemption's row.
    Errors: RedemptionNotFoundError, ForbiddenError, WrongStateError, OwnCounterError, RedemptionExpiredError.
    """
    redemption = await repository.get_for_update(uow.session, principal, redemption_id)
    state = decide(redemption, Action.PREPARE, acting_as(principal, redemption), uow.now)
    await move_redemption(
        uow=uow, redemption=redemption, action=Action.PREPARE, state=state, actor=principal.account_id
    )
    return await repository.get(uow.session, principal, redemption_id)


async def renew_code(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID, codes: Sequence[str]) -> Redemption:
    """Replace the pickup code, because somebody else has seen it or too many wrong ones were told; the old one opens nothing more.

    `codes` are pickup codes to choose from; the first that no open redemption has is taken.

    Locks/IO: the redemption's row.
    Errors: RedemptionNotFoundError, ForbiddenError, WrongStateError, RedemptionExpiredError.
    """
    redemption = await repository.get_for_update(uow.session, principal, redemption_id)
    state = decide(redemption, Action.RENEW_CODE, acting_as(principal, redemption), uow.now)
    await repository.replace_code(uow.session, uow.community_id, redemption_id, codes)
    await _record(uow, redemption, Action.RENEW_CODE, state, principal.account_id)
    return await repository.get(uow.session, principal, redemption_id)


async def cancel_redemption(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID, reason: str) -> Redemption:
    """Give the goods up: points go back to the lots they came from, stock to its shelf, the limit's share to the household.

    Locks/IO: the redemption's row, its errands, the account, the bucket.
    Errors: RedemptionNotFoundError, CancelReasonMissingError, ForbiddenError, WrongStateError.
    """
    redemption = await repository.get_for_update(uow.session, principal, redemption_id)
    actors = acting_as(principal, redemption)
    check_reason(actors, reason)
    await _release(uow, redemption, Action.CANCEL, actors, principal.account_id, reason)
    return await repository.get(uow.session, principal, redemption_id)


async def refuse_redemption(*, uow: UnitOfWork, redemption: Redemption, reason: str) -> None:
    """Let a locked redemption go that property cannot fit: what was held is the household's again.

    Locks/IO: its errands, the account, the bucket.
    Errors: WrongStateError.
    """
    await _release(uow, redemption, Action.REFUSE, frozenset({Actor.PROPERTY}), None, reason)


async def expire_redemption(*, uow: UnitOfWork, redemption_id: UUID) -> None:
    """End a redemption nobody came for.

    Locks/IO: the redemption's row unless somebody is at it, its errands, the account, the bucket.
    Idempotency: without effect when it is no longer due.
    """
    redemption = await repository.find_due_for_update(uow.session, redemption_id, uow.now)
    if redemption is not None:
        await _release(uow, redemption, Action.EXPIRE, frozenset({Actor.CLOCK}), None, "")


async def _release(
    uow: UnitOfWork, redemption: Redemption, action: Action, actors: frozenset[Actor], actor: UUID | None, reason: str
) -> None:
    state = decide(redemption, action, actors, uow.now)
    await _record(uow, redemption, action, state, actor, reason)
    await repository.release(
        uow.session,
        community_id=uow.community_id,
        redemption_id=redemption.id,
        state=state,
        actor=actor,
        reason=reason,
        now=uow.now,
        trace=current_trace(),
    )


async def _record(
    uow: UnitOfWork, redemption: Redemption, action: Action, state: State, actor: UUID | None, reason: str = ""
) -> None:
    await steps.record_step(
        uow=uow, subject_id=redemption.id, action=action, state=state, account_id=actor, reason=reason
    )


async def pick_up_by_code(
    *,
    uow: UnitOfWork,
    principal: Principal,
    code: str,
    redemption_id: UUID | None,
    proxy_name: str | None,
    cash_received: Fen,
) -> Redemption:
    """Hand the goods over to whoever brings the code; the hold becomes spending.

    `redemption_id` is what the QR code said; six digits alone do without. `proxy_name` is who came for the household, `cash_received`
    what the storekeeper got of them.

    Locks/IO: the redemption's row, then the account, the stock bucket last.
    Errors: ForbiddenError; PickupCodeUnknownError; OwnCounterError; RedemptionExpiredError; CashDueError.
    Idempotency: a code opens its redemption once; a second use is PickupCodeUnknownError.
    """
    principal.require(Role.STOREKEEPER)
    redemption = await repository.get_by_code_for_update(uow.session, code)
    if redemption_id is not None and redemption.id != redemption_id:
        raise PickupCodeUnknownError
    decide(redemption, Action.PICK_UP, acting_as(principal, redemption), uow.now)
    check_cash(redemption.cash_fen, cash_received)
    await hand_over(uow=uow, actor=principal.account_id, pickups=[Pickup(redemption, proxy_name)])
    return await repository.get(uow.session, principal, redemption.id)


async def hand_over(
    *, uow: UnitOfWork, actor: UUID, pickups: Sequence[Pickup], then_credited: Sequence[UUID] = ()
) -> None:
    """Hand over redemptions whose rows the caller holds and has decided about: holds become spending, pieces leave the shelf.

    The cash due is there (`check_cash`). `then_credited` are households whose accounts the caller will need afterwards.

    Locks/IO: errands by redemption; accounts by id; stock buckets by product, batch and number, so that two counters never wait for each other.
    Errors: HoldAlreadyResolvedError.
    """
    in_order = sorted(pickups, key=lambda p: p.redemption.id)
    for pickup in in_order:
        await _close_errands(uow, pickup.redemption, State.PICKED_UP)
    owners = {pickup.redemption.household_id for pickup in pickups}.union(then_credited)
    await ledger.lock_owners(uow=uow, owner_ids=owners)
    for pickup in in_order:
        await _spend(uow, pickup.redemption, State.PICKED_UP, actor, pickup.proxy_name)
        await _record(uow, pickup.redemption, Action.PICK_UP, State.PICKED_UP, actor, pickup.reason)
    for pickup in sorted(pickups, key=lambda p: p.redemption.goods):
        await _leave_shelf(uow, pickup.redemption, actor)
        uow.announce(pickup.redemption.id, RedemptionPickedUp(**pickup.redemption.told()))


async def _close_errands(uow: UnitOfWork, redemption: Redemption, reason: State) -> None:
    await repository.close_errands(
        uow.session,
        community_id=uow.community_id,
        redemption_id=redemption.id,
        reason=reason,
        now=uow.now,
        trace=current_trace(),
    )


async def _spend(
    uow: UnitOfWork, redemption: Redemption, state: State, actor: UUID | None, proxy_name: str | None
) -> None:
    home = None if proxy_name is None else await ledger.get_household(uow=uow, household_id=redemption.household_id)
    await repository.save_state(
        uow.session,
        redemption.id,
        state,
        ended_at=uow.now,
        handed_over_by=actor,
        proxy_name=proxy_name,
        proxy_for=None if home is None else home.householder_name,
        cash_received_fen=redemption.cash_fen,
    )
    await ledger.capture_hold(
        uow=uow,
        hold_id=redemption.hold_id,
        to=SystemAccount.STORE,
        kind=TransferKind.REDEMPTION,
        source_id=redemption.id,
        summary=f"兑换 {redemption.product_name} × {redemption.quantity}",
        acting_account_id=actor or redemption.account_id,
    )


async def _leave_shelf(uow: UnitOfWork, redemption: Redemption, actor: UUID | None) -> None:
    await stock.hand_over(uow=uow, goods=redemption.goods, cause_id=redemption.id, actor=actor or redemption.account_id)


async def lock_redemptions(*, uow: UnitOfWork, redemption_ids: Sequence[UUID]) -> dict[UUID, Redemption]:
    """Return the redemptions there are among these and keep them from changing.

    Locks/IO: their rows, lowest id first.
    """
    return await repository.lock_many(uow.session, redemption_ids)


async def find_by_code(*, uow: UnitOfWork, code: str) -> Redemption:
    """Return the redemption a pickup code opens, unlocked.

    Errors: PickupCodeUnknownError.
    """
    return await repository.get_by_code(uow.session, code)


async def list_some(*, uow: UnitOfWork, principal: Principal, redemption_ids: Sequence[UUID]) -> Sequence[Redemption]:
    """Return those of these redemptions that the caller may see, lowest id first."""
    return await repository.list_some(uow.session, principal, redemption_ids)


async def list_open(*, uow: UnitOfWork, principal: Principal, limit: int) -> Sequence[Redemption]:
    """Return redemptions whose code opens now and that nothing is to be paid for, soonest deadline first.

    Errors: ForbiddenError.
    """
    principal.require(Role.STOREKEEPER)
    return await repository.list_open(uow.session, uow.now, limit)


async def get_for_update(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID) -> Redemption:
    """Return a redemption and keep it from changing.

    Locks/IO: its row.
    Errors: RedemptionNotFoundError, also for one the caller may not see.
    """
    return await repository.get_for_update(uow.session, principal, redemption_id)


async def move_redemption(
    *, uow: UnitOfWork, redemption: Redemption, action: Action, state: State, actor: UUID | None, **facts: Any
) -> None:
    """Write the state a locked redemption was decided to have, and by whom; None is the clock or property."""
    await repository.save_state(uow.session, redemption.id, state, **facts)
    await _record(uow, redemption, action, state, actor)


async def install_goods(*, uow: UnitOfWork, redemption: Redemption) -> None:
    """Note that property has fitted the goods of a locked redemption: its hold becomes spending, its pieces leave the shelf.

    Locks/IO: the account, the stock bucket last.
    """
    state = decide(redemption, Action.INSTALL, frozenset({Actor.PROPERTY}), uow.now)
    await _spend(uow, redemption, state, None, None)
    await _record(uow, redemption, Action.INSTALL, state, None)
    await _leave_shelf(uow, redemption, None)


async def return_redemption(
    *, uow: UnitOfWork, principal: Principal, redemption_id: UUID, reason: str, is_resellable: bool
) -> Redemption:
    """Take goods back: the points return to the lots they came from, with the expiry they had, and the cash to the household.

    Who handed the goods over stays on record.

    Locks/IO: the redemption's row, then the account and its lots, the stock bucket last.
    Errors: RedemptionNotFoundError, ForbiddenError, WrongStateError, OwnCounterError.
    """
    redemption = await repository.get_for_update(uow.session, principal, redemption_id)
    state = decide(redemption, Action.RETURN, acting_as(principal, redemption), uow.now)
    taken_back = {"taken_back_by": principal.account_id, "taken_back_at": uow.now}
    await repository.save_state(uow.session, redemption.id, state, reason=reason, **taken_back)
    await _record(uow, redemption, Action.RETURN, state, principal.account_id, reason)
    await _close_errands(uow, redemption, state)
    await ledger.reverse_capture(
        uow=uow,
        hold_id=redemption.hold_id,
        kind=TransferKind.RETURN,
        source_id=redemption.id,
        summary=f"退回 {redemption.product_name} × {redemption.quantity}",
        acting_account_id=principal.account_id,
    )
    await stock.take_back(
        uow=uow,
        goods=redemption.goods,
        cause_id=redemption.id,
        actor=principal.account_id,
        is_resellable=is_resellable,
        reason=reason,
    )
    uow.announce(redemption.id, RedemptionReturned(**redemption.told()))
    return await repository.get(uow.session, principal, redemption.id)
