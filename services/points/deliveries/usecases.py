"""Goods brought home by neighbours, who earn points for it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.budgets import usecases as budgets
from services.points.deliveries import repository
from services.points.deliveries.domain import LIFE, Action, Delivery, State, acting_as, decide
from services.points.deliveries.errors import DeliveryCodeWrongError, NotDeliverableError
from services.points.deliveries.models import Delivery as Row
from services.points.help_policies import usecases as help_policies
from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, TransferKind
from services.points.redemptions import usecases as redemptions
from services.points.redemptions.domain import Action as RedemptionAction
from services.points.redemptions.domain import Actor as RedemptionActor
from services.points.redemptions.domain import Pickup, Redemption, has_code, span_of
from services.points.redemptions.domain import acting_as as acting_as_to
from services.points.redemptions.domain import decide as decide_redemption
from services.points.redemptions.errors import RedemptionNotFoundError
from services.points.steps import usecases as steps
from shared.contracts.events import DeliveryMoved
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def request_delivery(*, uow: UnitOfWork, principal: Principal, redemption_id: UUID, note: str) -> Delivery:
    """Ask a neighbour to bring goods home, for the reward that is in force now.

    Locks/IO: the redemption's row.
    Errors: NoHouseholdError; RedemptionNotFoundError; NotDeliverableError; AlreadyOnItsWayError.
    """
    household_id = principal.require_household()
    redemption = (await redemptions.lock_redemptions(uow=uow, redemption_ids=[redemption_id])).get(redemption_id)
    if redemption is None or redemption.household_id != household_id:
        raise RedemptionNotFoundError
    if not has_code(redemption.state) or redemption.expires_at <= uow.now or redemption.cash_fen:
        raise NotDeliverableError
    household = await ledger.get_household(uow=uow, household_id=household_id)
    policy = await help_policies.get_delivery_policy(uow=uow)
    row = Row(
        community_id=uow.community_id,
        id=uow.new_id(),
        redemption_id=redemption_id,
        household_id=household_id,
        product_name=redemption.product_name,
        quantity=redemption.quantity,
        building_name=household.building_name,
        note=note,
        reward_points=policy.reward_points,
        requested_at=uow.now,
    )
    delivery = await repository.add(uow.session, row)
    await _record(uow, principal, delivery, "request")
    _announce(uow, delivery)
    return delivery


async def take_delivery(*, uow: UnitOfWork, principal: Principal, delivery_id: UUID) -> Delivery:
    """Take a delivery on; the reward is charged to the budget now, so that it is there at the door.

    Locks/IO: the delivery's row, then the budget's.
    Errors: NoHouseholdError, HouseholdClosedError; DeliveryNotFoundError; ForbiddenError, WrongStateError; BudgetExhaustedError.
    """
    household_id = principal.require_household()
    await ledger.require_open_household(uow=uow, household_id=household_id)
    return await _move(
        uow,
        principal,
        delivery_id,
        Action.TAKE,
        is_charged=True,
        volunteer_account_id=principal.account_id,
        volunteer_household_id=household_id,
        volunteer_name=principal.name,
    )


async def drop_delivery(*, uow: UnitOfWork, principal: Principal, delivery_id: UUID) -> Delivery:
    """Give a delivery back to the others before the goods have left the store.

    Locks/IO: the delivery's row.
    Errors: DeliveryNotFoundError; ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, delivery_id, Action.DROP, **NOBODY)


async def send_delivery(*, uow: UnitOfWork, principal: Principal, delivery_id: UUID) -> Delivery:
    """Give the goods to the volunteer.

    Locks/IO: the delivery's row.
    Errors: DeliveryNotFoundError; ForbiddenError, WrongStateError, OwnDeliveryError.
    """
    return await _move(uow, principal, delivery_id, Action.SEND, sent_by=principal.account_id)


async def bring_back_delivery(*, uow: UnitOfWork, principal: Principal, delivery_id: UUID) -> Delivery:
    """Take goods back that could not be delivered; another volunteer may try.

    Locks/IO: the delivery's row.
    Errors: DeliveryNotFoundError; ForbiddenError, WrongStateError, OwnDeliveryError.
    """
    return await _move(uow, principal, delivery_id, Action.BRING_BACK, **NOBODY)


