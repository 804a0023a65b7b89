"""Several goods at once: redeemed together, all or nothing, and handed over together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.points.baskets import repository
from services.points.baskets.domain import Line, arrange
from services.points.baskets.errors import BasketNotFoundError
from services.points.redemptions import usecases as redemptions
from services.points.redemptions.domain import Action, Pickup, Redemption, acting_as, check_cash, decide, has_code
from services.points.redemptions.errors import PickupCodeUnknownError, refusal_of
from shared.db import Database
from shared.idempotency import IdempotencyKeyReusedError
from shared.kernel.principal import Principal, Role
from shared.kernel.values import Fen
from shared.telemetry import current_trace
from shared.uow import UnitOfWork, translated


@dataclass(frozen=True, slots=True)
class RedeemedBasket:
    """What `redeem_basket` came to: the redemptions as written, and whether the answer is a repeated one."""

    basket_id: UUID
    redemptions: list[dict[str, Any]]
    is_replayed: bool


async def redeem_basket(
    *,
    database: Database,
    principal: Principal,
    lines: Sequence[Line],
    key: str | None,
    request_hash: bytes,
    basket_id: UUID,
    new_id: Callable[[], UUID],
    codes: Sequence[str],
    now: datetime,
) -> RedeemedBasket:
    """Hold points and stock for every line, or for none. `codes` are pickup codes to choose from, as many for each line.

    Locks/IO: one round trip, one commit of its own; product by product in the lock order of `redeem.sql`.
    Errors: those of `redeem`, with the facts `product_id` and `line` of the line that was refused; BasketTooLargeError,
        BasketRepeatsProductError.
    Idempotency: by `key`, refusals included.
    """
    arranged = [(line, new_id()) for line in arrange(lines)]
    with translated(database):
        outcome = await repository.redeem_basket(
            database,
            community_id=principal.community_id,
            household_id=principal.require_household(),
            account_id=principal.account_id,
            basket_id=basket_id,
            lines=arranged,
            codes=codes,
            key=key,
            request_hash=request_hash,
            now=now,
            trace=current_trace(),
        )
    if "reused" in outcome:
        raise IdempotencyKeyReusedError
    if "refusal" in outcome:
        raise refusal_of(outcome["refusal"], outcome["facts"])
    return RedeemedBasket(UUID(outcome["basket_id"]), outcome["redemptions"], is_replayed="replayed" in outcome)


async def get_basket(*, uow: UnitOfWork, principal: Principal, basket_id: UUID) -> Sequence[Redemption]:
    """Return a basket's redemptions.

    Errors: BasketNotFoundError, also for one the caller may not see.
    """
    await repository.get(uow.session, basket_id)
    ids = await repository.list_redemption_ids(uow.session, basket_id)
    rows = await redemptions.list_some(uow=uow, principal=principal, redemption_ids=ids)
    if not rows:
        raise BasketNotFoundError
    return rows


async def pick_up_basket(
    *,
    uow: UnitOfWork,
    principal: Principal,
    code: str,
    redemption_id: UUID | None,
    proxy_name: str | None,
    cash_received: Fen,
) -> Sequence[Redemption]:
    """Hand over everything of a basket that still waits, to whoever brings the code of any of its goods.

    Locks/IO: the redemptions' rows, lowest id first; then accounts; stock buckets last.
    Errors: ForbiddenError; PickupCodeUnknownError; BasketNotFoundError; OwnCounterError; RedemptionExpiredError; CashDueError.
    """
    principal.require(Role.STOREKEEPER)
    shown = await redemptions.find_by_code(uow=uow, code=code)
    if redemption_id is not None and shown.id != redemption_id:
        raise PickupCodeUnknownError
    basket_id = await repository.find_basket_of(uow.session, shown.id)
    if basket_id is None:
        raise BasketNotFoundError
    ids = await repository.list_redemption_ids(uow.session, basket_id)
    locked = await redemptions.lock_redemptions(uow=uow, redemption_ids=ids)
    if not has_code(locked[shown.id].state):
        raise PickupCodeUnknownError
    waiting = [redemption for redemption in locked.values() if has_code(redemption.state)]
    for redemption in waiting:
        decide(redemption, Action.PICK_UP, acting_as(principal, redemption), uow.now)
    check_cash(Fen(sum(redemption.cash_fen for redemption in waiting)), cash_received)
    await redemptions.hand_over(
        uow=uow, actor=principal.account_id, pickups=[Pickup(redemption, proxy_name) for redemption in waiting]
    )
    return await redemptions.list_some(uow=uow, principal=principal, redemption_ids=ids)