async def cancel_delivery(*, uow: UnitOfWork, principal: Principal, delivery_id: UUID) -> Delivery:
    """Do without delivery; the goods stay reserved at the store.

    Locks/IO: the delivery's row.
    Errors: DeliveryNotFoundError; ForbiddenError, WrongStateError.
    """
    return await _move(uow, principal, delivery_id, Action.CANCEL, ended_at=uow.now, is_charged=False)


NOBODY: dict[str, Any] = {
    "volunteer_account_id": None,
    "volunteer_household_id": None,
    "volunteer_name": "",
    "sent_by": None,
    "is_charged": False,
}


async def _move(uow: UnitOfWork, principal: Principal, delivery_id: UUID, action: Action, **facts: Any) -> Delivery:
    delivery = await repository.get_for_update(uow.session, principal, delivery_id)
    state = decide(delivery, action, principal)
    await repository.save(uow.session, delivery_id, state, **facts)
    if action is Action.TAKE and delivery.reward_points:
        await budgets.charge_budget(uow=uow, amount=delivery.reward_points, source_id=delivery.id)
    elif facts.get("is_charged") is False:
        await budgets.refund_budget(uow=uow, source_id=delivery.id)
    moved = await repository.get(uow.session, principal, delivery_id)
    await _record(uow, principal, moved, action)
    _announce(uow, moved)
    return moved


async def get_carried(*, uow: UnitOfWork, principal: Principal, delivery_id: UUID) -> Delivery:
    """Return a delivery that the caller could hand over now.

    Errors: DeliveryNotFoundError; ForbiddenError, WrongStateError.
    """
    delivery = await repository.get(uow.session, principal, delivery_id)
    decide(delivery, Action.HAND_OVER, principal)
    return delivery


async def hand_over_delivery(
    *, uow: UnitOfWork, principal: Principal, delivery_id: UUID, code: str, redemption_id: UUID | None
) -> Delivery:
    """Hand goods over at the door with the household's code: held points become spending, and the volunteer's household earns points.

    Locks/IO: the redemption's row, the delivery's row, the accounts of both households by id, the stock bucket last.
    Errors: DeliveryNotFoundError; ForbiddenError, WrongStateError; DeliveryCodeWrongError; RedemptionExpiredError.
    Idempotency: one reward per delivery.
    """
    seen = await repository.get(uow.session, principal, delivery_id)
    locked = await redemptions.lock_redemptions(uow=uow, redemption_ids=[seen.redemption_id])
    redemption = locked[seen.redemption_id]
    delivery = await repository.get_for_update(uow.session, principal, delivery_id)
    state = decide(delivery, Action.HAND_OVER, principal)
    if delivery.volunteer_household_id is None:
        raise ForbiddenError
    if redemption.pickup_code != code or redemption_id not in {None, redemption.id}:
        raise DeliveryCodeWrongError
    decide_redemption(redemption, RedemptionAction.PICK_UP, frozenset({RedemptionActor.VOLUNTEER}), uow.now)
    await repository.save(uow.session, delivery_id, state, ended_at=uow.now)
    await redemptions.hand_over(
        uow=uow,
        actor=principal.account_id,
        pickups=[Pickup(redemption, delivery.volunteer_name or "志愿者", "邻居送货上门")],
        then_credited=[delivery.volunteer_household_id],
    )
    await _reward(uow, delivery)
    delivered = await repository.get(uow.session, principal, delivery_id)
    _announce(uow, delivered)
    return delivered


async def _reward(uow: UnitOfWork, delivery: Delivery) -> None:
    if not delivery.reward_points or delivery.volunteer_household_id is None:
        return
    standing, spendable = [
        await ledger.credit_household(
            uow=uow,
            household_id=delivery.volunteer_household_id,
            asset=asset,
            amount=delivery.reward_points,
            kind=TransferKind.DELIVERY,
            source_id=delivery.id,
            summary=f"送货上门 {delivery.product_name}",
            acting_account_id=delivery.volunteer_account_id,
        )
        for asset in (Asset.STANDING, Asset.SPENDABLE)
    ]
    await repository.save(
        uow.session, delivery.id, State.DELIVERED, standing_transfer_id=standing, spendable_transfer_id=spendable
    )


async def return_goods(
    *, uow: UnitOfWork, principal: Principal, redemption_id: UUID, reason: str, is_resellable: bool
) -> Redemption:
    """Take goods back, and with them what a neighbour earned who brought them home, when they go on the shelf again.

    Whoever carried goods that had to be thrown away did carry them, and keeps the reward; what can be sold again could otherwise be carried
    to and fro for points.

    Locks/IO: the redemption's row, the budget's row, the accounts of both households by id and their lots, the stock bucket last.
    Errors: RedemptionNotFoundError, ForbiddenError, WrongStateError, OwnCounterError.
    """
    redemption = await redemptions.get_for_update(uow=uow, principal=principal, redemption_id=redemption_id)
    decide_redemption(redemption, RedemptionAction.RETURN, acting_as_to(principal, redemption), uow.now)
    delivery = await repository.find_rewarded(uow.session, redemption_id) if is_resellable else None
    if delivery is not None:
        await _take_reward_back(uow, principal, delivery)
    return await redemptions.return_redemption(
        uow=uow, principal=principal, redemption_id=redemption_id, reason=reason, is_resellable=is_resellable
    )


async def _take_reward_back(uow: UnitOfWork, principal: Principal, delivery: Delivery) -> None:
    await budgets.refund_budget(uow=uow, source_id=delivery.id)
    households = [one for one in (delivery.household_id, delivery.volunteer_household_id) if one is not None]
    await ledger.lock_owners(uow=uow, owner_ids=households)
    for transfer_id in (delivery.standing_transfer_id, delivery.spendable_transfer_id):
        if transfer_id is not None:
            await ledger.reverse_transfer(
                uow=uow,
                transfer_id=transfer_id,
                source_id=delivery.id,
                summary=f"货已退回，送货奖励收回 {delivery.product_name}",
                acting_account_id=principal.account_id,
            )
    await repository.save(uow.session, delivery.id, delivery.state, reward_reversed_at=uow.now, is_charged=False)


async def free_reward(*, uow: UnitOfWork, delivery_id: UUID) -> None:
    """Give the budget back what was charged for a delivery that ended with its redemption.

    Locks/IO: the delivery's row unless somebody is at it, then the budget's.
    Idempotency: once.
    """
    if await repository.take_unused_charge(uow.session, delivery_id):
        await budgets.refund_budget(uow=uow, source_id=delivery_id)


async def find_unused_charges(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return deliveries in all communities that were cancelled while their reward stood in the budget."""
    return await repository.find_unused_charges(session, limit)


async def _record(uow: UnitOfWork, principal: Principal, delivery: Delivery, action: str) -> None:
    """Write a step of a delivery into the book of the redemption it is for; handing over is a step of the redemption itself."""
    await steps.record_step(
        uow=uow,
        subject_id=delivery.redemption_id,
        action=f"delivery_{action}",
        state=delivery.state,
        account_id=principal.account_id,
    )


def _announce(uow: UnitOfWork, delivery: Delivery) -> None:
    uow.announce(
        delivery.id,
        DeliveryMoved(
            delivery_id=delivery.id,
            redemption_id=delivery.redemption_id,
            household_id=delivery.household_id,
            product_name=delivery.product_name,
            volunteer_account_id=delivery.volunteer_account_id,
            state=delivery.state,
            moved_at=uow.now,
        ),
    )


async def get_delivery(*, uow: UnitOfWork, principal: Principal, delivery_id: UUID) -> Delivery:
    """Return a delivery.

    Errors: DeliveryNotFoundError, also for one the caller may not see.
    """
    return await repository.get(uow.session, principal, delivery_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, delivery_id: UUID) -> tuple[State, list[Action]]:
    """Return what the caller could do with a delivery now.

    Errors: DeliveryNotFoundError.
    """
    delivery = await repository.get(uow.session, principal, delivery_id)
    return delivery.state, LIFE.actions(delivery.state, acting_as(principal, delivery))


async def list_deliveries(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, state: State | None
) -> Slice[Delivery]:
    """Return the deliveries the caller may see, newest first."""
    return await repository.list_page(uow.session, principal, page, state=state)


async def export_deliveries(*, uow: UnitOfWork, principal: Principal, from_on: date, to_on: date) -> Sequence[Delivery]:
    """Return the deliveries asked for on these days, both included, oldest first.

    Errors: ForbiddenError; ExportSpanError.
    """
    principal.require(Role.STOREKEEPER, Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    return await repository.list_between(uow.session, *span_of(from_on, to_on))
